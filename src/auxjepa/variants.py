"""The named variants of the study: which terms, weights, masks and teacher each has. Imports no torch.

``NAME`` is what the paper (arXiv 2605.17165) describes; ``NAME_released`` is what its released code does where that
differs. Weights are the paper's. A variant leaves to the run what it doesn't speak of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from auxjepa.config import (
    ConfigError,
    ModelConfig,
    ObjectiveConfig,
    RunConfig,
    ScheduleConfig,
    TeacherConfig,
    Typed,
    hint,
)

Terms = dict[str, ObjectiveConfig]


class MaskChange(Typed):
    """What a variant does to each of the run's masks; number and size of blocks stay comparable with the baseline."""

    kind: str
    args: dict[str, float | int | str | bool] = Field(default={}, description="settings of this kind of mask")
    blocks_share: float = Field(default=1.0, gt=0, description="factor on the number of blocks (rounded down, >= 1)")


class Variant(Typed):
    """A combination of loss terms (and masks, and teacher) under a name."""

    name: str
    summary: str
    objectives: Terms
    masks: MaskChange | None = Field(default=None, description="None: the run's own masks")
    teacher: TeacherConfig | None = Field(default=None, description="only what is set here; None: the run's teacher")
    evaluates: Literal["student", "teacher"] | None = Field(
        default=None, description="network the paper probes, where that matters; None: the run's choice"
    )
    paper: str = Field(default="", description="regime/variant of its row in the published table; empty without one")


def term(weight: float | int = 1.0, /, schedule: ScheduleConfig | None = None, **args: Any) -> ObjectiveConfig:
    """A loss term with its weight and hyperparameters."""
    return ObjectiveConfig(name=None, weight=weight, args=args, schedule=schedule or ScheduleConfig.model_validate({}))


PER_LEVEL = {"ratio": 0.5, "split": "per_level"}
CONCATENATED = {"ratio": 0.5, "split": "concatenated"}
PREDICTION: Terms = {"prediction": term()}
NO_TEACHER = TeacherConfig.model_validate({"enabled": False})
WEIGHTED = {"temperature": 1.0, "pool": "batch"}
DEAD = WEIGHTED | {"detach": True}
FADING = ScheduleConfig.model_validate({"kind": "cosine", "first": 1.0, "last": 0.0})


def factorised(subspaces: dict[str, Any]) -> Terms:
    """Static appearance channels, decorrelated from the dynamics channels."""
    return {
        "static_appearance": term(0.05, subspaces=subspaces),
        "cross_covariance": term(0.01, subspaces=subspaces),
    }


def reading_dynamics(subspaces: dict[str, Any], **args: Any) -> ObjectiveConfig:
    """A term of weight 1 whose head reads the dynamics channels."""
    return term(1.0, channels="dynamics", subspaces=subspaces, **args)


def _variant(name: str, summary: str, terms: Terms, /, **rest: Any) -> Variant:
    """Prediction and the given terms."""
    return Variant(name=name, summary=summary, objectives=PREDICTION | terms, **rest)


def _guided(
    kind: str, name: str, row: str, terms: Terms, strength: float | int, random_rate: float | int, share: float = 1.0
):
    """A pair of functions: blocks that follow motion, and as released with motion normalised across the batch."""

    def made(name: str, summary: str, normalise: str) -> Variant:
        args = {"strength": strength, "random_rate": random_rate, "normalise": normalise}
        masks = MaskChange(kind=kind, args=args, blocks_share=share)
        return _variant(name, summary, terms, masks=masks, paper=row)

    summary = f"{''.join(f'{key}, ' for key in terms)}blocks hidden where the clip moves (strength {strength:g})"
    released = f"{summary}, motion normalised across the batch by mistake"
    return {
        name: lambda: made(name, summary, "clip"),
        f"{name}_released": lambda: made(f"{name}_released", released, "batch"),
    }


# Mixed regime (UCF-101, Something-Something v2, ImageNet-100)


def baseline() -> Variant:
    return _variant("baseline", "Video-JEPA prediction alone", {}, paper="mixed/baseline")


