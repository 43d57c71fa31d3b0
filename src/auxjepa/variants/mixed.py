"""Variants of the paper's mixed regime (UCF-101, Something-Something v2, ImageNet-100)."""

from __future__ import annotations

from collections.abc import Callable

from auxjepa.variants.variant import (
    CONCATENATED,
    DEAD,
    PER_LEVEL,
    WEIGHTED,
    MaskChange,
    Terms,
    Variant,
    factorised,
    reading_dynamics,
    term,
    variant,
)


def _guided(
    kind: str, name: str, row: str, terms: Terms, strength: float | int, random_rate: float | int, share: float = 1.0
):
    """Return two variants whose blocks follow motion: as described, and as released (normalised across the batch)."""

    def build(name: str, summary: str, normalise: str) -> Variant:
        args = {"strength": strength, "random_rate": random_rate, "normalise": normalise}
        masks = MaskChange(kind=kind, args=args, blocks_share=share)
        return variant(name, summary, terms, masks=masks, paper=row)

    summary = f"{''.join(f'{key}, ' for key in terms)}blocks hidden where the clip moves (strength {strength:g})"
    released = f"{summary}, motion normalised across the batch by mistake"
    return {
        name: lambda: build(name, summary, "clip"),
        f"{name}_released": lambda: build(f"{name}_released", released, "batch"),
    }


def baseline() -> Variant:
    return variant("baseline", "Video-JEPA prediction alone", {}, paper="mixed/baseline")


def hw() -> Variant:
    return variant("hw", "hard-region weighted prediction added", {"hard_region": term(0.3)}, paper="mixed/hw")


def delta() -> Variant:
    return variant("delta", "matching of temporal differences", {"delta": term(0.5)}, paper="mixed/delta")


def ld() -> Variant:
    return variant("ld", "latent dynamics", {"latent_dynamics": term()}, paper="mixed/ld")


def fwm() -> Variant:
    summary = "factorised world model, every level divided into appearance and dynamics"
    return variant("fwm", summary, factorised(PER_LEVEL), paper="mixed/fwm")


def fwm_released() -> Variant:
    summary = "factorised world model divided by depth: shallow levels appearance, deep levels dynamics"
    return variant("fwm_released", summary, factorised(CONCATENATED), paper="mixed/fwm")


def fwm_ld() -> Variant:
    terms = factorised(PER_LEVEL) | {"latent_dynamics": reading_dynamics(PER_LEVEL)}
    return variant("fwm_ld", "factorisation, and latent dynamics of its dynamics channels", terms, paper="mixed/fwm_ld")


def fwm_ld_released() -> Variant:
    terms = factorised(CONCATENATED) | {"latent_dynamics": reading_dynamics(CONCATENATED)}
    return variant("fwm_ld_released", "as fwm_ld, divided by depth", terms, paper="mixed/fwm_ld")


def hw_ld() -> Variant:
    terms = {"hard_region": term(1.0), "latent_dynamics": term(hard_region=WEIGHTED)}
    return variant("hw_ld", "hard-region weighted prediction and latent dynamics", terms, paper="mixed/hw_ld")


def hw_ld_released() -> Variant:
    terms = {"hard_region": term(1.0), "latent_dynamics": term(hard_region=DEAD)}
    return variant("hw_ld_released", "as hw_ld, latent dynamics without gradient", terms, paper="mixed/hw_ld")


def fwm_hw_ld() -> Variant:
    dynamics = reading_dynamics(PER_LEVEL, hard_region=WEIGHTED)
    terms = factorised(PER_LEVEL) | {"hard_region": term(1.0), "latent_dynamics": dynamics}
    summary = "factorisation, hard-region weighted prediction and latent dynamics"
    return variant("fwm_hw_ld", summary, terms, paper="mixed/fwm_hw_ld")


def fwm_hw_ld_released() -> Variant:
    dynamics = reading_dynamics(CONCATENATED, hard_region=DEAD)
    terms = factorised(CONCATENATED) | {"hard_region": term(1.0), "latent_dynamics": dynamics}
    summary = "as fwm_hw_ld, divided by depth, latent dynamics without gradient"
    return variant("fwm_hw_ld_released", summary, terms, paper="mixed/fwm_hw_ld")


def spectral() -> Variant:
    return variant("spectral", "matching of temporal spectra", {"spectral": term()}, paper="mixed/spectral")


def ltc() -> Variant:
    return variant("ltc", "latent temporal contrast", {"temporal_contrast": term(0.5, margin=0.5)}, paper="mixed/ltc")


def ac() -> Variant:
    return variant("ac", "action conditioning: colour change of the tile", {"action": term()}, paper="mixed/ac")


def ac_hw() -> Variant:
    terms = {"action": term(), "hard_region": term(0.3)}
    return variant("ac_hw", "action conditioning and hard-region weighted prediction", terms, paper="mixed/ac_hw")


def fac() -> Variant:
    terms = factorised(PER_LEVEL) | {"action": reading_dynamics(PER_LEVEL)}
    return variant("fac", "factorisation, and action conditioning of its dynamics channels", terms, paper="mixed/fac")


def fac_released() -> Variant:
    terms = factorised(CONCATENATED) | {"action": reading_dynamics(CONCATENATED)}
    return variant("fac_released", "as fac, divided by depth", terms, paper="mixed/fac")


_COMBO = {"delta": term(0.5), "hard_region": term(0.3)}
GUIDED: dict[str, Callable[[], Variant]] = {
    **_guided("motion_guided", "mgm", "mixed/mgm", {}, 2, 0.1),
    **_guided("motion_guided", "amg", "mixed/amg", {}, 5, 0),
    **_guided("motion_guided", "combo", "mixed/combo", _COMBO, 5, 0),
    **_guided("motion_future", "motion_future", "ucf101/motion_future", {}, 2, 0.1, share=0.5),
}
