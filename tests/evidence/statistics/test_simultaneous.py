from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.statistics.simulate import family
from auxjepa.evidence.statistics.simultaneous import simultaneous_direction, simultaneous_interval


def effect_of(differences: list[float]) -> Effect:
    reference = dict.fromkeys(range(len(differences)), 50.0)
    scores = {seed: 50.0 + d for seed, d in enumerate(differences)}
    return paired_effect(scores, reference, variant="ld", reference="baseline", benchmark="order")


def test_the_interval_has_the_confidence_of_bonferroni() -> None:
    effect = effect_of([1.0, 2.0, 4.0, 3.0])
    assert simultaneous_interval(effect, 12) == pytest.approx(t_interval([1.0, 2.0, 4.0, 3.0], 1 - 0.05 / 12))
    assert simultaneous_interval(effect, 1) == pytest.approx(effect.interval)


def test_a_direction_needs_an_interval_for_the_whole_family() -> None:
    effect = effect_of([1.0, 2.0, 4.0, 3.0])
    assert effect.direction == "up" and simultaneous_direction(effect, 20) == "unclear"
    assert simultaneous_direction(effect_of([-10.0, -10.2, -9.9]), 20) == "down"


def test_equal_differences_have_no_interval_no_direction_and_no_bootstrap() -> None:
    effect = effect_of([2.0] * 6)
    assert (effect.interval, effect.bca, effect.direction) == (None, None, "unclear")
    assert simultaneous_interval(effect, 3) is None and simultaneous_direction(effect, 1) == "unclear"
    assert effect.p == pytest.approx(2 / 2**6), "the sign-flip test needs no spread"


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_all_intervals_hold_together_in_95_percent_of_studies(seeds: int) -> None:
    # Student's interval excludes zero where |t| is above the quantile of the family's confidence.
    from scipy import stats

    d = family("normal", 2000, 5, seeds, np.random.default_rng([seeds, 7]), benchmarks=3)
    t = np.abs(d.mean(axis=2)) / d.std(axis=2, ddof=1) * seeds**0.5
    together = np.mean((t < stats.t.ppf(1 - 0.025 / 15, seeds - 1)).all(axis=1))
    alone = np.mean((t < stats.t.ppf(0.975, seeds - 1)).all(axis=1))
    assert together > 0.94 and alone < 0.7
