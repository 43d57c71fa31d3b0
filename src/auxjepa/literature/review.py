"""The whole way: question, search, documents, claims, verification, reviewers."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import auxjepa
from auxjepa.config import ConfigError
from auxjepa.evidence import claims as ledger
from auxjepa.literature.claims import extract, load_lexicon, merge
from auxjepa.literature.concepts import content
from auxjepa.literature.corpus import read_corpus
from auxjepa.literature.index import Embedder, Index
from auxjepa.literature.outcome import Outcome
from auxjepa.literature.quality import judge
from auxjepa.literature.records import Document, Dossier, Finding
from auxjepa.literature.screen import Rules
from auxjepa.literature.search import search
from auxjepa.literature.sources import SOURCES
from auxjepa.literature.verify import study as studies
from auxjepa.literature.verify import verify

PAPER = "2605.17165"
Tell = Callable[[str], None]


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
    lexicon: Path | None = None,
    embed: Embedder | None = None,
    results: str = "auto",
    command: str = "",
    tell: Tell = lambda _: None,
) -> Outcome:
    """Review what a corpus, and ``online`` the databases too, say on a question.

    Args:
        corpus: folders and files to read.
        rules, sources, limit, mailto, cache: of the search (`auxjepa.literature.search.search`).
        lexicon: names of methods, benchmarks and settings of another subject (YAML).
        embed: sentence embeddings beside BM25; BM25 alone when None.
        results: 'published' (the paper's table), 'none', or 'auto': the table for documents that rest on the paper.
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
        found = search(
            question, read.documents, online=online, sources=sources, limit=limit, mailto=mailto, cache=cache,
            rules=rules, progress=tell,
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
    used = "published" if results == "published" or (results == "auto" and rests_on_paper(documents)) else None
    tell(f"verifying {len(statements)} statements")
    with clock("verification"):
        findings = verify(statements, index, results=used, documents=documents)
    with clock("reviewers"):
        panel = judge([dossier(document, findings) for document in documents])
    return Outcome(
        question=found.protocol.question,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        evidence="the published table of arXiv 2605.17165 and the passages" if used else "the passages of the corpus",
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


def rests_on_paper(documents: Sequence[Document]) -> bool:
    """Whether a document is the paper whose table this package has, or cites it."""
    return any(d.work.arxiv == PAPER or f"arxiv:{PAPER}" in d.references for d in documents)


def deciding(question: str) -> str:
    """The study that asks a question of the ledger, where it is this one in other words; '' otherwise."""
    known = ledger.load()
    asked = set(content(question))
    near = {
        claim.id: max(
            _overlap(asked, set(content(text))) for text in (claim.statement, known.documents[claim.document].question)
        )
        for claim in known.claims
        if claim.kind == "question" and claim.document in known.documents
    }
    best = max(near, key=near.__getitem__, default="")
    claim = next((c for c in known.claims if c.id == best and near[best] >= 0.5), None)
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
    return len(a & b) / max(1, min(len(a), len(b)))
