"""Learning rate, teacher momentum and weights of objectives as functions of the step."""

from __future__ import annotations

import math

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
    """Return the EMA momentum, linear from the first step to the last."""
    first, last = teacher.momentum
    return first + (last - first) * progress(step, steps)


def factor(schedule: ScheduleConfig, done: float) -> float:
    """Return the factor on an objective's weight after a share ``done`` of training."""
    if schedule.kind == "constant":
        return schedule.first
    width = schedule.end - schedule.start
    share = min(max((done - schedule.start) / width, 0.0), 1.0) if width > 0 else float(done >= schedule.end)
    if schedule.kind == "cosine":
        share = 0.5 * (1 - math.cos(math.pi * share))
    return schedule.first + (schedule.last - schedule.first) * share
