"""Learning rate, teacher momentum and weights of objectives as functions of the step."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from auxjepa.config import OptimConfig, ScheduleConfig, TeacherConfig


def progress(step: int, steps: int) -> float:
    """Return the completed share of training at ``step`` (0 at the first, 1 at the last)."""
    return step / max(steps - 1, 1)


def learning_rate(optim: OptimConfig, step: int) -> float:
    """Return the learning rate: linear warm-up to ``lr``, then a half cosine to ``lr_end * lr`` (1 keeps it constant).

    The warm-up rises from ``lr_start * lr``. Its first step is one warm-up step above that, because a step at rate 0
    would have no effect. Its last step is at ``lr``.
    """
    warm = round(optim.warmup * optim.steps)
    if step < warm:
        return optim.lr * (optim.lr_start + (1 - optim.lr_start) * (step + 1) / warm)
    share = (step - warm) / max(optim.steps - 1 - warm, 1)
    return optim.lr * (optim.lr_end + (1 - optim.lr_end) * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))


def momentum(teacher: TeacherConfig, step: int, steps: int) -> float:
    """Return the EMA momentum at a step.

    Schedule ``linear``: linear from ``momentum[0]`` at the first step to ``momentum[1]`` at the last.

    Schedule ``power``: ``(1 - 1/t)^(gamma + 1)`` with ``t = step + 1``, and at most ``momentum[1]``. ``momentum[0]`` is
    not used. The first step copies the student, so that no weight of the initial teacher remains. The averaging window
    grows with the number of completed steps, and ``steps`` has no influence.

    Args:
        teacher: settings of the teacher.
        step: index of the step, from 0.
        steps: number of steps of the run.

    Source: power-function EMA, Karras et al. 2024 (EDM2), arXiv 2312.02696, section 3.1
    """
    first, last = teacher.momentum
    if teacher.schedule == "power":
        return min((1 - 1 / (step + 1)) ** (exponent_of_width(teacher.width) + 1), last)
    return first + (last - first) * progress(step, steps)


@cache
def exponent_of_width(width: float) -> float:
    """Return the exponent ``gamma`` of the power-function EMA of a relative width.

    After step ``T`` the student of step ``t`` has a weight proportional to ``(t/T)^gamma``. The standard deviation of
    this profile as a share of ``T`` is ``width = sqrt(gamma + 1) / ((gamma + 2) sqrt(gamma + 3))``. This is the cubic
    equation ``gamma^3 + 7 gamma^2 + (16 - width^-2) gamma + 12 - width^-2 = 0``. ``gamma`` is its largest real root.

    Args:
        width: standard deviation of the profile as a share of the completed steps, above 0 and at most 0.28.

    Source: Karras et al. 2024 (EDM2), arXiv 2312.02696, section 3.1 and appendix C
    """
    inverse = width**-2
    return float(np.roots([1.0, 7.0, 16.0 - inverse, 12.0 - inverse]).real.max())


def initial_share(teacher: TeacherConfig, steps: int, completed: int, enough: float = 0.0) -> float:
    """Return the weight of the initial teacher in the teacher: the product of the momentum of all completed steps.

    Args:
        teacher: settings of the teacher.
        steps: number of steps of the run.
        completed: number of completed steps.
        enough: the product ends early when it is at most this share.
    """
    share = 1.0
    if teacher.momentum == (1.0, 1.0) and teacher.schedule == "linear":
        return share
    for step in range(completed):
        share *= momentum(teacher, step, steps)
        if share <= enough:
            break
    return share


def factor(schedule: ScheduleConfig, done: float) -> float:
    """Return the factor on an objective's weight after a share ``done`` of training."""
    if schedule.kind == "constant":
        return schedule.first
    width = schedule.end - schedule.start
    share = min(max((done - schedule.start) / width, 0.0), 1.0) if width > 0 else float(done >= schedule.end)
    if schedule.kind == "cosine":
        share = 0.5 * (1 - math.cos(math.pi * share))
    return schedule.first + (schedule.last - schedule.first) * share
