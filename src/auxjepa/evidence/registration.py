"""Pre-registration: what a confirming study claims and how it decides, written down and hashed before its first run.

A registration binds hypotheses, decision rule and design. What later differs from it in the study's folder (a changed
hypothesis, a score from before, a seed left out, another protocol) is a deviation, and the report shows it. That it
came first can only be shown by a hash published elsewhere: who owns the folder can also begin anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from auxjepa.config import ConfigError, Positive, Typed
from auxjepa.evidence.effects import Correct
from auxjepa.files import read_json
from auxjepa.lists import some
from auxjepa.rows import Row

FILE = "registration.json"


class Hypothesis(Typed):
    """One claim that a study will decide: where ``variant`` stands against ``reference`` on ``benchmark``."""

    id: str = Field(min_length=1, description="short name, unique in the study")
    variant: str = Field(description="a variant of the study, or the control 'random_init'")
    claim: Literal["above", "below", "equivalent"]
    reference: str = Field(description="another variant of the study, or the control 'random_init'")
    benchmark: str
    margin: Positive | None = Field(default=None, description="in points: how far apart still counts as equivalent")
    regime: str = Field(default="", description="pretraining regime of the variant; the study's only one when unset")
    reference_regime: str = Field(default="", description="that of the reference; the variant's when unset")
    why: str = Field(default="", description="what suggests it (a screen, a paper), in one sentence")

    @model_validator(mode="after")
    def _complete(self) -> Hypothesis:
        if (self.margin is None) == (self.claim == "equivalent"):
            raise ValueError(f"hypothesis {self.id!r}: 'equivalent' needs a margin, and only 'equivalent' has one")
        if self.variant == self.reference and self.reference_regime in ("", self.regime):
            raise ValueError(f"hypothesis {self.id!r} compares {self.variant!r} with itself")
        return self

    @property
    def statement(self) -> str:
        """The claim in words."""
        after = f" pretrained on {self.regime}" if self.regime else ""
        other = f" pretrained on {self.reference_regime}" if self.reference_regime else ""
        relation = f"within {self.margin:g} points of" if self.claim == "equivalent" else self.claim
        return f"{self.variant}{after} is {relation} {self.reference}{other} on {self.benchmark}"


class Rule(Typed):
    """How hypotheses are decided: all of them are one family."""

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    correction: Literal["holm", "benjamini_hochberg"] = "holm"
    test: Literal["sign_flip"] = Field(default="sign_flip", description="exact, two-sided, on per-seed differences")
    metric: str = "top1"


class Measure(Typed):
    """How a benchmark is measured: the hashes that its rows must carry."""

    YOUNG: ClassVar[Mapping[str, Any]] = {"metric": ""}

    benchmark_hash: str
    protocol_hash: str
    metric: str = Field(default="", description="where it isn't the rule's")


class Registration(Typed):
    """Everything that is fixed before the first run."""

    name: str
    question: str = ""
    hypotheses: tuple[Hypothesis, ...]
    rule: Rule = Rule()
    seeds: tuple[int, ...]
    screened_seeds: tuple[int, ...] = Field(default=(), description="seeds on which the hypotheses were found")
    measures: dict[str, dict[str, Measure]] = Field(description="by pretraining regime and benchmark")
    runs: dict[str, str] = Field(description="content hash of every planned run: 'VARIANT seed N on REGIME'")
    design: dict[str, Any] = Field(description="every field of the study that can change a number")
    versions: dict[str, str] = Field(default={}, description="package: version")
    created: str = Field(description="UTC, to the second")

    @property
    def hash(self) -> str:
        """Hex SHA-256 of the canonical JSON of this record."""
        return _digest(self.model_dump(mode="json"))


class Filed(Typed):
    """A registration as it lies in a folder. ``edited``: its content no longer has the hash it was written with."""

    registration: Registration
    hash: str
    edited: bool


def now() -> str:
    """The present moment as ``created`` writes it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def check_hypotheses(
    hypotheses: Sequence[Hypothesis],
    variants: Sequence[str],
    benchmarks: Sequence[str],
    regimes: Sequence[str],
    controls: Sequence[str],
) -> None:
    """Nothing, if every hypothesis speaks of what the study measures.

    Raises:
        ValueError: naming the first that doesn't, or an id used twice.
    """
    ids = [h.id for h in hypotheses]
    twice = next((i for i in ids if ids.count(i) > 1), None)
    if twice is not None:
        raise ValueError(f"two hypotheses are called {twice!r}")
    comparable = {*variants, *({"random_init"} & set(controls))}
    for h in hypotheses:
        used = ((h.variant, comparable), (h.reference, comparable), (h.benchmark, {*benchmarks}))
        for name, known in (*used, (h.regime, {"", *regimes}), (h.reference_regime, {"", *regimes})):
            if name not in known:
                raise ValueError(f"hypothesis {h.id!r} speaks of {name!r}, which the study doesn't measure")
        if not h.regime and len(regimes) > 1:
            raise ValueError(f"hypothesis {h.id!r} must name a regime: the study has {', '.join(regimes)}")
        own = h.regime or regimes[0]
        if (h.variant, own) == (h.reference, h.reference_regime or own):
            raise ValueError(f"hypothesis {h.id!r} compares {h.variant!r} with itself")


