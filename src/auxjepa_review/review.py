"""The whole way: question, search, documents, claims, verification, reviewers."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import auxjepa
from auxjepa.config import ConfigError
from auxjepa.evidence.ledger import claims as ledger
from auxjepa_review.claims import extract, load_lexicon, merge
from auxjepa_review.outcome import Outcome
from auxjepa_review.paper import PAPER, about_paper
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Dossier, Finding, Statement
from auxjepa_review.reviewers.quality import judge
from auxjepa_review.search.concepts import content_stems
from auxjepa_review.search.index import Embedder, Index
from auxjepa_review.search.screen import Reader, Rules
from auxjepa_review.search.search import search_works
from auxjepa_review.search.sources import SOURCES
from auxjepa_review.verify import study as studies
from auxjepa_review.verify import verify

Tell = Callable[[str], None]
Judging = Literal["auto", "published", "none"]
"""Whether claims are held against the paper's table: where a document rests on the paper, always, never."""


def review(
    question: str,
    corpus: Sequence[Path] = (),
    *,
    online: bool = False,
    sources: Sequence[str] = tuple(SOURCES),
    limit: int = 50,
    mailto: str | None = None,
    cache: Path | None = None,
    rules: Rules | None = None,
    fetch: Reader | None = None,
    lexicon: Path | None = None,
    embed: Embedder | None = None,
    results: Judging = "auto",
    command: str = "",
    tell: Tell = lambda _: None,
) -> Outcome:
    """Review what a corpus, and ``online`` the databases too, say on a question.

    Args:
        corpus: folders and files to read.
        rules, sources, limit, mailto, cache, fetch: of the search (`auxjepa_review.search.search.search`).
        lexicon: names of methods, benchmarks and settings of another subject (YAML).
        embed: sentence embeddings beside BM25; BM25 alone when None.
        results: 'published' (the paper's table), 'none', or 'auto': the table for what documents say that rest on the
            paper.
        tell: called with a line for every step.

    Raises:
        ConfigError: an empty question, nothing to read or to search, an unknown source, a lexicon that isn't one.
    """
    if not corpus and not online:
        raise ConfigError("nothing to review: give --corpus DIR, or search the databases with --online")
    clock = _Clock()
    names = load_lexicon([lexicon]) if lexicon else None
    with clock("reading"):
        read = read_corpus(corpus, progress=lambda done, of, path: tell(f"reading {done + 1} of {of}: {path.name}"))
    if corpus and not read.documents and not online:
        told = "; ".join(f"{r.path}: {r.reason}" for r in read.refused[:3]) or "no PDF, HTML, Markdown or text in it"
        raise ConfigError(f"nothing could be read: {told}")
    with clock("search"):
        found = search_works(
            question, read.documents, online=online, sources=sources, limit=limit, mailto=mailto, cache=cache,
            rules=rules, fetch=fetch, progress=tell,
        )  # fmt: skip
    documents = found.documents
    with clock("claims"):
        mentions = []
        for number, document in enumerate(documents):
            tell(f"claims {number + 1} of {len(documents)}: {document.id}")
            mentions += extract(document, names)
        statements = merge(mentions)
    with clock("index"):
        index = Index.build(documents, embed=embed)
    tell(f"verifying {len(statements)} statements")
    with clock("verification"):
        findings, evidence = _verified(statements, index, documents, results)
    with clock("reviewers"):
        panel = judge([dossier(document, findings) for document in documents])
    return Outcome(
        question=found.protocol.question,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=evidence,
        protocol=found.protocol,
        documents=documents,
        refused=read.refused,
        findings=tuple(findings),
        panel=panel,
        decides=deciding(question),
        seconds=clock.seconds,
        versions=versions(),
    )


def dossier(document: Document, findings: Sequence[Finding]) -> Dossier:
    """What reviewers see of a document: itself, and the findings on what it states."""
    own = [f for f in findings if f.stated_in(document.id)]
    return Dossier(document=document, findings=tuple(own))


def _verified(
    statements: Sequence[Statement], index: Index, documents: Sequence[Document], results: Judging
) -> tuple[list[Finding], str]:
    """Findings in the order of the statements, and in words what these were held against."""
    held = about_paper(statements, documents) if results == "auto" else [results == "published"] * len(statements)
    found = verify(statements, index, results="published", held=held, documents=documents)
    if not any(held):
        return found, "the passages of the corpus"
    apart = held.count(False)
    alone = f" ({apart} by passages alone: their documents don't rest on that paper)" if apart else ""
    return found, f"the published table of arXiv {PAPER} and the passages{alone}"


ALIKE = 0.4  # share of all content words that two questions have in common


def deciding(question: str) -> str:
    """The study that asks a question of the ledger, where it is this one in other words; '' otherwise."""
    known = ledger.load()
    asked = set(content_stems(question))
    near = {
        claim.id: max(
            _overlap(asked, set(content_stems(text)))
            for text in (claim.statement, known.documents[claim.document].question)
        )
        for claim in known.claims
        if claim.kind == "question" and claim.document in known.documents
    }
    best = max(near, key=near.__getitem__, default="")
    claim = next((c for c in known.claims if c.id == best and near[best] >= ALIKE), None)
    return studies.command(claim) if claim else ""


def versions() -> dict[str, str]:
    """What it ran on."""
    return {"auxjepa": auxjepa.__version__, "python": platform.python_version()}


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str):
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 2)


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, len(a | b))
