"""The record of a search: what was asked where and when, and what became of every record. Its numbers must add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from auxjepa import files
from auxjepa.config import ConfigError, Typed
from auxjepa_review.search.dedupe import Duplicate
from auxjepa_review.search.screen import Decision, Rules

CORPUS = "corpus"


class Asked(Typed):
    """One search of one source."""

    source: str
    title: str = Field(description="its name for people")
    query: str = Field(description="as it was sent; for the corpus the words it was ranked by")
    date: AwareDatetime = Field(description="of the newest answer, or of the failure")
    reported: int | None = Field(default=None, ge=0, description="works the source has for the query, as it says")
    returned: int = Field(ge=0, description="records that were taken")
    unreadable: int = Field(default=0, ge=0, description="records without what a record needs (a title)")
    cached: AwareDatetime | None = Field(default=None, description="of the oldest answer that came from the cache")
    error: str = ""


class Flow(Typed):
    """How many records and works stood where, as in a PRISMA 2020 diagram."""

    identified: dict[str, int] = Field(description="records by source")
    duplicates: int = Field(ge=0)
    screened: int = Field(ge=0)
    excluded: dict[str, int] = Field(description="at screening, by rule")
    sought: int = Field(ge=0, description="works whose full text was looked for")
    not_retrieved: int = Field(ge=0, description="works without full text")
    assessed: int = Field(ge=0, description="in full text")
    assessed_abstracts: int = Field(ge=0, description="by their abstract, of those without full text")
    ineligible: dict[str, int] = Field(description="after assessment, by rule")
    included: int = Field(ge=0)
    included_abstracts: int = Field(ge=0, description="of the included: those known by their abstract only")

    @model_validator(mode="after")
    def _sums(self) -> Flow:
        out = sum(self.excluded.values())
        unread = self.ineligible.get(UNREAD, 0)
        sums = (
            ("identified - duplicates", sum(self.identified.values()) - self.duplicates, "screened", self.screened),
            ("screened - excluded", self.screened - out, "sought", self.sought),
            ("sought - not retrieved", self.sought - self.not_retrieved, "assessed", self.assessed),
            ("abstracts + unread", self.assessed_abstracts + unread, "not retrieved", self.not_retrieved),
            (
                "assessed + abstracts + unread - ineligible",
                self.assessed + self.assessed_abstracts + unread - sum(self.ineligible.values()),
                "included",
                self.included,
            ),
        )
        for left, found, right, wanted in sums:
            if found != wanted:
                raise ValueError(f"the flow doesn't add up: {left} is {found}, {right} is {wanted}")
        if self.included_abstracts > min(self.included, self.assessed_abstracts):
            raise ValueError(f"the flow doesn't add up: {self.included_abstracts} included by abstract is too many")
        return self


UNREAD = "full text not at hand"
"""The rule that leaves out works without full text where abstracts aren't read."""


class Protocol(Typed):
    """A search, whole: anyone can repeat it."""

    question: str
    date: AwareDatetime
    online: bool
    concepts: tuple[str, ...] = Field(description="of the question, as they are called")
    rules: Rules
    searches: tuple[Asked, ...]
    duplicates: tuple[Duplicate, ...] = ()
    decisions: tuple[Decision, ...] = ()
    flow: Flow

    @model_validator(mode="after")
    def _counted(self) -> Protocol:
        told = count(self.searches, self.duplicates, self.decisions)
        for name in Flow.model_fields:
            if getattr(told, name) != getattr(self.flow, name):
                raise ValueError(f"flow.{name} is {getattr(self.flow, name)}, the records say {getattr(told, name)}")
        return self

    @property
    def included(self) -> tuple[Decision, ...]:
        """The works that were taken."""
        return tuple(d for d in self.decisions if d.included)

    @property
    def errors(self) -> tuple[Asked, ...]:
        """Searches that failed, wholly or after some pages."""
        return tuple(s for s in self.searches if s.error)

    def write(self, path: Path) -> Path:
        """As JSON, whole or not at all."""
        return files.write_json(path, self.model_dump(mode="json"))

    @classmethod
    def load(cls, path: Path) -> Protocol:
        """From JSON.

        Raises:
            ConfigError: one line that says what is wrong.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            where = f"{place}: " if place else ""
            raise ConfigError(f"{path}: {where}{first['msg'].removeprefix('Value error, ')}") from None


def count(searches: Sequence[Asked], duplicates: Sequence[Duplicate], decisions: Sequence[Decision]) -> Flow:
    """The flow that the records tell."""
    identified: Counter[str] = Counter()
    for search in searches:
        identified[search.source] += search.returned
    screening = [d for d in decisions if d.stage == "screening"]
    later = [d for d in decisions if d.stage == "eligibility"]
    full = [d for d in later if d.document]
    unread = [d for d in later if d.rule == UNREAD]
    return Flow(
        identified=dict(identified),
        duplicates=len(duplicates),
        screened=len(decisions),
        excluded=_by_rule(screening),
        sought=len(later),
        not_retrieved=len(later) - len(full),
        assessed=len(full),
        assessed_abstracts=len(later) - len(full) - len(unread),
        ineligible=_by_rule([d for d in later if not d.included]),
        included=sum(d.included for d in decisions),
        included_abstracts=sum(d.included and not d.document for d in later),
    )


def _by_rule(decisions: Sequence[Decision]) -> dict[str, int]:
    return dict(Counter(d.rule for d in decisions if not d.included).most_common())
