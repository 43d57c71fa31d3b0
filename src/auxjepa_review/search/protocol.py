"""Record a search: the queries with their dates, and the decision on every record. The numbers must add up."""

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


class SourceSearch(Typed):
    """One search of one source."""

    source: str
    title: str = Field(description="name of the source for readers")
    query: str = Field(description="the query as sent; for the corpus the words that ranked it")
    date: AwareDatetime = Field(description="date of the newest answer, or of the failure")
    reported: int | None = Field(default=None, ge=0, description="number of works that the source reports")
    returned: int = Field(ge=0, description="number of records that were read")
    unreadable: int = Field(default=0, ge=0, description="number of records without required fields (a title)")
    cached: AwareDatetime | None = Field(default=None, description="date of the oldest answer from the cache")
    error: str = ""


class Flow(Typed):
    """Numbers of records and works at each stage, as in a PRISMA 2020 diagram."""

    identified: dict[str, int] = Field(description="records by source")
    duplicates: int = Field(ge=0)
    screened: int = Field(ge=0)
    excluded: dict[str, int] = Field(description="works excluded at screening, by rule")
    sought: int = Field(ge=0, description="works with a search for their full text")
    not_retrieved: int = Field(ge=0, description="works without full text")
    assessed: int = Field(ge=0, description="works assessed in full text")
    assessed_abstracts: int = Field(ge=0, description="works without full text that were assessed by their abstract")
    ineligible: dict[str, int] = Field(description="works excluded after assessment, by rule")
    included: int = Field(ge=0)
    included_abstracts: int = Field(ge=0, description="included works with their abstract only")

    @model_validator(mode="after")
    def _sums(self) -> Flow:
        excluded = sum(self.excluded.values())
        unread = self.ineligible.get(NO_FULL_TEXT, 0)
        sums = (
            ("identified - duplicates", sum(self.identified.values()) - self.duplicates, "screened", self.screened),
            ("screened - excluded", self.screened - excluded, "sought", self.sought),
            ("sought - not retrieved", self.sought - self.not_retrieved, "assessed", self.assessed),
            ("abstracts + unread", self.assessed_abstracts + unread, "not retrieved", self.not_retrieved),
            (
                "assessed + abstracts + unread - ineligible",
                self.assessed + self.assessed_abstracts + unread - sum(self.ineligible.values()),
                "included",
                self.included,
            ),
        )
        for left, actual, right, expected in sums:
            if actual != expected:
                raise ValueError(f"the flow doesn't add up: {left} is {actual}, {right} is {expected}")
        if self.included_abstracts > min(self.included, self.assessed_abstracts):
            raise ValueError(f"the flow doesn't add up: {self.included_abstracts} included by abstract is too many")
        return self


NO_FULL_TEXT = "full text not at hand"
"""The rule that leaves out works without full text if abstracts are not read."""


class Protocol(Typed):
    """The complete record of a search, from which it can be repeated."""

    question: str
    date: AwareDatetime
    online: bool
    concepts: tuple[str, ...] = Field(description="concepts of the question in its own words")
    rules: Rules
    searches: tuple[SourceSearch, ...]
    duplicates: tuple[Duplicate, ...] = ()
    decisions: tuple[Decision, ...] = ()
    flow: Flow

    @model_validator(mode="after")
    def _counted(self) -> Protocol:
        counted = count_flow(self.searches, self.duplicates, self.decisions)
        for name in Flow.model_fields:
            if getattr(counted, name) != getattr(self.flow, name):
                raise ValueError(
                    f"flow.{name} is {getattr(self.flow, name)}, the records give {getattr(counted, name)}"
                )
        return self

    @property
    def included(self) -> tuple[Decision, ...]:
        """Decisions on the included works."""
        return tuple(d for d in self.decisions if d.included)

    @property
    def errors(self) -> tuple[SourceSearch, ...]:
        """Searches that failed completely or after some pages."""
        return tuple(s for s in self.searches if s.error)

    def write(self, path: Path) -> Path:
        """Write the protocol as JSON, whole or not at all."""
        return files.write_json(path, self.model_dump(mode="json"))

    @classmethod
    def load(cls, path: Path) -> Protocol:
        """Read a protocol from JSON.

        Raises:
            ConfigError: the file cannot be read or is not valid; one line gives the reason.
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


def count_flow(
    searches: Sequence[SourceSearch], duplicates: Sequence[Duplicate], decisions: Sequence[Decision]
) -> Flow:
    """Return the flow that results from the records."""
    identified: Counter[str] = Counter()
    for search in searches:
        identified[search.source] += search.returned
    screening = [d for d in decisions if d.stage == "screening"]
    later = [d for d in decisions if d.stage == "eligibility"]
    with_text = [d for d in later if d.document]
    unread = [d for d in later if d.rule == NO_FULL_TEXT]
    return Flow(
        identified=dict(identified),
        duplicates=len(duplicates),
        screened=len(decisions),
        excluded=_by_rule(screening),
        sought=len(later),
        not_retrieved=len(later) - len(with_text),
        assessed=len(with_text),
        assessed_abstracts=len(later) - len(with_text) - len(unread),
        ineligible=_by_rule([d for d in later if not d.included]),
        included=sum(d.included for d in decisions),
        included_abstracts=sum(d.included and not d.document for d in later),
    )


def _by_rule(decisions: Sequence[Decision]) -> dict[str, int]:
    return dict(Counter(d.rule for d in decisions if not d.included).most_common())
