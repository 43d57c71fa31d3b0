"""The record of a variant, and terms that several variants share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from auxjepa.config import ObjectiveConfig, ScheduleConfig, TeacherConfig, Typed

Terms = dict[str, ObjectiveConfig]


class MaskChange(Typed):
    """The change of each mask of a run. Number and size of blocks stay comparable with the baseline."""

    kind: str
    args: dict[str, float | int | str | bool] = Field(default={}, description="settings of this kind of mask")
    blocks_share: float = Field(default=1.0, gt=0, description="factor on the number of blocks (rounded down, >= 1)")


class Variant(Typed):
    """A named combination of loss terms, masks and teacher."""

    name: str
    summary: str
    objectives: Terms
    masks: MaskChange | None = Field(default=None, description="None: the run's own masks")
    teacher: TeacherConfig | None = Field(
        default=None, description="changed fields of the teacher; None: the run's teacher"
    )
    evaluates: Literal["student", "teacher"] | None = Field(
        default=None, description="network that the paper probes; None: the run's choice"
    )
    paper: str = Field(default="", description="regime/variant of its row in the published table; '' without one")


def term(weight: float | int = 1.0, /, schedule: ScheduleConfig | None = None, **args: Any) -> ObjectiveConfig:
    """Return a loss term with its weight and hyperparameters."""
    return ObjectiveConfig(name=None, weight=weight, args=args, schedule=schedule or ScheduleConfig.model_validate({}))


PER_LEVEL = {"ratio": 0.5, "split": "per_level"}
CONCATENATED = {"ratio": 0.5, "split": "concatenated"}
PREDICTION: Terms = {"prediction": term()}
NO_TEACHER = TeacherConfig.model_validate({"enabled": False})
WEIGHTED = {"temperature": 1.0, "pool": "batch"}
DEAD = WEIGHTED | {"detach": True}
FADING = ScheduleConfig.model_validate({"kind": "cosine", "first": 1.0, "last": 0.0})


def factorised(subspaces: dict[str, Any]) -> Terms:
    """Return the terms that keep appearance channels static and decorrelate them from the dynamics channels."""
    return {
        "static_appearance": term(0.05, subspaces=subspaces),
        "cross_covariance": term(0.01, subspaces=subspaces),
    }


def reading_dynamics(subspaces: dict[str, Any], **args: Any) -> ObjectiveConfig:
    """Return a term of weight 1 with a head on the dynamics channels."""
    return term(1.0, channels="dynamics", subspaces=subspaces, **args)


def variant(name: str, summary: str, terms: Terms, /, **fields: Any) -> Variant:
    """Return a variant with the prediction term and further terms.

    Args:
        name: name of the variant.
        summary: one line about it.
        terms: terms in addition to prediction.
        fields: other fields of :class:`Variant`.
    """
    return Variant(name=name, summary=summary, objectives=PREDICTION | terms, **fields)