def hw() -> Variant:
    return _variant("hw", "hard-region weighted prediction added", {"hard_region": term(0.3)}, paper="mixed/hw")


def delta() -> Variant:
    return _variant("delta", "matching of temporal differences", {"delta": term(0.5)}, paper="mixed/delta")


def ld() -> Variant:
    return _variant("ld", "latent dynamics", {"latent_dynamics": term()}, paper="mixed/ld")


def fwm() -> Variant:
    summary = "factorised world model, every level divided into appearance and dynamics"
    return _variant("fwm", summary, factorised(PER_LEVEL), paper="mixed/fwm")


def fwm_released() -> Variant:
    summary = "factorised world model divided by depth: shallow levels appearance, deep levels dynamics"
    return _variant("fwm_released", summary, factorised(CONCATENATED), paper="mixed/fwm")


def fwm_ld() -> Variant:
    terms = factorised(PER_LEVEL) | {"latent_dynamics": reading_dynamics(PER_LEVEL)}
    return _variant(
        "fwm_ld", "factorisation, and latent dynamics of its dynamics channels", terms, paper="mixed/fwm_ld"
    )


def fwm_ld_released() -> Variant:
    terms = factorised(CONCATENATED) | {"latent_dynamics": reading_dynamics(CONCATENATED)}
    return _variant("fwm_ld_released", "as fwm_ld, divided by depth", terms, paper="mixed/fwm_ld")


def hw_ld() -> Variant:
    terms = {"hard_region": term(1.0), "latent_dynamics": term(hard_region=WEIGHTED)}
    return _variant("hw_ld", "hard-region weighted prediction and latent dynamics", terms, paper="mixed/hw_ld")


def hw_ld_released() -> Variant:
    terms = {"hard_region": term(1.0), "latent_dynamics": term(hard_region=DEAD)}
    return _variant("hw_ld_released", "as hw_ld, latent dynamics without gradient", terms, paper="mixed/hw_ld")


def fwm_hw_ld() -> Variant:
    dynamics = reading_dynamics(PER_LEVEL, hard_region=WEIGHTED)
    terms = factorised(PER_LEVEL) | {"hard_region": term(1.0), "latent_dynamics": dynamics}
    summary = "factorisation, hard-region weighted prediction and latent dynamics"
    return _variant("fwm_hw_ld", summary, terms, paper="mixed/fwm_hw_ld")


def fwm_hw_ld_released() -> Variant:
    dynamics = reading_dynamics(CONCATENATED, hard_region=DEAD)
    terms = factorised(CONCATENATED) | {"hard_region": term(1.0), "latent_dynamics": dynamics}
    summary = "as fwm_hw_ld, divided by depth, latent dynamics without gradient"
    return _variant("fwm_hw_ld_released", summary, terms, paper="mixed/fwm_hw_ld")


def spectral() -> Variant:
    return _variant("spectral", "matching of temporal spectra", {"spectral": term()}, paper="mixed/spectral")


def ltc() -> Variant:
    return _variant("ltc", "latent temporal contrast", {"temporal_contrast": term(0.5, margin=0.5)}, paper="mixed/ltc")


def ac() -> Variant:
    return _variant("ac", "action conditioning: colour change of the tile", {"action": term()}, paper="mixed/ac")


def ac_hw() -> Variant:
    terms = {"action": term(), "hard_region": term(0.3)}
    return _variant("ac_hw", "action conditioning and hard-region weighted prediction", terms, paper="mixed/ac_hw")


def fac() -> Variant:
    terms = factorised(PER_LEVEL) | {"action": reading_dynamics(PER_LEVEL)}
    return _variant("fac", "factorisation, and action conditioning of its dynamics channels", terms, paper="mixed/fac")


def fac_released() -> Variant:
    terms = factorised(CONCATENATED) | {"action": reading_dynamics(CONCATENATED)}
    return _variant("fac_released", "as fac, divided by depth", terms, paper="mixed/fac")


