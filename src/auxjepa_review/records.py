"""What travels through a review, as typed records: works, documents, places in them, claims, findings, marks.

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
"""What verification says of a claim. 'not found': nothing in the evidence speaks of it."""


class Work(Typed):
    """A publication as a database or a folder knows it."""

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    date: str = Field(default="", description="ISO, where the day is known")
    venue: str = ""
    doi: str = Field(default="", description="lower case, without https://doi.org/")
    arxiv: str = Field(default="", description="2605.17165, without version")
    url: str = ""
    fulltext: str = Field(default="", description="address of its full text, where a database says that it is open")
    abstract: str = ""
    language: str = Field(default="", description="as a database says it: 'en'; empty where none says it")
    source: str = Field(default="corpus", description="the database it came from")
    file: Path | None = Field(default=None, description="where its text lies, for a work of the local corpus")


class Document(Typed):
    """A work that was read. Offsets count characters of the mended text of a page."""

    id: str = Field(min_length=1, description="unique in the corpus: the file's name without ending, an arXiv id")
    work: Work
    pages: tuple[str, ...] = Field(min_length=1, description="mended text; a file without pages is one page")
    rows: tuple[ClaimRow, ...] = Field(default=(), description="rows of its table of claims, where it has one")
    references: tuple[str, ...] = Field(default=(), description="works it cites: arxiv:ID, doi:ID")

    @property
    def text(self) -> str:
        """All pages, parted by form feeds."""
        return "\f".join(self.pages)

    def span(self, page: int, start: int, end: int) -> Span:
        """The place ``pages[page - 1][start:end]``."""
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
    """One row of a document's own table of claims: what it says, and what the document thinks of it."""

    number: Count
    span: Span
    text: str = Field(description="the sentence on one line")
    verified: bool | None = None
    confidence: Share | None = None
    cut: bool = Field(default=False, description="whether the row ends in mid-sentence")


class Passage(Typed):
    """A place that a search found; the better, the higher the score (comparable within one search only)."""

    span: Span
    section: str = ""
    score: float = 0.0
    source: str = Field(default="", description="whose word it is, where known: the document, or what it repeats")


class Mention(Typed):
    """A claim where it stands: one measurable statement of a sentence (a sentence can make several)."""

    claim: Claim
    span: Span = Field(description="the sentence")
    row: ClaimRow | None = Field(default=None, description="the row of the document's table that says it")
    section: str = ""
    inferred: tuple[str, ...] = Field(default=(), description="what the sentence doesn't say, and by which rule it is")
    setting: tuple[str, ...] = Field(default=(), description="conditions and metrics as worded, of no lexicon")

    def noted(self, prefix: str) -> str:
        """What the first note in ``inferred`` that begins with a prefix says behind it; '' where none does."""
        return next((note.removeprefix(prefix) for note in self.inferred if note.startswith(prefix)), "")


class Statement(Typed):
    """What several mentions say alike. Its claim's id is made of what it says, so that equal claims meet."""

    claim: Claim
    mentions: tuple[Mention, ...] = Field(min_length=1)
    disagreements: tuple[str, ...] = Field(default=(), description="how documents contradict each other on it")


class Finding(Typed):
    """What verification found on a statement."""

    statement: Statement
    word: Word
    probability: Share = Field(description="calibrated: that the claim is true as it is stated; 0.5 knows nothing")
    reason: str = Field(description="one sentence, with the numbers")
    checks: tuple[Check, ...] = ()
    supporting: tuple[Passage, ...] = Field(default=(), description="best first")
    opposing: tuple[Passage, ...] = ()
    entry: Entry | None = Field(default=None, description="the ledger's verdict, where the ledger can judge it")
    command: str = Field(default="", description="of the study that would decide it")

    def stated_in(self, document: str) -> bool:
        """Whether the document of this id makes the statement."""
        return any(mention.span.document == document for mention in self.statement.mentions)


class Mark(Typed):
    """Points for one criterion, and why any were lost."""

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
        """0 to 10."""
        return 10 * sum(m.points for m in self.marks) / sum(m.possible for m in self.marks)


class Dossier(Typed):
    """What a reviewer gets to see of a document."""

    document: Document
    findings: tuple[Finding, ...] = Field(default=(), description="on statements that the document mentions")


for _record in (Document, Span):
    _record.model_rebuild()
