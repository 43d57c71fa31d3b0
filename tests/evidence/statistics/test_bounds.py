"""Scores close to the bounds of a metric."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.bounds import is_close, undoing_bounds, unseen_share

RANGE = (0.0, 100.0)
AT_TOP = (99.8, 99.9, 99.7, 100.0, 99.9, 99.8)
BELOW = (98.0, 98.2, 97.9, 98.1, 98.0, 98.1)


@pytest.mark.parametrize(("seeds", "alpha"), [(3, 0.05), (10, 0.05), (10, 0.005)])
def test_a_seed_of_the_unseen_share_is_missed_with_probability_alpha(seeds: int, alpha: float) -> None:
    assert (1 - unseen_share(seeds, alpha)) ** seeds == pytest.approx(alpha)


def test_closeness_is_in_standard_deviations_or_in_the_range() -> None:
    scores = [94.0, 96.0, 98.0]  # the standard deviation is 2
    assert is_close(scores, 100.0, 100.0) and not is_close(scores, 100.1, 100.0) and not is_close(scores, 0.0, 100.0)
    assert is_close([99.0, 99.0], 100.0, 100.0) and not is_close([98.9, 98.9], 100.0, 100.0)


def test_the_winner_at_the_top_and_the_loser_at_the_bottom_can_change() -> None:
    assert undoing_bounds(AT_TOP, BELOW, RANGE, 0.05) == [(0, 100.0)]
    assert undoing_bounds(BELOW, AT_TOP, RANGE, 0.05) == [(1, 100.0)]
    flipped = [tuple(100 - s for s in side) for side in (AT_TOP, BELOW)]
    assert undoing_bounds(*flipped, RANGE, 0.05) == [(0, 0.0)]
    assert undoing_bounds(BELOW, [s + 0.5 for s in BELOW], RANGE, 0.05) == [], "no side is close to a bound"


def test_a_large_difference_cannot_be_undone() -> None:
    far = [s - 60 for s in BELOW]  # 38, and six seeds miss a share of 0.39 with probability 0.05
    assert undoing_bounds(AT_TOP, far, RANGE, 0.05) == []
    assert undoing_bounds(AT_TOP, far, RANGE, 0.0005) == [(0, 100.0)], "a smaller alpha allows a larger unseen share"


def test_an_equivalence_at_a_bound_can_be_undone() -> None:
    assert undoing_bounds(AT_TOP, BELOW, RANGE, 0.05, margin=3.0) == [(0, 100.0)]
    assert undoing_bounds(BELOW, BELOW, RANGE, 0.05, margin=3.0) == []


def test_a_rare_seed_is_the_reason() -> None:
    """Equal true means, and one side fails on a tenth of its seeds: every study without a failure is found."""
    rng = np.random.default_rng(0)
    sure = 0
    for _ in range(300):
        failed = rng.random(10) < 0.1
        first = np.where(failed, 81.8, 99.8) + rng.uniform(-0.2, 0.2, 10)  # mean 98
        if not failed.any():
            sure += not undoing_bounds(first.tolist(), rng.normal(98, 0.3, 10).tolist(), RANGE, 0.05)
    assert not sure