_COMBO = {"delta": term(0.5), "hard_region": term(0.3)}
GUIDED: dict[str, Callable[[], Variant]] = {
    **_guided("motion_guided", "mgm", "mixed/mgm", {}, 2, 0.1),
    **_guided("motion_guided", "amg", "mixed/amg", {}, 5, 0),
    **_guided("motion_guided", "combo", "mixed/combo", _COMBO, 5, 0),
    **_guided("motion_future", "motion_future", "ucf101/motion_future", {}, 2, 0.1, share=0.5),
}


# UCF-101 regime


def _kinematic(
    name: str, what: str, row: str, weight: float | int, schedule: ScheduleConfig | None = None, **args: Any
):
    """A pair of functions: smoothness of the student beside its teacher, and as released."""

    def described() -> Variant:
        entry = term(weight, schedule, on="student", **args)
        return _variant(name, f"{what} of the student's features", {"kinematic": entry}, paper=row)

    def released() -> Variant:
        entry = term(weight, schedule, on="target", **args)
        summary = f"{what} of the targets, teacher off; the paper probes the teacher, which was never trained"
        rest = {"teacher": NO_TEACHER, "evaluates": "teacher", "paper": row}
        return _variant(f"{name}_released", summary, {"kinematic": entry}, **rest)

    return {name: described, f"{name}_released": released}


KINEMATIC: dict[str, Callable[[], Variant]] = {
    **_kinematic("kinematic", "absolute change", "ucf101/kinematic_1.0", 1.0, kind="l1"),
    **_kinematic("kinematic_0_1", "absolute change", "ucf101/kinematic_0.1", 0.1, kind="l1"),
    **_kinematic("kinematic_huber", "Huber change", "ucf101/kinematic_huber", 0.1, kind="huber", huber_delta=0.1),
    **_kinematic("kinematic_accel", "acceleration", "ucf101/kinematic_accel", 0.1, kind="acceleration"),
    **_kinematic(
        "kinematic_split",
        "acceleration of half the channels",
        "ucf101/kinematic_split",
        0.1,
        kind="acceleration",
        channel_share=0.5,
    ),
    **_kinematic(
        "kinematic_anneal", "fading acceleration", "ucf101/kinematic_anneal", 0.1, FADING, kind="acceleration"
    ),
}


def sigreg() -> Variant:
    return _variant("sigreg", "isotropic Gaussian features (SIGReg)", {"sigreg": term()}, paper="ucf101/sigreg")


def sigreg_no_ema() -> Variant:
    summary = "SIGReg with targets from the student itself"
    rest = {"teacher": NO_TEACHER, "evaluates": "student", "paper": "ucf101/sigreg_no_ema"}
    return _variant("sigreg_no_ema", summary, {"sigreg": term()}, **rest)


def sigreg_no_ema_released() -> Variant:
    summary = "as sigreg_no_ema; the paper probes the teacher, which was never trained"
    rest = {"teacher": NO_TEACHER, "evaluates": "teacher", "paper": "ucf101/sigreg_no_ema"}
    return _variant("sigreg_no_ema_released", summary, {"sigreg": term()}, **rest)


def hamiltonian() -> Variant:
    terms = {"hamiltonian": term(dt=0.1)}
    return _variant("hamiltonian", "symplectic step of a learned energy", terms, paper="ucf101/hamiltonian")


def velgate() -> Variant:
    terms = {"velocity_gate": term(quantile=0.5)}
    return _variant("velgate", "no change where the teacher is slow", terms, paper="ucf101/velgate")


def future_predictive() -> Variant:
    masks = MaskChange(kind="future_predictive", blocks_share=0.5)
    return _variant(
        "future_predictive", "the first half predicts the rest", {}, masks=masks, paper="ucf101/future_predictive"
    )


# Ours


def ld_only() -> Variant:
    objectives = {"latent_dynamics": term()}
    return Variant(name="ld_only", summary="latent dynamics without the prediction term", objectives=objectives)


def ld_variance() -> Variant:
    terms = {"latent_dynamics": term(), "variance": term()}
    return _variant("ld_variance", "latent dynamics, and a floor under the spread of channels", terms)


def ld_causal() -> Variant:
    summary = "latent dynamics with causal masks: no time step is both visible and predicted"
    return _variant("ld_causal", summary, {"latent_dynamics": term()}, masks=MaskChange(kind="causal"))


