"""Pre-registration: the claims of a confirming study and its decision rule, written and hashed before its first run.

A registration binds hypotheses, decision rule and design. Only a hash that is published elsewhere shows that it came
first: the owner of a folder can also delete it and start again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from auxjepa.config import ConfigError, Count, Positive, Typed
from auxjepa.evidence.statistics.looks import Spending, check_looks, spending
from auxjepa.files import read_json
from auxjepa.rows import Row

FILE = "registration.json"


class Hypothesis(Typed):
    """One claim that a study decides: how ``variant`` compares with ``reference`` on ``benchmark``."""

    id: str = Field(min_length=1, description="short name, unique in the study")
    variant: str = Field(description="a variant of the study, or the control 'random_init'")
    claim: Literal["above", "below", "equivalent"]
    reference: str = Field(description="another variant of the study, or the control 'random_init'")
    benchmark: str
    margin: Positive | None = Field(default=None, description="largest difference that counts as equivalent, in points")
    regime: str = Field(default="", description="pretraining regime of the variant; the only regime when unset")
    reference_regime: str = Field(default="", description="regime of the reference; the variant's when unset")
    why: str = Field(default="", description="what suggests it (a screen, a paper), in one sentence")
    effect: Positive | None = Field(default=None, description="true effect that the study should find, in points")
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"effect": None}

    @model_validator(mode="after")
    def _complete(self) -> Hypothesis:
        if (self.margin is None) == (self.claim == "equivalent"):
            raise ValueError(f"hypothesis {self.id!r}: 'equivalent' needs a margin, and only 'equivalent' has one")
        if self.variant == self.reference and self.reference_regime in ("", self.regime):
            raise ValueError(f"hypothesis {self.id!r} compares {self.variant!r} with itself")
        return self

    def compares(self, sides: tuple[str | None, ...], benchmark: str, regime: str) -> bool:
        """Check whether the claim is about a comparison within one regime.

        Args:
            sides: variant and reference.
            benchmark: the benchmark.
            regime: pretraining regime of both sides.
        """
        regimes = {self.regime or regime, self.reference_regime or self.regime or regime}
        return (self.variant, self.reference, self.benchmark) == (*sides, benchmark) and regimes == {regime}

    @property
    def statement(self) -> str:
        """The claim in words."""
        after = f" pretrained on {self.regime}" if self.regime else ""
        reference_after = f" pretrained on {self.reference_regime}" if self.reference_regime else ""
        relation = f"within {self.margin:g} points of" if self.claim == "equivalent" else self.claim
        return f"{self.variant}{after} is {relation} {self.reference}{reference_after} on {self.benchmark}"


class Rule(Typed):
    """Rule that decides hypotheses: all hypotheses are one family."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"looks": [], "spending": "pocock"}

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    correction: Literal["holm", "benjamini_hochberg"] = "holm"
    test: Literal["sign_flip"] = Field(default="sign_flip", description="exact, two-sided, on per-seed differences")
    metric: str = "top1"
    looks: tuple[Count, ...] = Field(
        default=(), description="numbers of seeds at which the study looks, ascending; at the last one alone when unset"
    )
    spending: Spending = Field(default="pocock", description="how alpha is distributed over the looks: early, or late")

    @model_validator(mode="after")
    def _can_look(self) -> Rule:
        if self.looks:
            check_looks(self.looks)
        elif self.spending != "pocock":
            raise ValueError("spending distributes alpha over looks: give looks too")
        return self

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of alpha that may be used by each look."""
        return spending(self.looks, self.alpha, self.spending) if self.looks else ()

    def check_seeds(self, seeds: int) -> None:
        """Check that the last look has all seeds of the study.

        Args:
            seeds: number of seeds of the study.

        Raises:
            ValueError: if it has another number of seeds.
        """
        if self.looks and self.looks[-1] != seeds:
            raise ValueError(f"the last of rule.looks must be the number of seeds: it is {self.looks[-1]}, not {seeds}")


class Measure(Typed):
    """Measurement of a benchmark: the hashes that its rows must have."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"metric": ""}

    benchmark_hash: str
    protocol_hash: str
    metric: str = Field(default="", description="the metric, if it is not that of the rule")


class Registration(Typed):
    """Everything that is fixed before the first run."""

    name: str
    question: str = ""
    hypotheses: tuple[Hypothesis, ...]
    rule: Rule = Rule()
    seeds: tuple[int, ...]
    screened_seeds: tuple[int, ...] = Field(
        default=(), description="seeds of the screens that suggested the hypotheses"
    )
    measures: dict[str, dict[str, Measure]] = Field(description="by pretraining regime and benchmark")
    runs: dict[str, str] = Field(description="content hash of every planned run: 'VARIANT seed N on REGIME'")
    design: dict[str, Any] = Field(description="every field of the study that can change a number")
    versions: dict[str, str] = Field(default={}, description="package: version")
    created: str = Field(description="UTC, to the second")
    earlier_runs: tuple[str, ...] = Field(default=(), description="hashes of planned runs that were already trained")
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"earlier_runs": []}

    @property
    def hash(self) -> str:
        """Hex SHA-256 of the canonical JSON of this record."""
        return _digest(self.model_dump(mode="json"))


