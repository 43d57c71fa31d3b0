"""Records of the ledger (verdicts on claims, checks, anomalies), as they are written to JSON and CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from pydantic import Field

from auxjepa.config import Typed
from auxjepa.evidence.decisions.verdicts import Word
from auxjepa.evidence.ledger.arithmetic import Answer
from auxjepa.evidence.ledger.claims import Claim

SEEDS = "seeds"
"""Name of the check of paired seeds. Only claims with comparisons have it."""


class Check(Typed):
    """One check of how the numbers of a claim were made."""

    name: str
    state: Literal["ok", "problem", "unknown"]
    message: str


class Entry(Typed):
    """The verdict on a claim, for one set of results."""

    claim: Claim
    results: str
    word: Word
    arithmetic: Answer
    checks: tuple[Check, ...] = ()
    sentence: str

    @property
    def is_compared(self) -> bool:
        """Return whether the results have scores to compare for this claim, even if they are too few to decide it."""
        return self.word != "not testable" or any(check.name == SEEDS for check in self.checks)

    def flat(self) -> dict[str, str]:
        """Return the entry as one line of a table."""
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
    """A property of a table that makes its scores less meaningful."""

    rule: str
    regime: str = ""
    benchmark: str = ""
    variants: tuple[str, ...] = ()
    message: str
    numbers: dict[str, float] = Field(default={}, description="numbers of the message, for other programs")


def describe_untested(entries: Sequence[Entry]) -> str:
    """Return one line where no claim can be compared with the results; empty where one can, or without an entry.

    Args:
        entries: entries of the ledger.
    """
    if not entries or any(entry.is_compared for entry in entries):
        return ""
    return (
        f"None of the {len({entry.claim.id for entry in entries})} claims and questions about the published study can "
        "be tested here: they need its variants on the benchmarks that are substitutes for its own, or an execution."
    )


def tally(entries: Iterable[Entry]) -> dict[Word, int]:
    """Return the number of entries by verdict; questions, which claim nothing, are left out.

    Args:
        entries: entries of the ledger.
    """
    counts = Counter(entry.word for entry in entries if entry.claim.kind != "question")
    return {word: counts[word] for word in get_args(Word)}
