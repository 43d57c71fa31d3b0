from __future__ import annotations

import pytest

from auxjepa.benchmarks.score import SUITES
from auxjepa.study.estimate import READS, estimate
from auxjepa.study.plan import StudyConfig


def test_a_study_is_reckoned_up_from_its_steps(tiny: StudyConfig) -> None:
    one = estimate(tiny, workers=1, seconds=0.5)
    assert (one.runs, one.scored) == (4, 6) and set(one.steps) == {"baseline on world", "ld on world"}
    assert all(value > 0 for value in one.steps.values())
    assert one.training == pytest.approx(sum(2 * 3 * ms for ms in one.steps.values()) / 3.6e6, rel=0.01)
    assert one.hours == pytest.approx(one.training + one.scoring) and one.memory_gb > 0 and one.disk_gb > 0


def test_more_seeds_take_longer_and_more_workers_less(tiny: StudyConfig) -> None:
    more = tiny.model_copy(update={"seeds": (0, 1, 2, 3, 4, 5, 6, 7)})
    assert estimate(more, workers=1, seconds=0.5).training > 2 * estimate(tiny, workers=1, seconds=0.5).training
    two = estimate(more, workers=2, seconds=0.5)
    assert two.hours == pytest.approx((two.training + two.scoring) / 2)


def test_every_suite_says_how_often_it_reads() -> None:
    assert set(SUITES) - set(READS) <= {"kinetics_shift"}
