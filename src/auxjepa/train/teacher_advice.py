"""Advice on the schedule of the teacher's momentum in short runs."""

from __future__ import annotations

from auxjepa.config import RunConfig
from auxjepa.train.schedule import initial_share

LARGEST_SHARE = 0.1
"""Weight of the initial teacher at half of the training above which a run gets advice."""


def half_time_share(config: RunConfig) -> float:
    """Return the weight of the initial teacher at half of the training if it needs advice; else 0.

    Args:
        config: the run.
    """
    if not config.teacher.enabled or config.teacher.schedule != "linear":
        return 0.0
    steps = config.optim.steps
    share = initial_share(config.teacher, steps, steps // 2, LARGEST_SHARE)
    return share if share > LARGEST_SHARE else 0.0


def advise_teacher(config: RunConfig) -> str:
    """Return one line of advice if the teacher keeps too much of its random initial weights; else an empty text.

    Args:
        config: the run.
    """
    share = half_time_share(config)
    if not share:
        return ""
    (first, last), steps = config.teacher.momentum, config.optim.steps
    return (
        f"with teacher.momentum {first:g} to {last:g}, the random initial network has {share:.0%} of the teacher's "
        f"weight at half of the {steps:,} steps; teacher.schedule power keeps none of it (docs/training.md has scores)"
    )


def describe_unused(config: RunConfig) -> list[str]:
    """Return one line for each changed field of the teacher that its schedule does not use.

    Args:
        config: the run.
    """
    teacher, plain = config.teacher, RunConfig().teacher
    if not teacher.enabled:
        return []
    if teacher.schedule == "linear":
        unused = teacher.width != plain.width
        return (
            [f"teacher.width {teacher.width:g} has no effect: it belongs to teacher.schedule power"] if unused else []
        )
    first, last = teacher.momentum
    if first == plain.momentum[0]:
        return []
    return [f"teacher.momentum: the {first:g} has no effect with schedule power; the {last:g} is the largest momentum"]
