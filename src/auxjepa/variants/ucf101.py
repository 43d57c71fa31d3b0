"""Variants of the paper's UCF-101 regime."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auxjepa.config import ScheduleConfig
from auxjepa.variants.variant import FADING, NO_TEACHER, MaskChange, Variant, term, variant


def _kinematic(
    name: str, what: str, row: str, weight: float | int, schedule: ScheduleConfig | None = None, **args: Any
):
    """Return two variants with a smoothness term: on the student with a teacher, and as released."""

    def described() -> Variant:
        entry = term(weight, schedule, on="student", **args)
        return variant(name, f"{what} of the student's features", {"kinematic": entry}, paper=row)

    def released() -> Variant:
        entry = term(weight, schedule, on="target", **args)
        summary = f"{what} of the targets, teacher off; the paper probes the teacher, which was never trained"
        fields = {"teacher": NO_TEACHER, "evaluates": "teacher", "paper": row}
        return variant(f"{name}_released", summary, {"kinematic": entry}, **fields)

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
    return variant("sigreg", "isotropic Gaussian features (SIGReg)", {"sigreg": term()}, paper="ucf101/sigreg")


def sigreg_no_ema() -> Variant:
    summary = "SIGReg with targets from the student itself"
    fields = {"teacher": NO_TEACHER, "evaluates": "student", "paper": "ucf101/sigreg_no_ema"}
    return variant("sigreg_no_ema", summary, {"sigreg": term()}, **fields)


def sigreg_no_ema_released() -> Variant:
    summary = "as sigreg_no_ema; the paper probes the teacher, which was never trained"
    fields = {"teacher": NO_TEACHER, "evaluates": "teacher", "paper": "ucf101/sigreg_no_ema"}
    return variant("sigreg_no_ema_released", summary, {"sigreg": term()}, **fields)


def hamiltonian() -> Variant:
    terms = {"hamiltonian": term(dt=0.1)}
    return variant("hamiltonian", "symplectic step of a learned energy", terms, paper="ucf101/hamiltonian")


def velgate() -> Variant:
    terms = {"velocity_gate": term(quantile=0.5)}
    return variant("velgate", "no change where the teacher is slow", terms, paper="ucf101/velgate")


def future_predictive() -> Variant:
    masks = MaskChange(kind="future_predictive", blocks_share=0.5)
    return variant(
        "future_predictive", "the first half predicts the rest", {}, masks=masks, paper="ucf101/future_predictive"
    )
