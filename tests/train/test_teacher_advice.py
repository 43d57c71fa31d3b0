"""Advice on teachers that keep much of their random initial network."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa.config import RunConfig
from auxjepa.train.teacher_advice import LARGEST_SHARE, advise_teacher, describe_unused, half_time_share


def run(steps: int, **teacher: Any) -> RunConfig:
    return RunConfig.model_validate({"optim": {"steps": steps}, "teacher": teacher})


def test_a_short_run_gets_one_line_with_the_share() -> None:
    advice = advise_teacher(run(800))
    assert "0.996 to 1" in advice and "30% " in advice and "800 steps" in advice and "schedule power" in advice
    assert "\n" not in advice


@pytest.mark.parametrize(
    "config",
    [
        run(4000),
        run(800, schedule="power"),
        run(800, enabled=False),
        run(800, momentum=[0.97, 1.0]),
        run(2**40),  # the product ends when the share is small
    ],
)
def test_other_runs_get_none(config: RunConfig) -> None:
    assert advise_teacher(config) == "" and half_time_share(config) == 0


def test_the_limit_is_a_tenth_at_half_of_the_training() -> None:
    steps = [steps for steps in range(1400, 1700) if half_time_share(run(steps))]
    assert 1530 <= max(steps) <= 1540 and half_time_share(run(max(steps))) == pytest.approx(LARGEST_SHARE, rel=0.01)


def test_a_teacher_that_never_moves_is_its_initial_network() -> None:
    assert "100%" in advise_teacher(run(2**40, momentum=[1, 1]))


def test_settings_that_the_schedule_does_not_use_are_named() -> None:
    (line,) = describe_unused(run(800, width=0.1))
    assert line.startswith("teacher.width 0.1 has no effect")
    (line,) = describe_unused(run(800, schedule="power", momentum=[0.5, 0.99]))
    assert "the 0.5 has no effect" in line and "the 0.99 is the largest momentum" in line
    assert not describe_unused(run(800)) and not describe_unused(run(800, schedule="power", width=0.1))
