"""Variance components: a table by hand, simulated coverage, and the crossed interval's variance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.variance_components import mean_square, probe_variance, variance_components


def test_a_table_by_hand() -> None:
    # Rows 1, 2 and columns 1, 2, 6: means of rows 3, 4 + 1; the interaction is in one cell.
    x = np.array([[1.0, 2.0, 6.0], [2.0, 4.0, 9.0]])
    rows, columns, mean = x.mean(axis=1), x.mean(axis=0), x.mean()
    rest = sum((x[s, e] - rows[s] - columns[e] + mean) ** 2 for s in (0, 1) for e in (0, 1, 2)) / 2
    components = variance_components(x)
    assert components.rest.variance == pytest.approx(rest) and rest == pytest.approx(0.5)
    assert components.seed.variance == pytest.approx((3 * 2.0 - 0.5) / 3)  # rows differ by 2: variance 2
    assert components.clip.variance == pytest.approx((2 * columns.var(ddof=1) - 0.5) / 2)
    mean_of = components.of_mean()
    assert mean_of["seed"].variance == pytest.approx(components.seed.variance / 2)
    assert mean_of["rest"].variance == pytest.approx(0.5 / 6)
    assert components.of_score()["clip"].interval[1] == pytest.approx(components.clip.interval[1] / 3)


def test_intervals_cover_the_components() -> None:
    rng, truth, studies = np.random.default_rng(0), (1.0, 4.0, 25.0), 150
    hits = np.zeros(3)
    for _ in range(studies):
        x = rng.normal(0, 1, (4, 1)) + rng.normal(0, 2, (1, 60)) + rng.normal(0, 5, (4, 60))
        found = variance_components(x)
        for i, component in enumerate((found.seed, found.clip, found.rest)):
            low, high = component.interval
            assert 0 <= low <= max(component.variance, 0) + 1e-12 and component.variance <= high
            hits[i] += low <= truth[i] <= high
    assert all(stats.binomtest(int(hit), studies, 0.95).pvalue > 1e-3 for hit in hits), hits / studies


def test_a_small_component_has_an_interval_from_zero() -> None:
    x = np.random.default_rng(1).normal(0, 1, (6, 50))
    components = variance_components(x)
    assert components.seed.interval[0] == 0 or components.clip.interval[0] == 0
    assert variance_components(np.ones((3, 4))).rest.interval == (0, 0)
    assert variance_components(np.array([[1.0, 0.0], [0.0, 1.0]])).seed.positive == 0


def test_too_small_tables_are_refused() -> None:
    for shape in ((1, 5), (5, 1)):
        with pytest.raises(ComparisonError, match="at least 2 seeds and 2 clips"):
            variance_components(np.zeros(shape))


def test_probes_are_pooled_within_encoders() -> None:
    component = probe_variance([[10.0, 12.0], [40.0, 40.0, 43.0], [5.0]])
    assert component is not None and component.variance == pytest.approx((2 + 6) / 3)
    low, high = component.interval
    assert (low, high) == pytest.approx((8 / stats.chi2.ppf(0.975, 3), 8 / stats.chi2.ppf(0.025, 3)))
    assert mean_square(8 / 3, 3).interval == pytest.approx((low, high))
    assert probe_variance([[1.0], []]) is None
