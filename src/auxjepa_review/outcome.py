"""The complete outcome of a review as one record, which the report shows and review.json stores."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from pydantic import Field

from auxjepa.config import Typed
from auxjepa_review.reading.corpus import RefusedFile
from auxjepa_review.records import Document, Finding, Word
from auxjepa_review.reviewers.quality import Panel
from auxjepa_review.search.protocol import Protocol


class Outcome(Typed):
    """A review with its question, documents, findings and marks."""

    question: str
    command: str = Field(description="command that repeats the review")
    created: str = Field(description="ISO date and time, UTC")
    evidence: str = Field(description="description of the evidence that claims were compared with")
    protocol: Protocol | None = Field(default=None, description="protocol of the search; None without a search")
    documents: tuple[Document, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    panel: Panel
    answer: str = Field(default="", description="answer in sentences; derived from the findings if empty")
    notes: tuple[str, ...] = Field(default=(), description="limitations of this review")
    decides: str = Field(default="", description="command of the study that would answer the question")
    seconds: dict[str, float] = Field(default={}, description="wall time of each step")
    versions: dict[str, str] = Field(default={}, description="versions of the software")

    def json_text(self) -> str:
        """Return the outcome as JSON without the pages, which are in the corpus. Spans give document, page, offset
        and text."""
        return self.model_dump_json(indent=1, exclude={"documents": {"__all__": {"pages"}}})

    @property
    def tally(self) -> dict[Word, int]:
        """Number of statements by word."""
        counted = Counter(f.word for f in self.findings)
        return {word: counted[word] for word in get_args(Word)}
