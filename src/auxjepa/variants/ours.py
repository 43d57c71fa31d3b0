"""Variants that aren't in the paper: suggestions from its findings, references, and missing cells of its ablation."""

from __future__ import annotations

from auxjepa.variants.variant import (
    CONCATENATED,
    PER_LEVEL,
    MaskChange,
    Variant,
    factorised,
    reading_dynamics,
    term,
    variant,
)


def ld_only() -> Variant:
    objectives = {"latent_dynamics": term()}
    return Variant(name="ld_only", summary="latent dynamics without the prediction term", objectives=objectives)


def ld_variance() -> Variant:
    terms = {"latent_dynamics": term(), "variance": term()}
    return variant("ld_variance", "latent dynamics, and a floor under the spread of channels", terms)


def ld_causal() -> Variant:
    summary = "latent dynamics with causal masks: no time step is both visible and predicted"
    return variant("ld_causal", summary, {"latent_dynamics": term()}, masks=MaskChange(kind="causal"))


def fwm_sharp_ld() -> Variant:
    dynamics = reading_dynamics(PER_LEVEL, hard_region={"temperature": 0.1, "pool": "clip"})
    summary = "factorisation, and latent dynamics weighted clip by clip at temperature 0.1"
    return variant("fwm_sharp_ld", summary, factorised(PER_LEVEL) | {"latent_dynamics": dynamics})


def hw_sharp() -> Variant:
    terms = {"hard_region": term(0.3, temperature=0.1)}
    return variant("hw_sharp", "hard-region weighted prediction at temperature 0.1", terms)


def mae() -> Variant:
    summary = "masked pixel regression alone: the reconstructive reference"
    return Variant(name="mae", summary=summary, objectives={"pixel_reconstruction": term()})


def infonce() -> Variant:
    summary = "clip-level contrast of masks alone: the contrastive reference"
    return Variant(name="infonce", summary=summary, objectives={"infonce": term()})


def hw_full() -> Variant:
    summary = "hard-region weighted prediction at weight 1, as in the paper's combinations: a cell of its ablation"
    return variant("hw_full", summary, {"hard_region": term(1.0)})


def fwm_hw() -> Variant:
    summary = "factorisation and hard-region weighted prediction: the cell that the paper's ablation lacks"
    return variant("fwm_hw", summary, factorised(PER_LEVEL) | {"hard_region": term(1.0)})


def fwm_hw_released() -> Variant:
    summary = "as fwm_hw, divided by depth: what the released fwm_hw_ld trains"
    return variant("fwm_hw_released", summary, factorised(CONCATENATED) | {"hard_region": term(1.0)})
