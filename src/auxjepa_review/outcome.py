"""Everything a review found, as one record: the report shows it, review.json keeps it."""

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
    """A review from its question to its marks."""

    question: str
    command: str = Field(description="that repeats it")
    created: str = Field(description="ISO date and time, UTC")
    evidence: str = Field(description="what claims were held against, in words")
    protocol: Protocol | None = Field(default=None, description="of the search; None where nothing was searched")
    documents: tuple[Document, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    panel: Panel
    answer: str = Field(default="", description="in sentences; made of the findings when empty")
    notes: tuple[str, ...] = Field(default=(), description="limitations of its own")
    decides: str = Field(default="", description="command of the study that would answer the question")
    seconds: dict[str, float] = Field(default={}, description="wall time of each step")
    versions: dict[str, str] = Field(default={}, description="what it ran on")

    def json_text(self) -> str:
        """Without the pages, which lie in the corpus: spans give document, page, offset and text."""
        return self.model_dump_json(indent=1, exclude={"documents": {"__all__": {"pages"}}})

    @property
    def tally(self) -> dict[Word, int]:
        """Statements by word."""
        counted = Counter(f.word for f in self.findings)
        return {word: counted[word] for word in get_args(Word)}
