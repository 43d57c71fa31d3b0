"""Named variants: combinations of loss terms, weights, masks and teacher. Imports no torch.

``NAME`` is a variant as the paper (arXiv 2605.17165) describes it; ``NAME_released`` follows its released code where
that differs. Weights are the paper's. Fields that a variant doesn't set keep the values of the run. How a term is
computed belongs to :mod:`auxjepa.objectives`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auxjepa.config import ConfigError, MaskConfig, ModelConfig, ObjectiveConfig, RunConfig, hint
from auxjepa.modules import make_registry
from auxjepa.variants import mixed, ours, ucf101
from auxjepa.variants.variant import MaskChange, Terms, Variant, term

__all__ = ["VARIANTS", "MaskChange", "Terms", "Variant", "apply", "change_masks", "find", "term"]

VARIANTS: dict[str, Callable[[], Variant]] = {
    "baseline": mixed.baseline,
    "hw": mixed.hw,
    "delta": mixed.delta,
    "fwm": mixed.fwm,
    "fwm_released": mixed.fwm_released,
    "ld": mixed.ld,
    "fwm_ld": mixed.fwm_ld,
    "fwm_ld_released": mixed.fwm_ld_released,
    "hw_ld": mixed.hw_ld,
    "hw_ld_released": mixed.hw_ld_released,
    "fwm_hw_ld": mixed.fwm_hw_ld,
    "fwm_hw_ld_released": mixed.fwm_hw_ld_released,
    "spectral": mixed.spectral,
    "ltc": mixed.ltc,
    "ac": mixed.ac,
    "ac_hw": mixed.ac_hw,
    "fac": mixed.fac,
    "fac_released": mixed.fac_released,
    **mixed.GUIDED,
    **ucf101.KINEMATIC,
    "sigreg": ucf101.sigreg,
    "sigreg_no_ema": ucf101.sigreg_no_ema,
    "sigreg_no_ema_released": ucf101.sigreg_no_ema_released,
    "hamiltonian": ucf101.hamiltonian,
    "velgate": ucf101.velgate,
    "future_predictive": ucf101.future_predictive,
    "ld_only": ours.ld_only,
    "ld_variance": ours.ld_variance,
    "ld_causal": ours.ld_causal,
    "fwm_sharp_ld": ours.fwm_sharp_ld,
    "hw_sharp": ours.hw_sharp,
    "mae": ours.mae,
    "infonce": ours.infonce,
    "hw_full": ours.hw_full,
    "fwm_hw": ours.fwm_hw,
    "fwm_hw_released": ours.fwm_hw_released,
}


def find(name: str) -> Variant:
    """Return the variant with this name.

    Raises:
        ConfigError: if there is none.
    """
    if name not in VARIANTS:
        raise ConfigError(f"no variant is called {name!r}{hint(name, VARIANTS)}")
    return VARIANTS[name]()


def apply(name: str, config: RunConfig) -> RunConfig:
    """Return ``config`` with the terms, masks and teacher of a variant; all other fields are unchanged.

    All objectives are replaced, except a ``context`` term of ``config``: a study decides once for all its variants
    whether visible tokens are predicted too.

    Raises:
        ConfigError: when no variant has this name.
    """
    variant = find(name)
    objectives = {key: _sized(key, value, config.model) for key, value in variant.objectives.items()}
    context = {key: value for key, value in config.objectives.items() if (value.name or key) == "context"}
    changes: dict[str, Any] = {"variant": variant.name, "objectives": objectives | context}
    if variant.masks is not None:
        changes["masks"] = change_masks(config.masks, variant.masks)
    if variant.teacher is not None:
        changes["teacher"] = config.teacher.model_copy(update=variant.teacher.model_dump(exclude_unset=True))
    return config.model_copy(update=changes)


def change_masks(masks: tuple[MaskConfig, ...], change: MaskChange) -> tuple[MaskConfig, ...]:
    """Return masks of another kind, with the number and size of blocks of the present ones.

    Args:
        masks: the present masks.
        change: kind, settings and factor on the number of blocks.
    """
    update = {"kind": change.kind, "args": change.args}
    return tuple(
        mask.model_copy(update=update | {"blocks": max(1, int(mask.blocks * change.blocks_share))}) for mask in masks
    )


def _sized(key: str, value: ObjectiveConfig, model: ModelConfig) -> ObjectiveConfig:
    """Add the model's tile size to a term of pixel regression; other terms are returned unchanged."""
    if (value.name or key) != "pixel_reconstruction":
        return value
    return value.model_copy(update={"args": {"tubelet": model.tubelet, "patch": model.patch} | value.args})


make_registry(__name__, lambda: VARIANTS, find)
