from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auxjepa.evidence.decisions.verdicts import decide
from auxjepa.evidence.statistics.effects import adjust, check_comparable, compare, paired_effect
from auxjepa.evidence.statistics.records import ComparisonError, ProtocolMismatch
from auxjepa.rows import Row, RowStore

NAMES = {"variant": "ld", "reference": "baseline", "benchmark": "world_order"}
scores = st.dictionaries(st.integers(0, 12), st.floats(0, 100), min_size=1, max_size=8)


def test_effect_golden():
    # differences 23.4, 20, 26.3
    effect = paired_effect({0: 43.5, 1: 40.1, 2: 46.4}, {0: 20.1, 1: 20.1, 2: 20.1}, **NAMES)
    d = np.array([23.4, 20.0, 26.3])
    assert effect.differences == pytest.approx(d)
    assert (effect.mean, effect.median, effect.sd) == pytest.approx((d.mean(), 23.4, d.std(ddof=1)))
    low, high = stats.ttest_1samp(d, 0).confidence_interval()
    assert effect.interval == pytest.approx((low, high))
    assert (effect.p, effect.wins, effect.improvement) == (0.25, 3, 1.0)
    assert effect.standardised == pytest.approx(d.mean() / d.std(ddof=1))
    assert effect.direction == "up" and effect.bca is None, "BCa needs 5 seeds"


def test_improvement_is_mann_whitney():
    first, second = {0: 3.0, 1: 5.0, 2: 4.0}, {0: 4.0, 1: 1.0, 2: 6.0}
    u = stats.mannwhitneyu(list(first.values()), list(second.values())).statistic
    assert paired_effect(first, second, **NAMES).improvement == pytest.approx(u / 9)


def test_only_shared_seeds_are_compared_and_the_others_are_named():
    effect = paired_effect({0: 1.0, 1: 2.0, 5: 90.0}, {0: 0.0, 1: 1.0, 2: 0.0}, **NAMES)
    assert (effect.seeds, effect.unpaired, effect.mean) == ((0, 1), (2, 5), 1.0)
    assert effect.bca is None and effect.interval is None, "equal differences have no interval"


def test_one_pair_has_no_interval():
    effect = paired_effect({0: 4.0}, {0: 1.0}, **NAMES)
    assert (effect.interval, effect.sd, effect.detectable, effect.p, effect.direction) == (
        None,
        None,
        None,
        1.0,
        "unclear",
    )


def test_no_shared_seed_names_both_sides():
    with pytest.raises(ComparisonError, match=r"ld and baseline .* world_order: seeds 0 against seeds 1, 2"):
        paired_effect({0: 1.0}, {1: 1.0, 2: 2.0}, **NAMES)


@given(scores, scores)
def test_swapping_sides_mirrors_everything(a: dict[int, float], b: dict[int, float]):
    if not a.keys() & b.keys():
        return
    effect, mirrored = paired_effect(a, b, **NAMES), paired_effect(b, a, **NAMES)
    assert effect.mean == pytest.approx(-mirrored.mean)
    assert effect.p == pytest.approx(mirrored.p)
    assert effect.improvement == pytest.approx(1 - mirrored.improvement)
    if effect.interval and mirrored.interval:
        assert effect.interval == pytest.approx((-mirrored.interval[1], -mirrored.interval[0]), abs=1e-9)


def test_holm_over_the_family_and_its_smallest_p():
    strong = paired_effect({s: 10.0 + s for s in range(10)}, dict.fromkeys(range(10), 0.0), **NAMES)
    weak = paired_effect({0: 1.0, 1: -1.0}, {0: 0.0, 1: 0.0}, **NAMES)
    a, b = adjust([strong, weak])
    assert a.p_adjusted == pytest.approx(2 * 2 / 2**10) and a.smallest_p_adjusted == a.p_adjusted
    assert b.p_adjusted == 1.0 and b.smallest_p_adjusted == pytest.approx(0.5)
    assert a.comparisons == b.comparisons == 2
    assert adjust([strong, weak], "benjamini_hochberg")[0].p_adjusted == pytest.approx(a.p_adjusted)
    with pytest.raises(ValueError, match="unknown correction 'bonferoni'"):
        adjust([strong], "bonferoni")


