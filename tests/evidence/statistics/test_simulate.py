"""Calibration with few studies; docs/evidence/calibration.md has the full tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.statistics.aggregate import NormalisedScores, iqm
from auxjepa.evidence.statistics.hierarchical import crossed_interval
from auxjepa.evidence.statistics.intervals import bca_interval, t_interval
from auxjepa.evidence.statistics.power import power
from auxjepa.evidence.statistics.significance import sign_flip_p
from auxjepa.evidence.statistics.simulate import (
    KINDS,
    Kind,
    answers,
    coverage,
    equivalence_rate,
    family,
    family_rejections,
    noise,
    share_that_contain,
    sign_flip_ps,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def error(share: float, trials: int, errors: float = 3.5) -> float:
    """Return a number of standard errors of a share over ``trials``: 1 in 2,000 correct programs would miss it."""
    return errors * math.sqrt(share * (1 - share) / trials)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_has_mean_zero_and_unit_sd(kind: Kind):
    x = noise(kind, (400, 1000), rng())
    assert x.mean() == pytest.approx(0, abs=0.01)
    assert x.std() == pytest.approx(1, abs=0.05)


@given(st.lists(st.integers(-4, 4).map(lambda i: i / 10), min_size=1, max_size=11))
def test_many_sign_flips_at_once_are_the_test_itself(d: list[float]):
    # tenths tie often, and not exactly so in binary
    assert sign_flip_ps(np.array([d, d]))[1] == sign_flip_p(d)


def test_many_sign_flips_at_once_with_twenty_seeds():
    d = noise("heavy tails", (2, 20), rng()) + 0.4
    assert sign_flip_ps(d) == pytest.approx([sign_flip_p(row) for row in d.tolist()], abs=1e-12)


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_t_interval_covers(seeds: int):
    assert coverage(t_interval, noise("normal", (1500, seeds), rng())) == pytest.approx(0.95, abs=error(0.95, 1500))
    assert coverage(t_interval, noise("heavy tails", (1500, seeds), rng())) >= 0.95 - error(0.95, 1500)


def test_bca_is_too_narrow_with_three_seeds():
    # all 27 resamples of three are between the extremes, which contain the mean with probability 1 - 2 / 2^3
    assert 0.6 < coverage(bca_interval, noise("normal", (800, 3), rng())) <= 0.75 + error(0.75, 800)


@pytest.mark.parametrize("seeds", [6, 8])
@pytest.mark.parametrize("kind", ["normal", "heavy tails"])
def test_sign_flip_keeps_alpha_where_differences_are_symmetric(kind: Kind, seeds: int):
    exact = math.floor(0.05 * 2**seeds / 2) * 2 / 2**seeds  # p is a multiple of 2 / 2^n
    rate = np.mean(sign_flip_ps(noise(kind, (6000, seeds), rng())) <= 0.05)
    assert rate == pytest.approx(exact, abs=error(exact, 6000))


def test_sign_flip_does_not_keep_alpha_where_differences_are_skewed():
    assert np.mean(sign_flip_ps(noise("skewed", (4000, 10), rng())) <= 0.05) > 0.05 + error(0.05, 4000)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("variants", "benchmarks"), [(5, 1), (5, 3)])
def test_family_with_one_reference_keeps_alpha(kind: Kind, variants: int, benchmarks: int):
    d = family(kind, 1500, variants, 10, rng(), benchmarks=benchmarks)
    wrong = family_rejections(d).any(axis=1).mean()
    assert 0 < wrong <= 0.05 + error(0.05, 1500)
    # without Holm it does not
    assert (sign_flip_ps(d.reshape(-1, 10)) <= 0.05).reshape(1500, -1).any(axis=1).mean() > 0.1


def test_differences_of_a_family_correlate_and_have_unit_sd():
    d = family("normal", 20_000, 2, 3, rng(), benchmarks=2, correlation=0.5)[:, :, 0]
    # variant 0 on benchmarks 0 and 1, variant 1 on both: same variant 0.5, same benchmark 0.5, neither 0.25
    expected = [[1, 0.5, 0.5, 0.25], [0.5, 1, 0.25, 0.5], [0.5, 0.25, 1, 0.5], [0.25, 0.5, 0.5, 1]]
    assert np.cov(d.T) == pytest.approx(np.array(expected), abs=0.04)


def test_power_with_twenty_seeds_is_near_that_of_the_t_test():
    rate = np.mean(sign_flip_ps(noise("normal", (1500, 20), rng()) + 0.5) <= 0.05)
    assert rate == pytest.approx(power(0.5, 20), abs=error(0.56, 1500))


def test_with_six_seeds_only_unanimity_is_significant():
    rate = np.mean(sign_flip_ps(noise("normal", (3000, 6), rng()) + 2.0) <= 0.05)
    unanimous = stats.norm.cdf(2) ** 6 + stats.norm.cdf(-2) ** 6
    assert rate == pytest.approx(unanimous, abs=error(0.87, 3000))


@pytest.mark.parametrize("seeds", [5, 8])
def test_equivalence_is_rarely_claimed_at_the_margin_and_often_at_zero(seeds: int):
    x = noise("normal", (1200, seeds), rng())
    assert equivalence_rate(x + 2.0, 2.0) == pytest.approx(0.05, abs=error(0.05, 1200))
    assert equivalence_rate(x, 2.0) > 0.85


@pytest.mark.parametrize(("seed_sd", "example_sd"), [(0.3, 0.0), (0.15, 0.5), (0.03, 1.0)])
def test_crossed_interval_covers(seed_sd: float, example_sd: float):
    random, drawn = rng(), []
    for _ in range(700):
        variant, reference, truth = answers(5, 80, random, seed_sd=seed_sd, example_sd=example_sd)
        drawn.append((crossed_interval(variant, reference), truth))
    intervals, truths = zip(*drawn, strict=True)
    assert share_that_contain(intervals, truths) == pytest.approx(0.95, abs=error(0.95, 700))


def test_truth_of_the_answers_is_their_mean():
    variant, reference, truth = answers(3000, 3000, rng(), example_sd=0.2)
    assert 100 * (variant.mean() - reference.mean()) == pytest.approx(truth, abs=0.4)


def test_iqm_interval_covers_from_five_seeds_on():
    random, names = rng(), ("a", "b", "c")
    d = (noise("normal", (400, 5, 1), random) + noise("normal", (400, 5, 3), random)) / math.sqrt(2)
    intervals = [iqm(NormalisedScores((0, 1, 2, 3, 4), names, row, ())).interval for row in d]
    share = share_that_contain([interval for interval in intervals if interval], [0.0] * 400)
    # the extremes of five contain the centre with probability 1 - 2 / 2^5
    assert share == pytest.approx(0.9375, abs=error(0.9375, 400))


def test_a_wrong_interval_is_noticed():
    # the normal quantile instead of Student's: the tolerances above must notice this difference
    def naive(x: list[float]) -> tuple[float, float]:
        half = stats.norm.ppf(0.975) * np.std(x, ddof=1) / math.sqrt(len(x))
        return float(np.mean(x) - half), float(np.mean(x) + half)

    assert coverage(naive, noise("normal", (1500, 5), rng())) < 0.95 - error(0.95, 1500)
