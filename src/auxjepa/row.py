"""The record of one score. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from auxjepa.metric_words import range_of
from auxjepa.typed import Typed

Control = Literal[
    "random_init",
    "raw_pixels",
    "one_frame",
    "shuffled",
    "majority",
    "chance",
    "frozen",
    "supervised",
    "convolution",
]
"""Kinds of controls. ``frozen`` is an encoder from elsewhere, which has no pretraining seed. ``supervised`` and
``convolution`` are trained on labels: their scores are ceilings."""
CONTROLS: tuple[Control, ...] = ("random_init", "raw_pixels", "majority", "chance")
"""Controls of a benchmark and of a study by default. Frozen encoders are named one by one instead."""
ENCODER_CONTROLS: tuple[Control, ...] = ("random_init", "one_frame", "shuffled", "frozen")
"""Controls that read an encoder, so that each seed has its own score."""


def _refuse_frozen(control: Control) -> Control:
    if control == "frozen":
        raise ValueError("'frozen' is for encoders from elsewhere, which are named one by one")
    return control


ScoredControl = Annotated[Control, AfterValidator(_refuse_frozen)]
"""A control that a study or a benchmark can name in its list of controls."""
LARGEST = 1e9
"""Largest score and part of a score. Larger numbers are damage, and sums of them could overflow."""
MOST_EXAMPLES, MOST_COST = 10**10, 1e12
MEAN_OF_MARKS = ("top1", "mean_top1")
"""Metrics whose score is the share of correct marks, in percent."""


class Row(Typed):
    """One score: a frozen encoder (or a control) under one protocol on one benchmark."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"parts": {}}

    schema_version: Literal[1] = 1
    run: str = Field(description="content hash of the pretraining run; the control's name for controls without one")
    variant: str
    regime: str
    seed: int = Field(ge=0)
    control: Control | None = None
    benchmark: str
    benchmark_hash: str
    protocol: str
    protocol_hash: str
    metric: str = "top1"
    score: float = Field(ge=-LARGEST, le=LARGEST, description="in percent for accuracies")
    validation: float | None = Field(
        default=None,
        ge=-LARGEST,
        le=LARGEST,
        description="the metric on the validation clips",
    )
    n_test: int = Field(ge=0, le=MOST_EXAMPLES)
    n_classes: int = Field(ge=0, le=MOST_EXAMPLES)
    selected: dict[str, float | int | str] = Field(default={}, description="hyperparameters chosen on validation")
    parts: dict[str, float] = Field(default={}, description="the numbers that the score combines, by name")
    seconds: float = Field(default=0.0, ge=0, le=MOST_COST)
    cpu_seconds: float = Field(default=0.0, ge=0, le=MOST_COST)
    peak_memory_mb: float = Field(default=0.0, ge=0, le=MOST_COST)
    created: str = ""
    versions: dict[str, str] = Field(default={}, description="package: version")

    @field_validator("run", "variant", "regime", "benchmark", "protocol", "metric")
    @classmethod
    def _printable(cls, name: str) -> str:
        """Refuse names that terminals, pages and tables can't print."""
        if not name.isprintable():
            raise ValueError("a name with characters that can't be printed")
        return name

    @field_validator("parts")
    @classmethod
    def _possible(cls, parts: dict[str, float]) -> dict[str, float]:
        for name, value in parts.items():
            if abs(value) > LARGEST:
                raise ValueError(f"{name[:40]!r} is larger than any part of a score")
        return parts

    @model_validator(mode="after")
    def _in_range(self) -> Row:
        """Refuse scores that the metric cannot have."""
        low, high = range_of(self.metric)
        for value, name in ((self.score, ""), (self.validation, " on validation clips")):
            if value is None or low <= value <= high:
                continue
            if (low, high) == (0, 100):
                raise ValueError(f"{self.metric} is a share in percent, and {value:g}{name} is not")
            limit = f"at least {low:g}" if value < low else f"at most {high:g}"
            raise ValueError(f"{self.metric} is {limit}, and {value:g}{name} is not")
        return self

    @property
    def name(self) -> str:
        """Return variant, seed and benchmark of the score, for people."""
        return f"{self.variant} seed {self.seed} on {self.benchmark}"

    @property
    def id(self) -> str:
        """Return the name of the row, which is unique in a study: a hash of encoder, benchmark and protocol."""
        return Typed.digest(self, exclude=_NOT_IDENTITY)


_IDENTITY = {"run", "variant", "regime", "seed", "control", "benchmark", "benchmark_hash", "protocol_hash", "metric"}
_NOT_IDENTITY = set(Row.model_fields) - _IDENTITY
