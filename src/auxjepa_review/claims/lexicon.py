"""Names of methods, benchmarks, regimes and references with their spellings. Users can add a lexicon file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from auxjepa.config import ConfigError, Typed, read_yaml
from auxjepa.evidence.ledger import published

LEXICON = Path(__file__).parents[1] / "data" / "lexicon.yaml"
Sort = Literal["variant", "group", "benchmark", "benchmarks", "regime", "reference"]
SORTS: dict[str, Sort] = {
    "reference": "reference",
    "variants": "variant",
    "groups": "group",
    "benchmarks": "benchmark",
    "benchmark_groups": "benchmarks",
    "regimes": "regime",
}


class Spelling(Typed):
    """Spellings of a name. The spellings in ``near`` count only in documents about the study."""

    spellings: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    reference_seed: int | None = None

    @model_validator(mode="after")
    def _lettered(self) -> Spelling:
        if not all(re.search(r"\w", name) for name in (*self.spellings, *self.near)):
            raise ValueError("a spelling needs a letter or a digit")
        return self


class Fact(Typed):
    """A statement about networks or code. All ``words`` (regular expressions) must match in one sentence."""

    topic: str
    words: tuple[str, ...] = Field(min_length=1)
    fact: str = ""
    number: str = Field(default="", description="the unit whose number is expected of the fact")
    direction: Literal["up", "down"] | None = None
    expected: bool | float | None = None
    variants: tuple[str, ...] = ()
    regime: str = ""

    @model_validator(mode="after")
    def _decidable(self) -> Fact:
        if self.fact and not self.number and self.direction is None and self.expected is None:
            raise ValueError(f"fact {self.topic!r} needs number, direction or expected")
        return self


class Lexicon(Typed):
    """All names, by kind of name."""

    scope: tuple[str, ...] = ()
    reference: dict[str, Spelling] = Field(default={})
    variants: dict[str, Spelling] = Field(default={})
    groups: dict[str, Spelling] = Field(default={})
    benchmarks: dict[str, Spelling] = Field(default={})
    benchmark_groups: dict[str, Spelling] = Field(default={})
    regimes: dict[str, Spelling] = Field(default={})
    facts: tuple[Fact, ...] = ()

    def covers(self, text: str) -> bool:
        """Check whether a text is about the study that the ``near`` spellings belong to."""
        words = " ".join(text.split())
        return any(re.search(rf"(?<!\w){_pattern(s)}(?!\w)", words) for s in self.scope)

    def find(self, text: str, near: bool) -> list[NameMatch]:
        """Return the names in a text, in order. Of overlapping names the longest is returned.

        Args:
            text: the text.
            near: whether the ``near`` spellings count.
        """
        pattern, owners = self._compiled[near]
        matches: list[NameMatch] = []
        for match in pattern.finditer(text):
            sort, name, spelt = owners[_key(match[0])]
            matches.append(NameMatch(match.start(), match.end(), sort, name, spelt.members or (name,)))
        return matches

    def complete_name(self, text: str, near: bool) -> str:
        """Return a text with its last word completed, if the word was cut and begins the name of exactly one benchmark.

        Only names are completed. A word that is already a name does not change.

        Args:
            text: a text that may end within a word.
            near: whether the ``near`` spellings count.
        """
        match = re.search(r"(?<=[\s(])(\S{3,60})$", text)
        if match is None or match[1][0] in "([{+-":
            return text
        ending = _key(match[1])
        completions = {
            owner: s
            for owner, spelt in self.benchmarks.items()
            for s in (*spelt.spellings, *(spelt.near if near else ()))
            if _key(s).startswith(ending) and s[:2] == match[1][:2]
        }
        return text[: match.start(1)] + next(iter(completions.values())) if len(completions) == 1 else text

    @cached_property
    def _compiled(self) -> dict[bool, tuple[re.Pattern[str], dict[str, tuple[Sort, str, Spelling]]]]:
        return {near: self._compile(near) for near in (False, True)}

    def _compile(self, near: bool) -> tuple[re.Pattern[str], dict[str, tuple[Sort, str, Spelling]]]:
        owners: dict[str, tuple[Sort, str, Spelling]] = {}
        written: list[str] = []
        for field, sort in SORTS.items():
            for name, spelt in getattr(self, field).items():
                for spelling in (*spelt.spellings, *(spelt.near if near else ())):
                    owners.setdefault(_key(spelling), (sort, name, spelt))
                    written.append(spelling)
        written.sort(key=len, reverse=True)
        body = "|".join(map(_pattern, written)) or r"(?!)"
        return re.compile(rf"(?<![\w+])(?:{body})(?!\w)(?![+-][A-Z\d])"), owners


@dataclass(frozen=True)
class NameMatch:
    """A name at its place in a text, with the names that it represents."""

    start: int
    end: int
    sort: Sort
    name: str
    members: tuple[str, ...]


def load_lexicon(paths: Iterable[Path] = (), builtin: bool = True) -> Lexicon:
    """Return the package's lexicon together with the user's files. Later files add spellings and names.

    Args:
        paths: files of the user (YAML).
        builtin: whether the package's lexicon is included.

    Raises:
        ConfigError: a file is not valid; one line names the file and the entry.
    """
    content: dict[str, Any] = {}
    for path in [*([LEXICON] if builtin else []), *paths]:
        record = read_yaml(path)
        try:
            Lexicon.model_validate(record)
            for fact in record.get("facts", []):
                for word in fact["words"]:
                    re.compile(word)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(
                f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
            ) from None
        except re.error as error:
            raise ConfigError(f"{path}: {error.pattern!r} is no regular expression ({error})") from None
        _add(content, record)
    return Lexicon.model_validate(content)


def _add(content: dict[str, Any], record: dict[str, Any]) -> None:
    for key, value in record.items():
        if isinstance(value, dict):
            inner = content.setdefault(key, {})
            _add(inner, value)
        elif isinstance(value, list | tuple):
            content[key] = [*content.get(key, []), *value]
        else:
            content[key] = value


def regimes_that_score(variant: str, regime: str = "", benchmark: str = "") -> list[str]:
    """Return the regimes of the published table that score a variant.

    Args:
        variant: name of the variant.
        regime: count only this regime, if given.
        benchmark: count only scores on this benchmark, if given.
    """
    return [r for r, v, b in _cells() if v == variant and regime in ("", r) and benchmark in ("", b)]


def regimes_of(variants: Sequence[str]) -> set[str]:
    """Return the regimes of the published table that have a row for each of the variants."""
    sets = [set(regimes_that_score(v)) for v in variants]
    return set.intersection(*sets) if sets else set()


def regimes_with(benchmark: str) -> set[str]:
    """Return the regimes in which the published table has a score on a benchmark."""
    return {regime for regime, _, scored_on in _cells() if scored_on == benchmark}


def regimes_with_count(benchmark: str, n: int) -> set[str]:
    """Return the regimes that score at least ``n`` variants on a benchmark, without the baseline."""
    variants_by_regime: dict[str, set[str]] = {}
    for regime, variant, scored_on in _cells():
        if scored_on == benchmark and variant != "baseline":
            variants_by_regime.setdefault(regime, set()).add(variant)
    return {regime for regime, names in variants_by_regime.items() if len(names) >= n}


@cache
def _cells() -> frozenset[tuple[str, str, str]]:
    return frozenset((s.regime, s.variant, s.benchmark) for s in published.load())


def normalise(name: str) -> str:
    """Return a name that is not in the lexicon as an identifier: lower case, with underscores for other signs."""
    return re.sub(r"[^\w.+]+", "_", name.lower()).strip("_.")


def _key(spelling: str) -> str:
    return re.sub(r"[\s_+/–-]+", "", spelling).casefold()


def _pattern(spelling: str) -> str:
    """Return a pattern of a spelling. Any joining sign may stand between its parts, and short capitals stay
    capitals."""
    parts = re.split(r"[\s_+-]+", spelling)
    return r"[\s_+/–-]{0,3}".join(re.escape(p) if _is_acronym(p) else f"(?i:{re.escape(p)})" for p in parts)


def _is_acronym(part: str) -> bool:
    return part.isupper() and len(part) <= 4 and not part.isdigit()