def read(folder: Path) -> Filed | None:
    """The registration of a study folder; None where there is none.

    Raises:
        ConfigError: when there is one that cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        content = read_json(path)
        written = str(content.pop("hash"))
        made = Registration.model_validate(content)
    except ValidationError:
        raise ConfigError(f"{path}: damaged, edited, or of another version of auxjepa") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: not a registration ({type(error).__name__})") from None
    # The hash is of what stands in the file, not of what this version of the package would write.
    return Filed(registration=made, hash=written, edited=_digest(content) != written)


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def to_json(registration: Registration) -> dict[str, Any]:
    """What the file holds: the record and its hash."""
    return registration.model_dump(mode="json") | {"hash": registration.hash}


def changes(filed: Filed, *, hypotheses: Sequence[Hypothesis], rule: Rule, design: Mapping[str, Any]) -> list[str]:
    """What a study means to do otherwise than registered, one line each.

    Args:
        hypotheses, rule: of the study as it is now. design: its other fields, flattened; only those that were
            registered are compared.
    """
    registration, found = filed.registration, []
    if filed.edited:
        found.append("the registration was edited after it was written: its content doesn't have its hash")
    if tuple(hypotheses) != registration.hypotheses:
        before, after = ({h.id: h for h in hs} for hs in (registration.hypotheses, hypotheses))
        found.append(f"hypotheses changed: {some([i for i in {**before, **after} if before.get(i) != after.get(i)])}")
    if rule != registration.rule:
        found.append(f"the decision rule changed: registered {_rule(registration.rule)}, now {_rule(rule)}")
    moved = [key for key, value in registration.design.items() if design.get(key) != value]
    if moved:
        found.append(f"the design changed: {some(moved)}")
    return found


def run_name(variant: str, seed: int, regime: str) -> str:
    """How ``Registration.runs`` calls a run."""
    return f"{variant} seed {seed} on {regime}"


def departures(registration: Registration, rows: Iterable[Row], correct: Correct | None = None) -> list[str]:
    """How scores depart from what was registered, one line each: too old, not planned, measured otherwise, missing.

    Args:
        correct: gives a row's per-example correctness, which its score must be the mean of.
    """
    found = []
    scored = [row for row in rows if row.control in (None, "random_init")]
    early = before(registration, scored)
    if early:
        found.append(f"{early} scores are older than the registration, or have no date")
    named = {(name_of(row), row.run) for row in scored}
    unknown = sorted({name for name, _ in named} - registration.runs.keys())
    if unknown:
        found.append(f"runs that were not registered: {some(unknown)}")
    other = sorted({name for name, run in named if registration.runs.get(name, run) != run})
    if other:
        found.append(f"runs with another content than registered: {some(other)}")
    measured = sorted({row.benchmark for row in scored if not _as_registered(row, registration)})
    if measured:
        found.append(f"measured otherwise than registered: {some(measured)}")
    versions = sorted(
        {f"{k} {v}" for r in scored for k, v in r.versions.items() if registration.versions.get(k, v) != v}
    )
    if versions:
        found.append(f"measured with other versions than registered: {some(versions)}")
    false = sorted({f"{name_of(row)}, {row.benchmark}" for row in scored if _contradicts(row, correct)})
    if false:
        found.append(f"scores that aren't the mean of their examples: {some(false)}")
    places = registration.measures
    planned = [(run, b) for run in registration.runs for b in places.get(run.split(" on ", 1)[-1], {})]
    have = {(name_of(row), row.benchmark) for row in scored if registered(registration, row)}
    missing = [f"{run}, {benchmark}" for run, benchmark in planned if (run, benchmark) not in have]
    if missing:
        found.append(f"{len(missing)} of {len(planned)} registered scores are missing: {some(missing)}")
    return found


def before(registration: Registration, rows: Iterable[Row]) -> int:
    """How many scores of encoders can't be shown to come after the registration."""
    return sum(row.created < registration.created for row in rows if row.control in (None, "random_init"))


def name_of(row: Row) -> str:
    """The name of a row's run."""
    return run_name(row.variant, row.seed, row.regime)


def registered(registration: Registration, row: Row) -> bool:
    """Whether a row is of a registered run and measured as registered."""
    return registration.runs.get(name_of(row)) == row.run and _as_registered(row, registration)


def _contradicts(row: Row, correct: Correct | None) -> bool:
    marks = None if correct is None else correct(row)
    return marks is not None and len(marks) > 0 and abs(100 * float(marks.mean()) - row.score) > 1e-6


def _as_registered(row: Row, registration: Registration) -> bool:
    measure = registration.measures.get(row.regime, {}).get(row.benchmark)
    return measure is not None and (
        measure.benchmark_hash,
        measure.protocol_hash,
        measure.metric or registration.rule.metric,
    ) == (
        row.benchmark_hash,
        row.protocol_hash,
        row.metric,
    )


def _rule(rule: Rule) -> str:
    return f"{rule.test} at {rule.alpha:g}, {rule.correction}, {rule.metric}"