class RegistrationFile(Typed):
    """A registration as it is in its file."""

    registration: Registration
    hash: str = Field(description="the hash in the file")
    edited: bool = Field(description="whether the content of the file does not have this hash")


def now() -> str:
    """Return the present time in the form of ``Registration.created``."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def check_hypotheses(
    hypotheses: Sequence[Hypothesis],
    variants: Sequence[str],
    benchmarks: Sequence[str],
    regimes: Sequence[str],
    controls: Sequence[str],
) -> None:
    """Check that every hypothesis is about something that the study measures.

    Args:
        hypotheses: the hypotheses of the study.
        variants: variants of the study.
        benchmarks: benchmarks of the study.
        regimes: pretraining regimes of the study.
        controls: controls of the study.

    Raises:
        ValueError: for the first hypothesis that is not, or for an id that is used twice.
    """
    ids = [h.id for h in hypotheses]
    repeated = next((i for i in ids if ids.count(i) > 1), None)
    if repeated is not None:
        raise ValueError(f"two hypotheses are called {repeated!r}")
    comparable = {*variants, *({"random_init"} & set(controls))}
    for h in hypotheses:
        names = ((h.variant, comparable), (h.reference, comparable), (h.benchmark, {*benchmarks}))
        for name, measured_names in (*names, (h.regime, {"", *regimes}), (h.reference_regime, {"", *regimes})):
            if name not in measured_names:
                raise ValueError(f"hypothesis {h.id!r} names {name!r}, which the study does not measure")
        if not h.regime and len(regimes) > 1:
            raise ValueError(f"hypothesis {h.id!r} must name a regime: the study has {', '.join(regimes)}")
        regime = h.regime or regimes[0]
        if (h.variant, regime) == (h.reference, h.reference_regime or regime):
            raise ValueError(f"hypothesis {h.id!r} compares {h.variant!r} with itself")


def read(folder: Path) -> RegistrationFile | None:
    """Return the registration of a study folder, or None where there is none.

    Args:
        folder: the study folder.

    Raises:
        ConfigError: when the file cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        content = read_json(path)
        hash_in_file = str(content.pop("hash"))
        registration = Registration.model_validate(content)
    except ValidationError:
        raise ConfigError(f"{path}: damaged, edited, or of another version of auxjepa") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: not a registration ({type(error).__name__})") from None
    # The hash is of the content of the file, which an older version of the package may have written differently.
    return RegistrationFile(registration=registration, hash=hash_in_file, edited=_digest(content) != hash_in_file)


def to_json(registration: Registration) -> dict[str, Any]:
    """Return the content of the file: the record and its hash.

    Args:
        registration: the record.
    """
    return registration.model_dump(mode="json") | {"hash": registration.hash}


def run_name(variant: str, seed: int, regime: str) -> str:
    """Return the name of a run in ``Registration.runs``.

    Args:
        variant: variant of the run.
        seed: seed of the run.
        regime: pretraining regime of the run.
    """
    return f"{variant} seed {seed} on {regime}"


def run_name_of(row: Row) -> str:
    """Return the name of a row's run in ``Registration.runs``.

    Args:
        row: one score.
    """
    return run_name(row.variant, row.seed, row.regime)


def is_registered(registration: Registration, row: Row) -> bool:
    """Check whether a row is of a registered run and was measured as registered.

    Args:
        registration: the registration.
        row: one score.
    """
    return registration.runs.get(run_name_of(row)) == row.run and is_measured_as_registered(registration, row)


def is_measured_as_registered(registration: Registration, row: Row) -> bool:
    """Check whether benchmark, protocol and metric of a row are those that are registered.

    Args:
        registration: the registration.
        row: one score.
    """
    measure = registration.measures.get(row.regime, {}).get(row.benchmark)
    if measure is None:
        return False
    expected = (measure.benchmark_hash, measure.protocol_hash, measure.metric or registration.rule.metric)
    return expected in [(row.benchmark_hash, row.protocol_hash, metric) for metric in metric_names(row)]


def metric_names(row: Row) -> tuple[str, str]:
    """Return the metric of a row with and without the minus sign of scores in which less is better.

    Args:
        row: one score.
    """
    return row.metric, row.metric.removeprefix("-")


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