def test_rows_are_paired_by_seed_with_mcnemar(make_row, tmp_path):
    store = RowStore(tmp_path)
    right = np.array([1, 1, 1, 1, 1, 1, 1, 0], bool)
    wrong = np.array([0, 0, 0, 0, 0, 0, 1, 1], bool)
    store.append(make_row("ld", 0, 87.5), right)
    store.append(make_row("baseline", 0, 25.0), wrong)
    store.append(make_row("ld", 1, 80.0))
    store.append(make_row("baseline", 1, 30.0))
    rows = list(store)
    effect = compare(
        [r for r in rows if r.variant == "ld"], [r for r in rows if r.variant == "baseline"], correct=store.correct
    )
    assert effect.differences == pytest.approx((62.5, 50.0))
    (test,) = effect.sample_tests  # seed 1 kept no correctness
    assert (test.seed, test.only_variant, test.only_reference) == (0, 6, 1)
    assert test.p == pytest.approx(stats.binomtest(6, 7).pvalue)


@pytest.mark.parametrize("field", ["protocol_hash", "benchmark_hash", "benchmark", "metric"])
def test_scores_that_were_measured_differently_are_refused(make_row, field: str):
    variant, reference = make_row("ld"), make_row("baseline", **{field: "other"})
    with pytest.raises(ProtocolMismatch) as error:
        compare([variant], [reference])
    message = str(error.value)
    assert "ld seed 0" in message and "baseline seed 0" in message and "other" in message
    assert getattr(variant, field) in error.value.first and "other" in error.value.second


def test_a_mismatch_within_one_side_is_refused(make_row):
    with pytest.raises(ProtocolMismatch, match="protocol"):
        check_comparable([make_row(seed=0), make_row(seed=1, protocol_hash="p2")])


def test_double_scores_and_empty_sides_are_refused(make_row):
    double: list[Row] = [make_row(run="a"), make_row(run="b")]
    with pytest.raises(ComparisonError, match="ld has two scores for seed 0 on world_order"):
        compare(double, [make_row("baseline")])
    with pytest.raises(ComparisonError, match="no score of baseline"):
        compare([make_row()], [], names=("ld", "baseline"))


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 10])
def test_the_t_interval_covers_at_its_nominal_rate(n: int):
    rng = np.random.default_rng(n)
    trials = 500
    hits = 0
    for d in rng.normal(2.0, 1.5, (trials, n)):
        effect = paired_effect(dict(enumerate(d.tolist())), dict.fromkeys(range(n), 0.0), **NAMES)
        assert effect.interval is not None
        hits += effect.interval[0] <= 2.0 <= effect.interval[1]
    # 3.5 standard errors of a share of 0.95 over 500 trials
    assert hits / trials == pytest.approx(0.95, abs=0.035)


def test_rounding_is_no_difference() -> None:
    """The variant is better on one benchmark and worse on another: the means differ only in the 16th digit."""
    first = dict.fromkeys(range(8), (10.1 + 0.2) / 2)
    second = dict.fromkeys(range(8), (10.2 + 0.1) / 2 - 1e-14)
    effect = paired_effect(first, second, variant="v", reference="r", benchmark="b")
    assert effect.differences == (0.0,) * 8 and effect.wins == 0 and effect.improvement == 0.5
    assert effect.p == 1 and effect.direction == "unclear" and effect.standardised is None


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("gain", [0.3, 20.1, 1 / 3, 0.0])
def test_equal_differences_have_no_effect_size(n: int, gain: float) -> None:
    """With floating-point numbers, (a + gain) - a differs between seeds in the 15th digit."""
    reference = {seed: 20.0 + seed / 7 for seed in range(n)}
    scores = {seed: value + gain for seed, value in reference.items()}
    effect = paired_effect(scores, reference, variant="v", reference="r", benchmark="b")
    assert effect.sd == 0 and effect.has_equal_differences and effect.mean == pytest.approx(gain)
    assert effect.standardised is None and effect.detectable is None and effect.seeds_needed is None
    assert effect.direction == "unclear" and effect.interval is None and effect.bca is None
    assert decide(effect).word == ("supported" if gain and n == 10 else "inconclusive" if n == 10 else "not testable")
    assert "0.0 points are likely" not in decide(effect).sentence
