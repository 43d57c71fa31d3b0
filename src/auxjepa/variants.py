"""The named variants of the study: which terms, weights, masks and teacher each has. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from pydantic import Field

from auxjepa.config import ConfigError, MaskConfig, ObjectiveConfig, RunConfig, TeacherConfig, Typed


class Variant(Typed):
    """A combination of loss terms (and masks, and teacher) under a name."""

    name: str
    summary: str
    objectives: dict[str, ObjectiveConfig]
    masks: tuple[MaskConfig, ...] | None = Field(default=None, description="None: the run's own masks")
    teacher: TeacherConfig | None = Field(default=None, description="None: the run's own teacher")
    paper: str = Field(default="", description="name of the row in the paper's tables; empty when it isn't there")


def term(weight: float = 1.0, /, **args: Any) -> ObjectiveConfig:
    """A loss term of constant weight with its hyperparameters."""
    return ObjectiveConfig(name=None, weight=weight, args=args)


PREDICTION = {"prediction": term()}
PER_LEVEL = {"ratio": 0.5, "split": "per_level"}


def factorised() -> dict[str, ObjectiveConfig]:
    """Static appearance and decorrelation of appearance from dynamics, with the paper's weights."""
    return {
        "static_appearance": term(0.05, subspaces=PER_LEVEL),
        "cross_covariance": term(0.01, subspaces=PER_LEVEL),
    }


def baseline() -> Variant:
    return Variant(name="baseline", summary="Video-JEPA prediction alone", objectives=PREDICTION, paper="Baseline")


def ld() -> Variant:
    return Variant(
        name="ld",
        summary="latent dynamics beside prediction",
        objectives=PREDICTION | {"latent_dynamics": term(1.0)},
        paper="LD",
    )


def ld_only() -> Variant:
    return Variant(
        name="ld_only",
        summary="latent dynamics without the prediction term",
        objectives={"latent_dynamics": term(1.0)},
    )


def hw() -> Variant:
    return Variant(
        name="hw",
        summary="hard-region weighted prediction added to prediction",
        objectives=PREDICTION | {"hard_region": term(0.3)},
        paper="HW",
    )


def fwm() -> Variant:
    return Variant(
        name="fwm",
        summary="factorised world model: static appearance channels, decorrelated from dynamics channels",
        objectives=PREDICTION | factorised(),
        paper="FWM",
    )


def fwm_ld() -> Variant:
    return Variant(
        name="fwm_ld",
        summary="factorisation, and latent dynamics read from the dynamics channels",
        objectives=PREDICTION | factorised() | {"latent_dynamics": term(1.0, channels="dynamics", subspaces=PER_LEVEL)},
        paper="FWM+LD",
    )


def hw_ld() -> Variant:
    return Variant(
        name="hw_ld",
        summary="hard-region weighted prediction and hard-region weighted latent dynamics, both with gradient",
        objectives=PREDICTION
        | {"hard_region": term(1.0), "latent_dynamics": term(1.0, hard_region={"temperature": 1.0, "pool": "batch"})},
        paper="HW+LD",
    )


def fwm_hw_ld() -> Variant:
    dynamics = term(1.0, channels="dynamics", subspaces=PER_LEVEL, hard_region={"temperature": 1.0, "pool": "batch"})
    return Variant(
        name="fwm_hw_ld",
        summary="factorisation, hard-region weighted prediction and hard-region weighted latent dynamics, as described",
        objectives=PREDICTION | factorised() | {"hard_region": term(1.0), "latent_dynamics": dynamics},
        paper="FWM-HW-LD",
    )


VARIANTS: dict[str, Callable[[], Variant]] = {
    "baseline": baseline,
    "ld": ld,
    "ld_only": ld_only,
    "hw": hw,
    "fwm": fwm,
    "fwm_ld": fwm_ld,
    "hw_ld": hw_ld,
    "fwm_hw_ld": fwm_hw_ld,
}


def find(name: str) -> Variant:
    """The variant of this name.

    Raises:
        ConfigError: when there is none.
    """
    if name not in VARIANTS:
        close = get_close_matches(name, VARIANTS, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(VARIANTS)}"
        raise ConfigError(f"no variant is called {name!r}; {hint}")
    return VARIANTS[name]()


def apply(name: str, config: RunConfig) -> RunConfig:
    """``config`` with the terms, masks and teacher of a variant; everything else stays.

    The objectives are replaced as a whole, except a ``context`` term of ``config``: whether visible tokens are
    predicted too is decided once for all variants of a study.

    Raises:
        ConfigError: when no variant has this name.
    """
    variant = find(name)
    kept = {key: value for key, value in config.objectives.items() if (value.name or key) == "context"}
    changes: dict[str, Any] = {"variant": variant.name, "objectives": variant.objectives | kept}
    if variant.masks is not None:
        changes["masks"] = variant.masks
    if variant.teacher is not None:
        changes["teacher"] = variant.teacher
    return config.model_copy(update=changes)
