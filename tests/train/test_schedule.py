"""Schedules at their corners."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError

from auxjepa.config import OptimConfig, ScheduleConfig, TeacherConfig
from auxjepa.train import schedule


def test_progress_runs_from_zero_to_one():
    assert [schedule.progress(step, 5) for step in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert schedule.progress(0, 1) == 0


def test_learning_rate_warms_up_and_comes_down():
    optim = OptimConfig(steps=101, lr=1.0, warmup=0.1, lr_end=0.01)
    rates = [schedule.learning_rate(optim, step) for step in range(101)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10] == pytest.approx(1.0) and rates[100] == pytest.approx(0.01)
    assert rates[55] == pytest.approx(0.505)
    assert all(a >= b for a, b in pairwise(rates[10:]))


def test_constant_rate_and_a_warm_up_that_starts_above_zero():
    optim = OptimConfig(steps=20, lr=2.0, warmup=0.5, lr_start=0.5, lr_end=1.0)
    rates = [schedule.learning_rate(optim, step) for step in range(20)]
    assert rates[0] == pytest.approx(1.1) and rates[9:] == pytest.approx([2.0] * 11)
    none = OptimConfig(steps=3, warmup=0.0, lr=1.0, lr_end=1.0)
    assert [schedule.learning_rate(none, step) for step in range(3)] == [1.0] * 3


def test_momentum_is_linear():
    teacher = TeacherConfig(momentum=(0.9, 1.0))
    assert [schedule.momentum(teacher, step, 3) for step in range(3)] == pytest.approx([0.9, 0.95, 1.0])


def test_the_power_schedule_is_that_of_edm2():
    """Exponents of Karras et al. 2024: relative widths 0.05 and 0.10 have gamma 16.97 and 6.94."""
    assert [schedule.exponent_of_width(width) for width in (0.05, 0.1)] == pytest.approx([16.97, 6.94], abs=0.005)
    teacher = TeacherConfig(schedule="power", width=0.1)
    gamma, values = schedule.exponent_of_width(0.1), [schedule.momentum(teacher, step, 9) for step in range(500)]
    assert values[0] == 0 and values[1:] == pytest.approx([(1 - 1 / t) ** (gamma + 1) for t in range(2, 501)])
    assert values == [schedule.momentum(teacher, step, 10_000) for step in range(500)]
    weights = np.array([(1 - m) * math.prod(values[step + 1 :]) for step, m in enumerate(values)])
    steps = np.arange(1, 501) / 500
    assert weights.sum() == pytest.approx(1)
    assert math.sqrt(weights @ steps**2 - (weights @ steps) ** 2) == pytest.approx(0.1, abs=0.001)


def test_the_second_momentum_limits_the_power_schedule():
    teacher = TeacherConfig(schedule="power", momentum=(0.5, 0.99))
    values = [schedule.momentum(teacher, step, 9_999) for step in range(9_999)]
    free = [schedule.momentum(TeacherConfig(schedule="power"), step, 9_999) for step in range(9_999)]
    assert values == [min(value, 0.99) for value in free] and max(free) > 0.998


@pytest.mark.parametrize(("steps", "end", "half"), [(250, 0.61, 0.69), (800, 0.20, 0.30), (8_000, 0.0, 0.0)])
def test_weight_of_the_initial_teacher(steps: int, end: float, half: float):
    linear = TeacherConfig()
    assert schedule.initial_share(linear, steps, 0) == 1
    assert schedule.initial_share(linear, steps, steps) == pytest.approx(end, abs=0.01)
    assert schedule.initial_share(linear, steps, steps // 2) == pytest.approx(half, abs=0.01)
    assert schedule.initial_share(TeacherConfig(schedule="power"), steps, 1) == 0
    assert schedule.initial_share(TeacherConfig(momentum=(1, 1)), steps, steps) == 1


@pytest.mark.parametrize("width", [0.0, 1e-9, 0.3, 1.0])
def test_a_width_without_a_power_function_is_refused(width: float):
    with pytest.raises(ValidationError, match="width"):
        TeacherConfig(width=width)


def test_weights_change_between_start_and_end():
    ramp = ScheduleConfig(kind="linear", start=0.5, end=1.0, first=0.0, last=1.0)
    assert [schedule.factor(ramp, done) for done in (0.0, 0.5, 0.75, 1.0)] == pytest.approx([0, 0, 0.5, 1])
    fade = ScheduleConfig(kind="cosine", first=1.0, last=0.0)
    assert [schedule.factor(fade, d) for d in (0.0, 0.25, 0.5, 1.0)] == pytest.approx(
        [1, (1 + math.cos(math.pi / 4)) / 2, 0.5, 0]
    )
    step = ScheduleConfig(kind="linear", start=0.5, end=0.5, first=2.0, last=3.0)
    assert [schedule.factor(step, d) for d in (0.49, 0.5)] == [2.0, 3.0]
    assert schedule.factor(ScheduleConfig(first=0.25), 0.9) == 0.25
