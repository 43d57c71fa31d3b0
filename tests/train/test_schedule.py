"""Schedules at their corners."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

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
