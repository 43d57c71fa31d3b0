"""Names of methods, benchmarks, regimes and references, and how people write them; users can add their own."""

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


class Spelt(Typed):
    """How a name is written; ``near`` counts only in documents that speak of the study."""

    spellings: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    reference_seed: int | None = None

    @model_validator(mode="after")
    def _lettered(self) -> Spelt:
        if not all(re.search(r"\w", name) for name in (*self.spellings, *self.near)):
            raise ValueError("a spelling needs a letter or a digit")
        return self


class Fact(Typed):
    """A statement about networks or code: all ``words`` (regular expressions) in one clause."""

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
    """All names, by sort."""

    scope: tuple[str, ...] = ()
    reference: dict[str, Spelt] = Field(default={})
    variants: dict[str, Spelt] = Field(default={})
    groups: dict[str, Spelt] = Field(default={})
    benchmarks: dict[str, Spelt] = Field(default={})
    benchmark_groups: dict[str, Spelt] = Field(default={})
    regimes: dict[str, Spelt] = Field(default={})
    facts: tuple[Fact, ...] = ()

    def covers(self, text: str) -> bool:
        """Whether a document speaks of the study that the ``near`` spellings belong to."""
        words = " ".join(text.split())
        return any(re.search(rf"(?<!\w){_pattern(s)}(?!\w)", words) for s in self.scope)

    def find(self, text: str, near: bool) -> list[Named]:
        """Names in a text, in order; of overlapping ones the longest."""
        pattern, owners = self._compiled[near]
        found: list[Named] = []
        for match in pattern.finditer(text):
            sort, name, spelt = owners[_key(match[0])]
            found.append(Named(match.start(), match.end(), sort, name, spelt.members or (name,)))
        return found

    def completed(self, text: str, near: bool) -> str:
        """A text that was cut in mid-word, its last word completed where that starts the name of one benchmark only.

        Nothing but names is completed; a word that is a name already stays.
        """
        match = re.search(r"(?<=[\s(])(\S{3,60})$", text)
        if match is None or match[1][0] in "([{+-":
            return text
        ending = _key(match[1])
        begun = {
            owner: s
            for owner, spelt in self.benchmarks.items()
            for s in (*spelt.spellings, *(spelt.near if near else ()))
            if _key(s).startswith(ending) and s[:2] == match[1][:2]
        }
        return text[: match.start(1)] + next(iter(begun.values())) if len(begun) == 1 else text

    @cached_property
    def _compiled(self) -> dict[bool, tuple[re.Pattern[str], dict[str, tuple[Sort, str, Spelt]]]]:
        return {near: self._compile(near) for near in (False, True)}

    def _compile(self, near: bool) -> tuple[re.Pattern[str], dict[str, tuple[Sort, str, Spelt]]]:
        owners: dict[str, tuple[Sort, str, Spelt]] = {}
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
class Named:
    """A name where it stands in a text, and what it stands for."""

    start: int
    end: int
    sort: Sort
    name: str
    members: tuple[str, ...]


def load(paths: Iterable[Path] = (), builtin: bool = True) -> Lexicon:
    """The package's lexicon and the user's: later files add spellings to names, and names.

    Raises:
        ConfigError: one line that says which file and entry is wrong.
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


def scored(variant: str, regime: str = "", benchmark: str = "") -> list[str]:
    """Regimes of the published table that score a variant (on a benchmark)."""
    return [r for r, v, b in _cells() if v == variant and regime in ("", r) and benchmark in ("", b)]


def regimes_of(variants: Sequence[str]) -> set[str]:
    """Regimes of the published table that have a row for every one of the variants."""
    sets = [set(scored(v)) for v in variants]
    return set.intersection(*sets) if sets else set()


def regimes_with(benchmark: str) -> set[str]:
    """Regimes in which the published table scores anything on a benchmark."""
    return {regime for regime, _, scored_on in _cells() if scored_on == benchmark}


def crowded(benchmark: str, n: int) -> set[str]:
    """Regimes in which the published table scores at least ``n`` variants on a benchmark, baselines left out."""
    of: dict[str, set[str]] = {}
    for regime, variant, scored_on in _cells():
        if scored_on == benchmark and variant != "baseline":
            of.setdefault(regime, set()).add(variant)
    return {regime for regime, names in of.items() if len(names) >= n}


@cache
def _cells() -> frozenset[tuple[str, str, str]]:
    return frozenset((s.regime, s.variant, s.benchmark) for s in published.load())


def normalised(name: str) -> str:
    """A name that no lexicon knows: lower case, anything but letters, digits, dots and + an underscore."""
    return re.sub(r"[^\w.+]+", "_", name.lower()).strip("_.")


def _key(spelling: str) -> str:
    return re.sub(r"[\s_+/–-]+", "", spelling).casefold()


def _pattern(spelling: str) -> str:
    """Parts joined by anything that joins; short capitals must stand in capitals."""
    parts = re.split(r"[\s_+-]+", spelling)
    return r"[\s_+/–-]{0,3}".join(re.escape(p) if _shouted(p) else f"(?i:{re.escape(p)})" for p in parts)


def _shouted(part: str) -> bool:
    return part.isupper() and len(part) <= 4 and not part.isdigit()
