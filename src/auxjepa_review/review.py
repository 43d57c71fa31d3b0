"""Run a whole review: search, documents, claims, verification and reviewers."""

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
from auxjepa_review.paper import PAPER, rests_on_paper
from auxjepa_review.reading.corpus import read_corpus
from auxjepa_review.records import Document, Dossier, Finding, Statement
from auxjepa_review.reviewers import agreement
from auxjepa_review.reviewers.quality import judge
from auxjepa_review.search.concepts import content_stems
from auxjepa_review.search.index import Embedder, Index
from auxjepa_review.search.screen import Reader, Rules
from auxjepa_review.search.search import search_works
from auxjepa_review.search.sources import SOURCES
from auxjepa_review.verify import study as studies
from auxjepa_review.verify import verify

Progress = Callable[[str], None]
ResultsChoice = Literal["auto", "published", "none"]
"""Whether claims are compared with the paper's table: if a document rests on the paper, always, or never."""


def run_review(
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
    results: ResultsChoice = "auto",
    command: str = "",
    progress: Progress = lambda _: None,
) -> Outcome:
    """Review what a corpus, and the databases if ``online``, say about a question.

    Args:
        question: the question in plain words.
        corpus: folders and files to read.
        online: whether the databases are searched.
        sources: names of the databases.
        limit: largest number of works of each database.
        mailto: address for the databases' operators; ``$AUXJEPA_MAILTO`` if None.
        cache: folder of the databases' answers.
        rules: requirements for a work.
        fetch: reads the full texts of online works (see `auxjepa_review.search.search.search_works`).
        lexicon: names of methods, benchmarks and settings of another subject (YAML).
        embed: sentence embeddings in addition to BM25; BM25 alone if None.
        results: 'published' (the paper's table), 'none', or 'auto': the table for documents that rest on the paper.
        command: command that repeats the review.
        progress: function that is called with a line for every step.

    Raises:
        ConfigError: the question is empty, there is nothing to read or search, a source is unknown, the lexicon is not
            valid, or the library `krippendorff` is not installed.
    """
    if not corpus and not online:
        raise ConfigError("nothing to review: give --corpus DIR, or search the databases with --online")
    agreement.check_installed()
    clock = _Clock()
    names = load_lexicon([lexicon]) if lexicon else None
    with clock("reading"):
        read = read_corpus(
            corpus, progress=lambda number, total, path: progress(f"reading {number + 1} of {total}: {path.name}")
        )
    if corpus and not read.documents and not online:
        reasons = "; ".join(f"{r.path}: {r.reason}" for r in read.refused[:3]) or "no PDF, HTML, Markdown or text in it"
        raise ConfigError(f"nothing could be read: {reasons}")
    with clock("search"):
        result = search_works(
            question, read.documents, online=online, sources=sources, limit=limit, mailto=mailto, cache=cache,
            rules=rules, fetch=fetch, progress=progress,
        )  # fmt: skip
    documents = result.documents
    with clock("claims"):
        mentions = []
        for number, document in enumerate(documents):
            progress(f"claims {number + 1} of {len(documents)}: {document.id}")
            mentions += extract(document, names)
        statements = merge(mentions)
    with clock("index"):
        index = Index.build(documents, embed=embed)
    progress(f"verifying {len(statements)} statements")
    with clock("verification"):
        findings, evidence = _verify(statements, index, documents, results)
    with clock("reviewers"):
        panel = judge([make_dossier(document, findings) for document in documents])
    return Outcome(
        question=result.protocol.question,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence=evidence,
        protocol=result.protocol,
        documents=documents,
        refused=read.refused,
        findings=tuple(findings),
        panel=panel,
        decides=find_deciding_study(question),
        seconds=clock.seconds,
        versions=versions(),
    )


def make_dossier(document: Document, findings: Sequence[Finding]) -> Dossier:
    """Return a reviewer's input: a document, and the findings on its statements."""
    stated = [f for f in findings if f.stated_in(document.id)]
    return Dossier(document=document, findings=tuple(stated))


def _verify(
    statements: Sequence[Statement], index: Index, documents: Sequence[Document], results: ResultsChoice
) -> tuple[list[Finding], str]:
    """Return findings in the order of the statements, and a description of the evidence."""
    use_results = (
        rests_on_paper(statements, documents) if results == "auto" else [results == "published"] * len(statements)
    )
    findings = verify(statements, index, results="published", use_results=use_results, documents=documents)
    if not any(use_results):
        return findings, "the passages of the corpus"
    without_table = use_results.count(False)
    alone = f" ({without_table} by passages alone: their documents don't rest on that paper)" if without_table else ""
    return findings, f"the published table of arXiv {PAPER} and the passages{alone}"


MIN_SIMILARITY = 0.4
"""Smallest share of content words that two similar questions have in common."""


def find_deciding_study(question: str) -> str:
    """Return the command of the study for the most similar question of the ledger; '' if no question is similar."""
    claim_set = ledger.load()
    words = set(content_stems(question))
    similarity = {
        claim.id: max(
            _overlap(words, set(content_stems(text)))
            for text in (claim.statement, claim_set.documents[claim.document].question)
        )
        for claim in claim_set.claims
        if claim.kind == "question" and claim.document in claim_set.documents
    }
    best = max(similarity, key=similarity.__getitem__, default="")
    claim = next((c for c in claim_set.claims if c.id == best and similarity[best] >= MIN_SIMILARITY), None)
    return studies.command(claim) if claim else ""


def versions() -> dict[str, str]:
    """Return the versions of the package and of Python."""
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
