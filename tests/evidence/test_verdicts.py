from __future__ import annotations

import pytest

from auxjepa.evidence.effects import adjust, paired_effect
from auxjepa.evidence.records import Effect
from auxjepa.evidence.verdicts import decide


def effect(differences: list[float]) -> Effect:
    a = dict(enumerate(differences))
    return paired_effect(a, dict.fromkeys(a, 0.0), variant="ld", reference="baseline", benchmark="world_order")


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