def fwm_sharp_ld() -> Variant:
    dynamics = reading_dynamics(PER_LEVEL, hard_region={"temperature": 0.1, "pool": "clip"})
    summary = "factorisation, and latent dynamics weighted clip by clip at temperature 0.1"
    return _variant("fwm_sharp_ld", summary, factorised(PER_LEVEL) | {"latent_dynamics": dynamics})


def hw_sharp() -> Variant:
    terms = {"hard_region": term(0.3, temperature=0.1)}
    return _variant("hw_sharp", "hard-region weighted prediction at temperature 0.1", terms)


def mae() -> Variant:
    summary = "masked pixel regression alone: the reconstructive reference"
    return Variant(name="mae", summary=summary, objectives={"pixel_reconstruction": term()})


def infonce() -> Variant:
    summary = "clip-level contrast of masks alone: the contrastive reference"
    return Variant(name="infonce", summary=summary, objectives={"infonce": term()})


VARIANTS: dict[str, Callable[[], Variant]] = {
    "baseline": baseline,
    "hw": hw,
    "delta": delta,
    "fwm": fwm,
    "fwm_released": fwm_released,
    "ld": ld,
    "fwm_ld": fwm_ld,
    "fwm_ld_released": fwm_ld_released,
    "hw_ld": hw_ld,
    "hw_ld_released": hw_ld_released,
    "fwm_hw_ld": fwm_hw_ld,
    "fwm_hw_ld_released": fwm_hw_ld_released,
    "spectral": spectral,
    "ltc": ltc,
    "ac": ac,
    "ac_hw": ac_hw,
    "fac": fac,
    "fac_released": fac_released,
    **GUIDED,
    **KINEMATIC,
    "sigreg": sigreg,
    "sigreg_no_ema": sigreg_no_ema,
    "sigreg_no_ema_released": sigreg_no_ema_released,
    "hamiltonian": hamiltonian,
    "velgate": velgate,
    "future_predictive": future_predictive,
    "ld_only": ld_only,
    "ld_variance": ld_variance,
    "ld_causal": ld_causal,
    "fwm_sharp_ld": fwm_sharp_ld,
    "hw_sharp": hw_sharp,
    "mae": mae,
    "infonce": infonce,
}


def find(name: str) -> Variant:
    """The variant of this name.

    Raises:
        ConfigError: when there is none.
    """
    if name not in VARIANTS:
        raise ConfigError(f"no variant is called {name!r}{hint(name, VARIANTS)}")
    return VARIANTS[name]()


def apply(name: str, config: RunConfig) -> RunConfig:
    """``config`` with the terms, masks and teacher of a variant; everything else stays.

    The objectives are replaced as a whole, except a ``context`` term of ``config``: whether visible tokens are
    predicted too is decided once for all variants of a study.

    Raises:
        ConfigError: when no variant has this name.
    """
    variant = find(name)
    objectives = {key: _sized(key, value, config.model) for key, value in variant.objectives.items()}
    kept = {key: value for key, value in config.objectives.items() if (value.name or key) == "context"}
    changes: dict[str, Any] = {"variant": variant.name, "objectives": objectives | kept}
    if variant.masks is not None:
        change = variant.masks
        changes["masks"] = tuple(
            mask.model_copy(
                update={
                    "kind": change.kind,
                    "args": change.args,
                    "blocks": max(1, int(mask.blocks * change.blocks_share)),
                }
            )
            for mask in config.masks
        )
    if variant.teacher is not None:
        changes["teacher"] = config.teacher.model_copy(update=variant.teacher.model_dump(exclude_unset=True))
    return config.model_copy(update=changes)


def _sized(key: str, value: ObjectiveConfig, model: ModelConfig) -> ObjectiveConfig:
    """Pixel regression needs to know the model's tiles; other terms are returned as they are."""
    if (value.name or key) != "pixel_reconstruction":
        return value
    return value.model_copy(update={"args": {"tubelet": model.tubelet, "patch": model.patch} | value.args})
