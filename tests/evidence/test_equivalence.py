from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_paired

from auxjepa.evidence.effects import adjust, paired_effect
from auxjepa.evidence.equivalence import equivalence, seeds_to_show
from auxjepa.evidence.records import ComparisonError, Effect
from auxjepa.evidence.verdicts import decide_equivalence

CLOSE = [0.05, -0.1, 0.02, 0.08, -0.04, 0.01]
differences = st.lists(st.floats(-5, 5).map(lambda v: round(v, 3)), min_size=2, max_size=9)
margins = st.floats(0.01, 5)


def effect(values: list[float], comparisons: int = 1) -> Effect:
    a = dict(enumerate(values))
    result = paired_effect(a, dict.fromkeys(a, 0.0), variant="fwm_ld", reference="ld", benchmark="world_order")
    return adjust([result] * comparisons)[0]


@pytest.mark.parametrize("values", [CLOSE, [0.4, 0.1, 0.35], [-0.31, -0.2, -0.28, -0.1, -0.33]])
@pytest.mark.parametrize("margin", [0.3, 1.0])
def test_p_equals_statsmodels(values: list[float], margin: float):
    reference = np.linspace(50.0, 60.0, len(values))
    p, _, _ = ttost_paired(reference + values, reference, -margin, margin)
    assert equivalence(values, margin).p == pytest.approx(float(p))


def test_by_hand():
    # mean 0.2, sd 0.1: t = (0.3 - 0.2) / (0.1 / sqrt(3)) = sqrt(3); with 2 degrees p = (1 - t / sqrt(t^2 + 2)) / 2
    got = equivalence([0.1, 0.2, 0.3], 0.3)
    assert got.p == pytest.approx((1 - (3 / 5) ** 0.5) / 2)
    # 90 %: t(0.95, 2) = 2.91999
    assert got.interval == pytest.approx((0.2 - 0.168586, 0.2 + 0.168586), abs=1e-5)
    assert not got.equivalent


@given(differences, margins)
def test_equivalent_where_the_interval_lies_within(values: list[float], margin: float):
    got = equivalence(values, margin)
    reach = max(map(abs, got.interval))
    assume(abs(reach - margin) > 1e-9)
    assert got.equivalent == (reach < margin)


@given(differences, margins)
def test_sign_and_order_do_not_matter_and_a_wider_margin_is_easier(values: list[float], margin: float):
    got = equivalence(values, margin)
    mirrored = equivalence([-v for v in reversed(values)], margin)
    assert mirrored.p == pytest.approx(got.p, abs=1e-9)
    assert mirrored.interval == pytest.approx((-got.interval[1], -got.interval[0]))
    assert equivalence(values, margin + 1).p <= got.p


def test_equal_differences_need_no_t():
    assert equivalence([0.25, 0.25], 0.3).p == 0.0
    assert equivalence([0.5, 0.5], 0.3).p == 1.0


@pytest.mark.parametrize(
    ("values", "margin", "alpha", "match"),
    [([0.1], 0.3, 0.05, "2 pairs, got 1"), ([0.1, 0.2], 0.0, 0.05, "margin above 0"), ([0.1, 0.2], 0.3, 0.5, "alpha")],
)
def test_too_few_pairs_and_wrong_margins_are_an_error(values: list[float], margin: float, alpha: float, match: str):
    with pytest.raises(ComparisonError, match=match):
        equivalence(values, margin, alpha)


def test_seeds_to_show():
    # one-sided: 1 / 2^5 = 0.031; over 18 comparisons 18 / 2^9 = 0.035
    assert (seeds_to_show(), seeds_to_show(18)) == (5, 9)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (CLOSE, "supported"),
        ([1.05, 0.9, 1.02, 1.08, 0.96, 1.01], "refuted"),
        ([-1.05, -0.9, -1.02, -1.08, -0.96, -1.01], "refuted"),
        ([0.3, 0.5, 0.2, 0.4, 0.1, 0.35], "inconclusive"),
        ([3.0, -3.0, 2.0, -2.0, 1.0, -1.0], "inconclusive"),
        (CLOSE[:4], "not testable"),
        (CLOSE[:1], "not testable"),
    ],
)
def test_verdicts(values: list[float], word: str):
    verdict = decide_equivalence(effect(values), 0.3)
    assert verdict.word == word
    assert "±0.3" in verdict.sentence


def test_sentences_have_the_numbers():
    assert decide_equivalence(effect(CLOSE), 0.3).sentence == (
        "0.00 points against a margin of ±0.3, 90 % interval [−0.05, +0.06]; equivalence p < 0.001 over 1 comparison."
    )
    refuted = decide_equivalence(effect([1.05, 0.9, 1.02, 1.08, 0.96, 1.01]), 0.3).sentence
    assert refuted.endswith("the 95 % interval [+0.94, +1.07] is outside the margin.")
    unclear = decide_equivalence(effect([0.3, 0.5, 0.2, 0.4, 0.1, 0.35]), 0.3).sentence
    assert unclear.endswith("these seeds show no margin below 0.43 points.")
    assert "4 seeds cannot show equivalence, 5 seeds can" in decide_equivalence(effect(CLOSE[:4]), 0.3).sentence


def test_a_screen_makes_no_claim():
    verdict = decide_equivalence(effect(CLOSE), 0.3, phase="screen")
    assert verdict.word == "not testable" and "confirm on new seeds" in verdict.sentence


def test_a_family_is_harder():
    values = [0.2, -0.15, 0.3, 0.2, -0.1, 0.2, 0.1, 0.2]
    assert equivalence(values, 0.3).p == pytest.approx(0.0075, abs=1e-4)
    assert decide_equivalence(effect(values, 6), 0.3).word == "supported"
    assert decide_equivalence(effect(values, 7), 0.3).word == "inconclusive"  # 7 times 0.0075
    assert decide_equivalence(effect(values, 13), 0.3).word == "not testable"  # 13 / 2^8 > 0.05
    # the correction of the registered family decides
    assert decide_equivalence(effect(values, 7), 0.3, p_adjusted=0.03).word == "supported"
    assert decide_equivalence(effect(values), 0.3, p_adjusted=0.06).word == "inconclusive"
