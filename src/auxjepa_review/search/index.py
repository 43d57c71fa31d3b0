"""Full-text search over documents: BM25 of SQLite's FTS5, fused with sentence embeddings where an embedder is given.

The same documents give the same answers, in memory or on disk; ties go to the passage that comes first in the corpus.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Protocol, runtime_checkable

import numpy as np

from auxjepa.files import replacing
from auxjepa_review.records import Document, Passage, Span
from auxjepa_review.search.passages import passages

VERSION = 1
"""Of tables and tokens: an index of another version is built anew."""
DEPTH = 100
"""Places of each ranking that are fused."""
RANK = 60
"""A passage gets 1 / (RANK + its place) of each ranking (reciprocal rank fusion, Cormack et al. 2009)."""
LONGEST_QUERY = 200
"""Tokens of a query that are searched for."""

_SCHEMA = """
CREATE TABLE about (digest TEXT NOT NULL);
CREATE TABLE passages (id INTEGER PRIMARY KEY, document TEXT, page INTEGER, start INTEGER, end INTEGER, text TEXT,
    section TEXT, vector BLOB);
CREATE VIRTUAL TABLE words USING fts5(tokens, content='',
    tokenize="porter unicode61 remove_diacritics 2 tokenchars '+-.'");
"""
_RANKED = """
SELECT words.rowid, -bm25(words) FROM words JOIN passages ON passages.id = words.rowid WHERE words MATCH ?
    AND (? IS NULL OR document IN (SELECT value FROM json_each(?))) ORDER BY round(bm25(words), 9), words.rowid LIMIT ?
"""
_TOKEN = re.compile(r"(?<![\w.])[+-]?\d+(?:[.,]\d+)*|[^\W_]+(?:[-+][^\W_]+)*")


@runtime_checkable
class Embedder(Protocol):
    """Turns sentences into unit vectors; the text encoders of :mod:`auxjepa.probes.text` do."""

    @property
    def key(self) -> str:
        """Digest of everything that can change a vector."""
        ...

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Float32 vectors of length 1, (n, E)."""
        ...


class Index:
    """Passages of a corpus that can be searched; made by :meth:`build`, closed by ``with`` or :meth:`close`."""

    def __init__(self, base: sqlite3.Connection, embed: Embedder | None) -> None:
        self._base, self._embed = base, embed
        self._ids, self._documents, self._vectors = (
            self._embedded() if embed else ([], [], np.zeros((0, 0), np.float32))
        )

    @classmethod
    def build(cls, documents: Sequence[Document], path: Path | None = None, *, embed: Embedder | None = None) -> Index:
        """An index of documents, in memory or in a file.

        A file that was built of the same documents with the same embedder is used as it is; another one, or a damaged
        one, is replaced.
        """
        digest = _digest(documents, embed)
        if path is None:
            base = sqlite3.connect(":memory:")
            _fill(base, documents, digest, embed)
            return cls(base, embed)
        if not _fits(path, digest):
            with replacing(path) as partial, closing(sqlite3.connect(partial)) as base:
                _fill(base, documents, digest, embed)
        return cls(_opened(path), embed)

    def search(self, query: str, k: int = 10, documents: Collection[str] | None = None) -> list[Passage]:
        """The ``k`` best passages, best first, of these documents only where some are named.

        Any text is a query: nothing in it is an operator. Numbers are found with and without their sign, names with
        hyphens whole (which ranks higher) and in parts.
        """
        if k < 1:
            return []
        among = None if documents is None else json.dumps(sorted(documents))
        depth = k if self._embed is None else max(k, DEPTH)
        scores = dict(self._ranked(query, among, depth))
        if self._embed is not None and query.strip():
            meant = self._meant(query, None if documents is None else set(documents), depth)
            scores = _fused(list(scores), meant)
        best = sorted(scores, key=lambda one: (-scores[one], one))[:k]
        return [self._passage(one, scores[one]) for one in best]

    def __len__(self) -> int:
        return self._base.execute("SELECT count(*) FROM passages").fetchone()[0]

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _ranked(self, query: str, among: str | None, depth: int) -> list[tuple[int, float]]:
        words = list(dict.fromkeys(tokens(query)))[:LONGEST_QUERY]
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        return self._base.execute(_RANKED, (match, among, among, depth)).fetchall()

    def _meant(self, query: str, among: set[str] | None, depth: int) -> list[int]:
        assert self._embed is not None
        if not self._ids:
            return []
        near = self._vectors @ np.asarray(self._embed([query]), np.float32)[0]
        order = np.lexsort((self._ids, -near.round(5)))
        inside = (i for i in order.tolist() if among is None or self._documents[i] in among)
        return [self._ids[i] for i, _ in zip(inside, range(depth), strict=False)]

    def _embedded(self) -> tuple[list[int], list[str], np.ndarray]:
        rows = self._base.execute("SELECT id, document, vector FROM passages ORDER BY id").fetchall()
        vectors = np.stack([np.frombuffer(row[2], "<f4") for row in rows]) if rows else np.zeros((0, 0), np.float32)
        return [row[0] for row in rows], [row[1] for row in rows], vectors

    def _passage(self, one: int, score: float) -> Passage:
        columns = "document, page, start, end, text, section"
        row = self._base.execute(f"SELECT {columns} FROM passages WHERE id = ?", (one,)).fetchone()
        document, page, start, end, text, section = row
        span = Span(document=document, page=page, start=start, end=end, text=text)
        return Passage(span=span, section=section, score=score)


def tokens(text: str) -> list[str]:
    """What is searched for: words in lower case, numbers with and without sign, names whole and in their parts."""
    text = unicodedata.normalize("NFKC", text).replace("−", "-").casefold()
    out: list[str] = []
    for found in _TOKEN.finditer(text):
        one = found[0].replace("+", "-") if found[0][0] not in "+-" else found[0]
        out.append(one)
        if one[0] in "+-":
            out.append(one[1:])
        elif "-" in one:
            out += one.split("-")
    return out


def _fused(*rankings: Iterable[int]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking, 1):
            scores[one] = scores.get(one, 0.0) + 1 / (RANK + place)
    return scores


def _fill(base: sqlite3.Connection, documents: Sequence[Document], digest: str, embed: Embedder | None) -> None:
    found = [passage for document in documents for passage in passages(document)]
    said = [" ".join(passage.span.text.split()) for passage in found]
    vectors = np.asarray(embed(said), "<f4") if embed and said else None
    with base:
        base.executescript(_SCHEMA)
        base.execute("INSERT INTO about VALUES (?)", (digest,))
        for number, (passage, text) in enumerate(zip(found, said, strict=True), 1):
            span = passage.span
            vector = None if vectors is None else vectors[number - 1].tobytes()
            values = (number, span.document, span.page, span.start, span.end, span.text, passage.section, vector)
            base.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            base.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (number, " ".join(tokens(text))))


def _digest(documents: Sequence[Document], embed: Embedder | None) -> str:
    total = hashlib.sha256(f"{VERSION} {embed.key if embed else ''}".encode())
    for document in documents:
        total.update(document.digest(exclude={"work"}).encode() + document.id.encode() + b"\0")
    return total.hexdigest()


def _fits(path: Path, digest: str) -> bool:
    if not path.exists():
        return False
    try:
        with closing(_opened(path)) as base:
            sound = base.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            return sound and base.execute("SELECT digest FROM about").fetchone() == (digest,)
    except (sqlite3.DatabaseError, OSError):
        return False


def _opened(path: Path) -> sqlite3.Connection:
    """Read only: several processes may search one file."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
