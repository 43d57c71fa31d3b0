"""What the ledger says of a claim, and what a table gives away, as records that are written to JSON and CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

from pydantic import Field

from auxjepa.config import Typed
from auxjepa.evidence.arithmetic import Answer
from auxjepa.evidence.claims import Claim
from auxjepa.evidence.verdicts import Word


class Check(Typed):
    """One look at how the numbers behind a claim were made."""

    name: str
    state: Literal["ok", "problem", "unknown"]
    message: str


class Entry(Typed):
    """A claim, judged against one set of results."""

    claim: Claim
    results: str
    word: Word
    arithmetic: Answer
    checks: tuple[Check, ...] = ()
    sentence: str

    def flat(self) -> dict[str, str]:
        """One line of a table."""
        return {
            "id": self.claim.id,
            "statement": self.claim.statement,
            "kind": self.claim.kind,
            "documents": self.claim.verdicts,
            "sources": " ".join(
                f"{s.document}.{s.row}" if s.row else s.place or s.document for s in self.claim.sources
            ),
            "results": self.results,
            "verdict": self.word,
            "arithmetic": self.arithmetic,
            "problems": "; ".join(c.message for c in self.checks if c.state == "problem"),
            "sentence": self.sentence,
        }


class Anomaly(Typed):
    """Something in a table that makes its scores mean less than they say."""

    rule: str
    regime: str = ""
    benchmark: str = ""
    variants: tuple[str, ...] = ()
    message: str
    numbers: dict[str, float] = Field(default={}, description="what the message says, for machines")


def tally(entries: Iterable[Entry]) -> dict[Word, int]:
    """How many entries have each verdict; questions, which claim nothing, are left out."""
    counted = Counter(entry.word for entry in entries if entry.claim.kind != "question")
    return {word: counted[word] for word in get_args(Word)}
