"""Rank stability and effective robustness, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.shift_statistics import effective_robustness, fit_line, rank_stability


def test_rank_stability_by_hand() -> None:
    clean = {"a": {0: 10.0, 1: 12.0}, "b": {0: 20.0, 1: 22.0}, "c": {0: 30.0, 1: 32.0}, "d": {0: 40.0, 1: 42.0}}
    same = {name: {s: value / 2 for s, value in by_seed.items()} for name, by_seed in clean.items()}
    stable = rank_stability(clean, same)
    assert (stable.tau, stable.interval, stable.variants, stable.seeds) == (1, None, 4, 2)
    swapped = same | {"a": same["b"], "b": same["a"]}
    assert rank_stability(clean, swapped).tau == pytest.approx(1 - 2 / 6)
    assert rank_stability(clean, {name: {0: 5.0, 1: 5.0} for name in clean}).tau is None
    with pytest.raises(ComparisonError, match="at least 3 variants, got 2"):
        rank_stability({n: clean[n] for n in "ab"}, same)
    with pytest.raises(ComparisonError, match="no seed has every variant"):
        rank_stability(clean, same | {"a": {7: 1.0}})


def test_ranks_that_depend_on_the_seed_have_a_wide_interval() -> None:
    rng = np.random.default_rng(0)
    clean = {n: {s: 30.0 + k + rng.normal(0, 0.1) for s in range(6)} for k, n in enumerate("abcde")}
    firm = {n: {s: v - 5 for s, v in by_seed.items()} for n, by_seed in clean.items()}
    loose = {n: {s: 20 + rng.normal(0, 5) for s in range(6)} for n in "abcde"}
    assert rank_stability(clean, firm).interval is None, "tau is 1 in every resample"
    few = [{n: {s: v[s] for s in range(4)} for n, v in side.items()} for side in (clean, loose)]
    assert rank_stability(*few).interval is None, "fewer than 5 seeds"
    interval = rank_stability(clean, loose).interval
    assert interval is not None and interval[1] - interval[0] > 0.5
    assert rank_stability(clean, loose).interval == rank_stability(clean, loose).interval
    means = [[np.mean(list(side[n].values())) for n in "abcde"] for side in (clean, loose)]
    assert rank_stability(clean, loose).tau == pytest.approx(stats.kendalltau(*means)[0])


def test_the_line_is_that_of_scipy_on_logits() -> None:
    rng = np.random.default_rng(1)
    clean, shifted = rng.uniform(20, 90, 12), rng.uniform(10, 60, 12)
    fit = fit_line(clean.tolist(), shifted.tolist())
    expected = stats.linregress(special.logit(clean / 100), special.logit(shifted / 100))
    assert (fit.slope, fit.intercept) == pytest.approx(expected[:2])
    with pytest.raises(ComparisonError, match="at least 3 encoders, got 2"):
        fit_line([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ComparisonError, match="same accuracy in domain"):
        fit_line([5.0, 5.0, 5.0], [1.0, 2.0, 3.0])
    assert np.isfinite(fit_line([0.0, 50.0, 100.0], [0.0, 50.0, 100.0]).slope), "0 and 100 % have no finite logit"


def on_the_line(clean: float) -> float:
    return float(100 * special.expit(-0.5 + 0.8 * special.logit(clean / 100)))


def test_effective_robustness_is_the_distance_from_the_line() -> None:
    rng = np.random.default_rng(2)
    clean = {n: {s: 20 + 8 * k + rng.uniform(-2, 2) for s in range(5)} for k, n in enumerate("abcdefgh")}
    shifted = {n: {s: on_the_line(v) for s, v in by_seed.items()} for n, by_seed in clean.items()}
    fit, zero = effective_robustness(clean, shifted)
    assert (fit.slope, fit.intercept) == pytest.approx((0.8, -0.5))
    assert all(abs(e.value) < 1e-9 and e.interval is None for e in zero.values()), "every resample is on the line"
    lifted = shifted | {"d": {s: v + 6 for s, v in shifted["d"].items()}}
    _, estimates = effective_robustness(clean, lifted)
    assert 4 < estimates["d"].value < 6, "the variant pulls the line towards itself"
    assert estimates["d"].interval is not None and estimates["d"].interval[0] > 3
    assert all(estimates[n].value < 0.1 for n in "abc")
    four_seeds = {n: {s: by_seed[s] for s in range(4)} for n, by_seed in clean.items()}
    assert all(e.interval is None for e in effective_robustness(four_seeds, lifted)[1].values())
