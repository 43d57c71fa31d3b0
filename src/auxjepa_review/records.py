"""Records of a review: works, documents, places in documents, claims, findings and marks.

question ─► works ─► documents ─► mentions ─► statements ─► findings ─► reviews ─► report
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from auxjepa.config import Count, Share, Typed
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check, Entry

Word = Literal["supported", "contradicted", "not found", "not testable"]
"""Verdict on a claim. 'not found': the evidence contains nothing about it."""


class Work(Typed):
    """Record of a publication from a database or a folder."""

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str = Field(default="", description="ISO date, if the day is known")
    venue: str = ""
    doi: str = Field(default="", description="lower case, without https://doi.org/")
    arxiv: str = Field(default="", description="2605.17165, without version")
    url: str = ""
    fulltext: str = Field(default="", description="address of its full text, if a database lists it as open")
    abstract: str = ""
    language: str = Field(default="", description="code from a database, such as 'en'; empty if unknown")
    source: str = Field(default="corpus", description="database of the record")
    file: Path | None = Field(default=None, description="file of its text, for a work of the local corpus")


class Document(Typed):
    """A work with its text. Offsets count characters of the repaired text of a page."""

    id: str = Field(min_length=1, description="unique in the corpus: the file's name without ending, an arXiv id")
    work: Work
    pages: tuple[str, ...] = Field(min_length=1, description="repaired text; a file without pages is one page")
    rows: tuple[ClaimRow, ...] = Field(default=(), description="rows of its table of claims, if it has one")
    references: tuple[str, ...] = Field(default=(), description="works that it cites: arxiv:ID, doi:ID")

    @property
    def text(self) -> str:
        """All pages, separated by form feeds."""
        return "\f".join(self.pages)

    def span(self, page: int, start: int, end: int) -> Span:
        """Return the place ``pages[page - 1][start:end]``.

        Args:
            page: number of the page, from 1.
            start: first character.
            end: character after the last one.
        """
        return Span(document=self.id, page=page, start=start, end=end, text=self.pages[page - 1][start:end])


class Span(Typed):
    """A place in a document: ``pages[page - 1][start:end] == text``."""

    document: str
    page: Count
    start: int = Field(ge=0)
    end: int
    text: str

    @model_validator(mode="after")
    def _measured(self) -> Span:
        if self.end - self.start != len(self.text):
            raise ValueError(f"{self.document} page {self.page}: {self.start} to {self.end} isn't its text's length")
        return self


class ClaimRow(Typed):
    """One row of a document's own table of claims, with the document's verdict on it."""

    number: Count
    span: Span
    text: str = Field(description="the sentence on one line")
    verified: bool | None = None
    confidence: Share | None = None
    cut: bool = Field(default=False, description="whether the row ends in mid-sentence")


class Passage(Typed):
    """A place that a search returned. Scores are comparable within one search only; higher is better."""

    span: Span
    section: str = ""
    score: float = 0.0
    source: str = Field(default="", description="its source, if known: the document, or the work that it repeats")


class Mention(Typed):
    """A claim at its place: one measurable statement of a sentence. A sentence can make several."""

    claim: Claim
    span: Span = Field(description="the sentence")
    row: ClaimRow | None = Field(default=None, description="the row of the document's table that makes the claim")
    section: str = ""
    inferred: tuple[str, ...] = Field(default=(), description="additions to the sentence, each with its rule")
    setting: tuple[str, ...] = Field(default=(), description="conditions and metrics in the words of the sentence")

    def noted(self, prefix: str) -> str:
        """Return the text after the prefix of the first note in ``inferred`` that begins with it; '' if there is
        none."""
        return next((note.removeprefix(prefix) for note in self.inferred if note.startswith(prefix)), "")


class Statement(Typed):
    """Equal claims of several mentions. The id of the claim depends on its content, so that equal claims are merged."""

    claim: Claim
    mentions: tuple[Mention, ...] = Field(min_length=1)
    disagreements: tuple[str, ...] = Field(default=(), description="how documents contradict each other on it")


class Finding(Typed):
    """The result of verifying a statement."""

    statement: Statement
    word: Word
    probability: Share = Field(description="calibrated probability that the claim is true as stated; 0.5 if unknown")
    reason: str = Field(description="one sentence, with the numbers")
    checks: tuple[Check, ...] = ()
    supporting: tuple[Passage, ...] = Field(default=(), description="best first")
    opposing: tuple[Passage, ...] = ()
    entry: Entry | None = Field(default=None, description="the ledger's verdict, if the ledger can judge it")
    command: str = Field(default="", description="command of the study that would decide it")

    def stated_in(self, document: str) -> bool:
        """Check whether a document makes the statement."""
        return any(mention.span.document == document for mention in self.statement.mentions)


class Mark(Typed):
    """Points for one criterion, and the reason for lost points."""

    criterion: str
    points: float = Field(ge=0)
    possible: float = Field(gt=0)
    reason: str


class Review(Typed):
    """One reviewer's marks for one document. A reviewer sees no other review."""

    reviewer: str
    document: str
    marks: tuple[Mark, ...] = Field(min_length=1)

    @property
    def score(self) -> float:
        """Score from 0 to 10."""
        return 10 * sum(m.points for m in self.marks) / sum(m.possible for m in self.marks)


class Dossier(Typed):
    """The input of a reviewer: a document and the findings on it."""

    document: Document
    findings: tuple[Finding, ...] = Field(default=(), description="on statements that the document mentions")


for _record in (Document, Span):
    _record.model_rebuild()
