"""Pre-registration: what a confirming study claims and how it decides, written down and hashed before its first run.

A registration binds hypotheses, decision rule and design. Whatever later differs from it (a changed hypothesis, a run
that was already there, a seed left out, another protocol) is a deviation, and the report shows every one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from auxjepa.config import ConfigError, Positive, Typed
from auxjepa.rows import Row

FILE = "registration.json"
MOST_SHOWN = 4


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

    alpha: float = Field(default=0.05, gt=0, lt=1)
    correction: Literal["holm", "benjamini_hochberg"] = "holm"
    test: Literal["sign_flip"] = Field(default="sign_flip", description="exact, two-sided, on per-seed differences")
    metric: str = "top1"


class Measure(Typed):
    """How a benchmark is measured: the hashes that its rows must carry."""

    benchmark_hash: str
    protocol_hash: str


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
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


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


def read(folder: Path) -> tuple[Registration, str] | None:
    """The registration of a study folder and the hash it was written with; None where there is none.

    Raises:
        ConfigError: when there is one that cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        written = content.pop("hash")
        return Registration.model_validate(content), str(written)
    except (OSError, ValueError, KeyError, AttributeError, ValidationError) as error:
        raise ConfigError(f"{path}: not a registration ({type(error).__name__}); it must never be edited") from None


def to_json(registration: Registration) -> dict[str, Any]:
    """What the file holds: the record and its hash."""
    return registration.model_dump(mode="json") | {"hash": registration.hash}


def changes(
    registration: Registration,
    written: str,
    *,
    hypotheses: Sequence[Hypothesis],
    rule: Rule,
    design: Mapping[str, Any],
) -> list[str]:
    """What a study means to do otherwise than registered, one line each.

    Args:
        written: the hash in the file. hypotheses, rule: of the study as it is now. design: its other fields, flattened;
            only those that were registered are compared.
    """
    found = []
    if registration.hash != written:
        found.append("the registration was edited after it was written: its content doesn't have its hash")
    if tuple(hypotheses) != registration.hypotheses:
        before, after = ({h.id: h for h in hs} for hs in (registration.hypotheses, hypotheses))
        found.append(f"hypotheses changed: {_some([i for i in {**before, **after} if before.get(i) != after.get(i)])}")
    if rule != registration.rule:
        found.append(f"the decision rule changed: registered {_rule(registration.rule)}, now {_rule(rule)}")
    moved = [key for key, value in registration.design.items() if design.get(key) != value]
    if moved:
        found.append(f"the design changed: {_some(moved)}")
    return found


def run_name(variant: str, seed: int, regime: str) -> str:
    """How ``Registration.runs`` calls a run."""
    return f"{variant} seed {seed} on {regime}"


def departures(registration: Registration, rows: Iterable[Row]) -> list[str]:
    """How scores depart from what was registered, one line each: too old, not planned, measured otherwise, missing."""
    found = []
    scored = [row for row in rows if row.control in (None, "random_init")]
    named = {run_name(row.variant, row.seed, row.regime): row for row in scored}
    early = [row for row in scored if row.created and row.created < registration.created]
    if early:
        found.append(f"{len(early)} scores are older than the registration")
    unknown = sorted(named.keys() - registration.runs.keys())
    if unknown:
        found.append(f"runs that were not registered: {_some(unknown)}")
    other = sorted(name for name, row in named.items() if registration.runs.get(name, row.run) != row.run)
    if other:
        found.append(f"runs with another content than registered: {_some(other)}")
    measured = sorted({row.benchmark for row in scored if not _as_registered(row, registration)})
    if measured:
        found.append(f"measured otherwise than registered: {_some(measured)}")
    planned = [(run, b) for run in registration.runs for b in registration.measures[run.rpartition(" on ")[2]]]
    have = {
        (run_name(row.variant, row.seed, row.regime), row.benchmark)
        for row in scored
        if _as_registered(row, registration)
    }
    missing = [f"{run}, {benchmark}" for run, benchmark in planned if (run, benchmark) not in have]
    if missing:
        found.append(f"{len(missing)} of {len(planned)} registered scores are missing: {_some(missing)}")
    return found


def _as_registered(row: Row, registration: Registration) -> bool:
    measure = registration.measures.get(row.regime, {}).get(row.benchmark)
    return measure is not None and (measure.benchmark_hash, measure.protocol_hash, registration.rule.metric) == (
        row.benchmark_hash,
        row.protocol_hash,
        row.metric,
    )


def _rule(rule: Rule) -> str:
    return f"{rule.test} at {rule.alpha:g}, {rule.correction}, {rule.metric}"


def _some(names: Sequence[str]) -> str:
    return "; ".join(names[:MOST_SHOWN]) + (f"; and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else "")
