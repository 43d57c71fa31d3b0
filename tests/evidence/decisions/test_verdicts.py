from __future__ import annotations

import re

import pytest

from auxjepa.evidence.decisions.verdicts import decide, decide_equivalence, explain_few_seeds
from auxjepa.evidence.statistics.effects import adjust, paired_effect
from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.records import Effect


def effect(differences: list[float]) -> Effect:
    a = dict(enumerate(differences))
    return paired_effect(a, dict.fromkeys(a, 0.0), variant="ld", reference="baseline", benchmark="world_order")


CLOSE = [0.05, -0.1, 0.02, 0.08, -0.04, 0.01]


def family_effect(differences: list[float], comparisons: int = 1) -> Effect:
    return adjust([effect(differences)] * comparisons)[0]


def test_three_seeds_can_screen_but_not_confirm():
    verdict = decide(effect([10.0, 11.0, 12.0]))
    assert verdict.word == "not testable"
    assert "3 seeds can screen but not confirm" in verdict.sentence
    assert "the smallest two-sided sign-flip p with 3 pairs is 0.25" in verdict.sentence
    assert "6 seeds can reach 0.05" in verdict.sentence


def test_holm_over_18_variants_needs_10_seeds():
    nine = adjust([effect([5.0 + i for i in range(9)])] * 18)[0]
    ten = adjust([effect([5.0 + i for i in range(10)])] * 18)[0]
    assert decide(nine).word == "not testable"
    assert "10 seeds can reach 0.05 after Holm over 18 comparisons" in decide(nine).sentence
    assert decide(ten).word == "supported"


@pytest.mark.parametrize(
    ("differences", "claim", "word"),
    [
        ([2.0, 3.0, 2.5, 3.1, 1.9, 2.2], "up", "supported"),
        ([-2.0, -3.0, -2.5, -3.1, -1.9, -2.2], "up", "refuted"),
        ([-2.0, -3.0, -2.5, -3.1, -1.9, -2.2], "down", "supported"),
        ([2.0, -3.0, 2.5, -3.1, 1.9, -2.2], "up", "inconclusive"),
    ],
)
def test_verdicts(differences: list[float], claim, word: str):
    verdict = decide(effect(differences), claim=claim)
    assert verdict.word == word
    assert "sign-flip p" in verdict.sentence and "1 comparison" in verdict.sentence


def test_a_screening_phase_makes_no_claim_with_any_number_of_seeds():
    verdict = decide(effect([2.0 + i / 10 for i in range(12)]), phase="screen")
    assert verdict.word == "not testable" and "confirm on new seeds" in verdict.sentence


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
def test_verdicts_on_equivalence(values: list[float], word: str):
    verdict = decide_equivalence(family_effect(values), 0.3)
    assert verdict.word == word
    assert "±0.3" in verdict.sentence


def test_sentences_on_equivalence_have_the_numbers():
    assert decide_equivalence(family_effect(CLOSE), 0.3).sentence == (
        "0.00 points against a margin of ±0.3, 90 % interval [−0.05, +0.06]; equivalence p < 0.001 over 1 comparison."
    )
    refuted = decide_equivalence(family_effect([1.05, 0.9, 1.02, 1.08, 0.96, 1.01]), 0.3).sentence
    assert refuted.endswith("the 95 % interval [+0.94, +1.07] is outside the margin.")
    unclear = decide_equivalence(family_effect([0.3, 0.5, 0.2, 0.4, 0.1, 0.35]), 0.3).sentence
    assert unclear.endswith("these seeds show no margin below 0.43 points.")
    assert "4 seeds cannot show equivalence, 5 seeds can" in decide_equivalence(family_effect(CLOSE[:4]), 0.3).sentence


def test_a_screen_makes_no_claim_of_equivalence():
    verdict = decide_equivalence(family_effect(CLOSE), 0.3, phase="screen")
    assert verdict.word == "not testable" and "confirm on new seeds" in verdict.sentence


def test_equivalence_in_a_family_is_harder():
    values = [0.2, -0.15, 0.3, 0.2, -0.1, 0.2, 0.1, 0.2]
    assert equivalence(values, 0.3).p == pytest.approx(0.0075, abs=1e-4)
    assert decide_equivalence(family_effect(values, 6), 0.3).word == "supported"
    assert decide_equivalence(family_effect(values, 7), 0.3).word == "inconclusive"  # 7 times 0.0075
    assert decide_equivalence(family_effect(values, 13), 0.3).word == "not testable"  # 13 / 2^8 > 0.05
    # the correction of the registered family decides
    assert decide_equivalence(family_effect(values, 7), 0.3, p_adjusted=0.03).word == "supported"
    assert decide_equivalence(family_effect(values), 0.3, p_adjusted=0.06).word == "inconclusive"


@pytest.mark.parametrize("scale", [1.0, 0.02, 0.001])
def test_a_limit_never_rounds_to_zero(scale: float):
    """Small units (a share, an error) have small spreads."""
    differences = [scale * d for d in (2.0, -3.0, 2.5, -3.1, 1.9, -2.2)]
    undecided = effect(differences)
    (limit,) = re.findall(r"effects below (\S+) points are likely to be missed", decide(undecided).sentence)
    assert undecided.detectable == pytest.approx(float(limit), rel=0.5)
    (margin,) = re.findall(r"no margin below (\S+) points", decide_equivalence(undecided, scale).sentence)
    assert float(margin) > 0
    tiny = decide(effect([1e-6 * d for d in differences]))
    assert tiny.word == "inconclusive" and "effects below" not in tiny.sentence


def test_few_seeds_under_benjamini_and_hochberg():
    """Of 8 comparisons on 5 seeds: each p is 0.0625, and no p is multiplied if all of them pass together."""
    five = family_effect([5.0, 6.0, 7.0, 8.0, 9.0], 8)
    assert "9 seeds can reach 0.05 after Holm over 8 comparisons" in decide(five).sentence
    sentence = decide(five, correction="benjamini_hochberg").sentence
    assert "6 seeds can reach 0.05 after Benjamini and Hochberg over 8 comparisons" in sentence
    text = explain_few_seeds(6, 8, correction="benjamini_hochberg")
    assert "9 seeds can reach 0.05" in text, "six seeds are too few if other comparisons of the family have no p"
