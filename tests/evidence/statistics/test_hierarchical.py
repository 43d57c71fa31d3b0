from __future__ import annotations

import numpy as np
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pandas import DataFrame
from scipy import stats
from statsmodels.stats.anova import anova_lm

from auxjepa.evidence.statistics.hierarchical import crossed, crossed_interval, paired_marks
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.rows import RowStore

tables = st.tuples(st.integers(2, 6), st.integers(2, 12)).flatmap(
    lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
)


def answers(seeds: int, examples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    easy = rng.normal(size=(2, 1, examples))  # an example is not equally easy for both sides
    latent = easy + 0.2 * rng.normal(size=(2, seeds, 1)) + rng.normal(size=(2, seeds, examples))
    return latent[0] > -0.4, latent[1] > 0


def test_interval_equals_the_anova_of_statsmodels():
    variant, reference = answers(5, 30)
    d = 100.0 * variant - 100.0 * reference
    s, e = np.indices(d.shape)
    table = anova_lm(smf.ols("d ~ C(s) + C(e)", DataFrame({"d": d.ravel(), "s": s.ravel(), "e": e.ravel()})).fit())
    ms, df = table["mean_sq"].to_numpy() / d.size, table["df"].to_numpy()
    variance = ms[0] + ms[1] - ms[2]
    assert ms[1] > ms[2]
    freedom = variance**2 / np.sum(ms**2 / df)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    assert crossed_interval(variant, reference) == pytest.approx((d.mean() - half, d.mean() + half))


def test_without_doubt_from_the_examples_it_is_students_interval_over_seeds():
    # the gains of the seeds are on different examples, with one exception
    reference = np.zeros((3, 12), bool)
    variant = np.zeros((3, 12), bool)
    for row, start, stop in ((0, 0, 4), (1, 4, 8), (2, 8, 12)):
        variant[row, start:stop] = True
    variant[0, 4] = True
    d = 100.0 * variant.mean(axis=1)
    assert crossed_interval(variant, reference) == pytest.approx(t_interval(d.tolist()))


def test_examples_add_their_doubt():
    variant, reference = answers(8, 40)
    result = crossed(variant, reference)
    d = 100 * (variant.mean(axis=1) - reference.mean(axis=1))
    low, high = t_interval(d.tolist())
    assert result.interval[1] - result.interval[0] > high - low
    width = [b - a for a, b in (result.seeds, result.examples, result.both)]
    assert width[2] > max(width[:2])
    assert (result.n_seeds, result.n_examples) == (8, 40)


def test_bootstrap_over_both_has_owens_variance():
    variant, reference = answers(6, 50)
    d = 100.0 * variant - 100.0 * reference
    rows, columns, mean = d.mean(axis=1), d.mean(axis=0), d.mean()
    # draws of rows and columns are independent: exact variance of the resampled mean, conditional on the data
    residual = d - rows[:, None] - columns + mean
    exact = rows.var() / 6 + columns.var() / 50 + (residual**2).mean() / 300
    result = crossed(variant, reference, resamples=20_000)
    normal = 2 * stats.norm.ppf(0.975) * np.sqrt(exact)
    assert result.both[1] - result.both[0] == pytest.approx(normal, rel=0.05)
    assert result.examples[1] - result.examples[0] == pytest.approx(
        normal * np.sqrt(columns.var() / 50 / exact), rel=0.05
    )
    assert result.seeds[1] - result.seeds[0] == pytest.approx(normal * np.sqrt(rows.var() / 6 / exact), rel=0.1)


def test_memory_is_bounded_without_changing_a_bit(monkeypatch: pytest.MonkeyPatch):
    variant, reference = answers(4, 30)
    at_once = crossed(variant, reference)
    monkeypatch.setattr("auxjepa.evidence.statistics.hierarchical.MOST_AT_ONCE", 1000)
    assert crossed(variant, reference) == at_once != crossed(variant, reference, seed=1)


@given(tables)
def test_swapping_sides_mirrors_the_interval(pair: tuple[np.ndarray, np.ndarray]):
    low, high = crossed_interval(*pair)
    assert crossed_interval(*reversed(pair)) == pytest.approx((-high, -low))
    assert low - 1e-9 <= 100 * (pair[0].mean() - pair[1].mean()) <= high + 1e-9


@given(tables, st.randoms(use_true_random=False))
def test_order_of_seeds_and_examples_does_not_matter(pair: tuple[np.ndarray, np.ndarray], random):
    rows, columns = (random.sample(range(n), n) for n in pair[0].shape)
    shuffled = [side[rows][:, columns] for side in pair]
    # A variance of 0 is rounded to about 1e-16, so its root, in points, to about 1e-6.
    assert crossed_interval(*shuffled) == pytest.approx(crossed_interval(*pair), abs=1e-5)


def test_no_difference_gives_an_interval_of_no_width():
    same = np.eye(3, 5, dtype=bool)
    result = crossed(same, same)
    assert result.interval == result.seeds == result.examples == result.both == (0.0, 0.0)


@pytest.mark.parametrize("shapes", [((1, 9), (1, 9)), ((3, 1), (3, 1)), ((3, 9), (3, 8))])
def test_too_little_is_an_error(shapes):
    with pytest.raises(ComparisonError, match="2 x 2, got"):
        crossed(*(np.zeros(shape, bool) for shape in shapes))


def test_marks_of_rows_are_paired_by_seed(make_row, tmp_path):
    store, marks = RowStore(tmp_path), {}
    for variant, seeds in (("ld", (2, 0)), ("baseline", (0, 1, 2))):
        for seed in seeds:
            marks[variant, seed] = np.random.default_rng([len(variant), seed]).random(8) > 0.5
            store.append(make_row(variant, seed), marks[variant, seed])
    sides = [[row for row in store if row.variant == name] for name in ("ld", "baseline")]
    first, second = paired_marks(*sides, store.correct)
    assert (first == np.stack([marks["ld", 0], marks["ld", 2]])).all()
    assert (second == np.stack([marks["baseline", 0], marks["baseline", 2]])).all()


def test_marks_that_are_missing_are_named(make_row):
    variant, reference = [make_row("ld", 0)], [make_row("baseline", 0)]
    with pytest.raises(ComparisonError, match="ld seed 0 on world_order: no correctness of 8 examples"):
        paired_marks(variant, reference, lambda _: None)
    with pytest.raises(ComparisonError, match="baseline seed 0"):
        paired_marks(variant, reference, lambda row: np.zeros(8 if row.variant == "ld" else 7, bool))
    with pytest.raises(ComparisonError, match="no seed in common"):
        paired_marks(variant, [make_row("baseline", 1)], lambda _: None)
