"""Combined differences against closed forms: balanced studies, one shared reference, and repeated pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.meta import SHARED, Difference, combine, correlations
from auxjepa.evidence.statistics.records import ComparisonError


def balanced(studies: int = 4, n: int = 5, effect_sd: float = 0.5, shared: bool = False) -> list[Difference]:
    rng = np.random.default_rng(3)
    return [
        Difference(f"s{k}", f"v{k}-{i}", f"r{i}" if shared else f"r{k}-{i}", float(2 + effect_sd * k + x))
        for k in range(studies)
        for i, x in enumerate(rng.normal(0, 1, n))
    ]


def table(differences: list[Difference], n: int = 5) -> np.ndarray:
    return np.array([one.value for one in differences]).reshape(-1, n)


def test_balanced_studies_without_overlap_have_the_textbook_forms() -> None:
    differences = balanced()
    y = table(differences)
    k, n = y.shape
    result = combine(differences)
    mean, se = y.mean(), y.std(ddof=1) / math.sqrt(y.size)
    half = stats.t.ppf(0.975, y.size - 1) * se
    assert result.fixed == pytest.approx(mean) and result.fixed_interval == pytest.approx((mean - half, mean + half))
    # With equal weights, Hartung-Knapp's interval is Student's interval over the means of the studies.
    means, within = y.mean(axis=1), y.var(axis=1, ddof=1).mean() / n
    half = stats.t.ppf(0.975, k - 1) * means.std(ddof=1) / math.sqrt(k)
    assert result.random_interval == pytest.approx((mean - half, mean + half), rel=1e-6)
    # One-way analysis of variance: tau², Q, and I² = 1 - (k - 1) / Q.
    q = (k - 1) * means.var(ddof=1) / within
    assert result.tau == pytest.approx(math.sqrt(means.var(ddof=1) - within), rel=1e-6)
    assert result.q == pytest.approx(q) and result.p == pytest.approx(stats.chi2.sf(q, k - 1))
    assert result.i2 == pytest.approx(1 - (k - 1) / q)
    assert (result.studies, result.pairs, result.networks, result.shared) == (4, 20, 40, 0)


def test_equal_studies_have_no_heterogeneity_and_no_narrower_interval() -> None:
    differences = balanced(effect_sd=0.0)
    means = table(differences).mean(axis=1)
    moved = [
        Difference(d.study, d.variant_network, d.reference_network, d.value - means[i // 5])
        for i, d in enumerate(differences)
    ]
    result = combine(moved)
    assert result.tau == 0 and result.i2 == 0 and result.q == pytest.approx(0, abs=1e-9)
    within = table(moved).var(axis=1, ddof=1).mean() / 20
    half = stats.t.ppf(0.975, 3) * math.sqrt(within)
    assert result.random_interval == pytest.approx((-half, half))


def test_a_reference_that_all_studies_share_keeps_its_part_of_the_variance() -> None:
    differences = balanced(effect_sd=0.0, shared=True)
    r = correlations(differences)
    assert r[0, 5] == SHARED and r[0, 1] == 0 and r[3, 3] == 1
    k, n = 4, 5
    result, apart = combine(differences), combine(balanced(effect_sd=0.0))
    # Seed by seed: k differences with equal correlation have a mean with variance (1 + (k - 1) rho) / k.
    values = table(differences)
    per_seed = values.mean(axis=0)
    a, b = 1 - SHARED, 1 + (k - 1) * SHARED
    squares = ((values - per_seed) ** 2).sum() / a + k * ((per_seed - per_seed.mean()) ** 2).sum() / b
    half = stats.t.ppf(0.975, k * n - 1) * math.sqrt(squares / (k * n - 1) * b / (k * n))
    assert result.fixed == pytest.approx(per_seed.mean())
    assert result.fixed_interval == pytest.approx((per_seed.mean() - half, per_seed.mean() + half))
    assert (result.networks, result.shared) == (25, 5)
    assert result.random_interval is not None and apart.random_interval is not None
    width, alone = (np.ptp(x.random_interval) for x in (result, apart))
    assert width > 1.2 * alone, "the shared reference gives less information than separate ones"


def test_a_repeated_pair_counts_once() -> None:
    differences = balanced()
    copy = [Difference("copy", d.variant_network, d.reference_network, d.value + 9) for d in differences[:7]]
    assert combine([*differences, *copy]) == combine(differences)


def test_few_studies_have_dashes() -> None:
    one, two = combine(balanced(1)), combine(balanced(2))
    assert one.random is None and one.random_interval is None and one.studies == 1
    assert two.random is not None and (two.tau, two.q, two.p, two.i2) == (None, None, None, None)
    with pytest.raises(ComparisonError, match="no difference"):
        combine([])
    with pytest.raises(ComparisonError, match="vary"):
        combine([Difference("a", "v0", "r0", 1.0), Difference("b", "v1", "r1", 2.0)])


def test_two_times_two_networks_can_be_combined() -> None:
    square = [Difference("a", f"v{i}", f"r{j}", 1.0 + i + 0.1 * j) for i in (0, 1) for j in (0, 1)]
    assert combine(square).fixed == pytest.approx(1.55)
