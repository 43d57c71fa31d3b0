"""Search the full text of documents: BM25 of SQLite's FTS5, fused with sentence embeddings if there is an embedder.

The same documents give the same answers, in memory or on disk. If scores are equal, the earlier passage of the corpus
comes first.
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
"""Version of tables and tokens. An index of another version is built again."""
FUSED_PLACES = 100
"""Number of places of each ranking that are fused."""
RANK_CONSTANT = 60
"""Constant of reciprocal rank fusion (Cormack et al. 2009): a passage gets 1 / (RANK + its place) from each ranking."""
MAX_QUERY_TOKENS = 200
"""Largest number of tokens of a query."""

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
    """Maps sentences to unit vectors, like the text encoders of :mod:`auxjepa.probes.text`."""

    @property
    def key(self) -> str:
        """Digest of everything that can change a vector."""
        ...

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 vectors of length 1, (n, E).

        Args:
            texts: n sentences.
        """
        ...


class Index:
    """Passages of a corpus for searching. :meth:`build` makes an index, and ``with`` or :meth:`close` closes it."""

    def __init__(self, base: sqlite3.Connection, embed: Embedder | None) -> None:
        self._base, self._embed = base, embed
        self._ids, self._documents, self._vectors = (
            self._load_vectors() if embed else ([], [], np.zeros((0, 0), np.float32))
        )

    @classmethod
    def build(cls, documents: Sequence[Document], path: Path | None = None, *, embed: Embedder | None = None) -> Index:
        """Build an index of documents in memory or in a file.

        A file with the same documents and the same embedder is used again. Any other file, or a damaged one, is
        replaced.

        Args:
            documents: documents of the corpus.
            path: file of the index; in memory if None.
            embed: embedder of the passages; BM25 alone if None.
        """
        digest = _digest(documents, embed)
        if path is None:
            base = sqlite3.connect(":memory:")
            _fill(base, documents, digest, embed)
            return cls(base, embed)
        if not _fits(path, digest):
            with replacing(path) as partial, closing(sqlite3.connect(partial)) as base:
                _fill(base, documents, digest, embed)
        return cls(_open_read_only(path), embed)

    def search(self, query: str, k: int = 10, documents: Collection[str] | None = None) -> list[Passage]:
        """Return the best passages, best first.

        Any text is a valid query, because no part of it is an operator. Numbers match with and without their sign.
        Names with hyphens match whole, which ranks higher, and in parts.

        Args:
            query: text to search for.
            k: largest number of passages.
            documents: ids of the documents to search; all if None.
        """
        if k < 1:
            return []
        among = None if documents is None else json.dumps(sorted(documents))
        depth = k if self._embed is None else max(k, FUSED_PLACES)
        scores = dict(self._rank_by_words(query, among, depth))
        if self._embed is not None and query.strip():
            ranked_by_meaning = self._rank_by_meaning(query, None if documents is None else set(documents), depth)
            scores = _fuse(list(scores), ranked_by_meaning)
        best = sorted(scores, key=lambda passage: (-scores[passage], passage))[:k]
        return [self._load_passage(passage, scores[passage]) for passage in best]

    def __len__(self) -> int:
        return self._base.execute("SELECT count(*) FROM passages").fetchone()[0]

    def close(self) -> None:
        """Close the database."""
        self._base.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _rank_by_words(self, query: str, among: str | None, depth: int) -> list[tuple[int, float]]:
        words = list(dict.fromkeys(tokens(query)))[:MAX_QUERY_TOKENS]
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        return self._base.execute(_RANKED, (match, among, among, depth)).fetchall()

    def _rank_by_meaning(self, query: str, among: set[str] | None, depth: int) -> list[int]:
        assert self._embed is not None
        if not self._ids:
            return []
        near = self._vectors @ np.asarray(self._embed([query]), np.float32)[0]
        order = np.lexsort((self._ids, -near.round(5)))
        inside = (i for i in order.tolist() if among is None or self._documents[i] in among)
        return [self._ids[i] for i, _ in zip(inside, range(depth), strict=False)]

    def _load_vectors(self) -> tuple[list[int], list[str], np.ndarray]:
        rows = self._base.execute("SELECT id, document, vector FROM passages ORDER BY id").fetchall()
        vectors = np.stack([np.frombuffer(row[2], "<f4") for row in rows]) if rows else np.zeros((0, 0), np.float32)
        return [row[0] for row in rows], [row[1] for row in rows], vectors

    def _load_passage(self, passage: int, score: float) -> Passage:
        columns = "document, page, start, end, text, section"
        row = self._base.execute(f"SELECT {columns} FROM passages WHERE id = ?", (passage,)).fetchone()
        document, page, start, end, text, section = row
        span = Span(document=document, page=page, start=start, end=end, text=text)
        return Passage(span=span, section=section, score=score)


def tokens(text: str) -> list[str]:
    """Return the searchable tokens of a text: lower-case words, numbers with and without sign, names whole and in
    parts."""
    text = unicodedata.normalize("NFKC", text).replace("−", "-").casefold()
    out: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match[0].replace("+", "-") if match[0][0] not in "+-" else match[0]
        out.append(token)
        if token[0] in "+-":
            out.append(token[1:])
        elif "-" in token:
            out += token.split("-")
    return out


def _fuse(*rankings: Iterable[int]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, passage in enumerate(ranking, 1):
            scores[passage] = scores.get(passage, 0.0) + 1 / (RANK_CONSTANT + place)
    return scores


def _fill(base: sqlite3.Connection, documents: Sequence[Document], digest: str, embed: Embedder | None) -> None:
    all_passages = [passage for document in documents for passage in passages(document)]
    texts = [" ".join(passage.span.text.split()) for passage in all_passages]
    vectors = np.asarray(embed(texts), "<f4") if embed and texts else None
    with base:
        base.executescript(_SCHEMA)
        base.execute("INSERT INTO about VALUES (?)", (digest,))
        for number, (passage, text) in enumerate(zip(all_passages, texts, strict=True), 1):
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
        with closing(_open_read_only(path)) as base:
            is_sound = base.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            return is_sound and base.execute("SELECT digest FROM about").fetchone() == (digest,)
    except (sqlite3.DatabaseError, OSError):
        return False


def _open_read_only(path: Path) -> sqlite3.Connection:
    """Return a connection for reading only, so that several processes can search one file."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
