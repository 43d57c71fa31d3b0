from __future__ import annotations

import pytest

from auxjepa.evidence.effects import Effect, adjust, paired_effect
from auxjepa.evidence.verdicts import bracket, decide, probability, signed


def effect(differences: list[float]) -> Effect:
    a = dict(enumerate(differences))
    return paired_effect(a, dict.fromkeys(a, 0.0), variant="ld", reference="baseline", benchmark="world_order")


def test_three_seeds_can_screen_not_confirm():
    verdict = decide(effect([10.0, 11.0, 12.0]))
    assert verdict.word == "not testable"
    assert "3 seeds can screen, not confirm" in verdict.sentence
    assert "smallest two-sided sign-flip p with 3 pairs: 0.25" in verdict.sentence
    assert "6 seeds could reach 0.05" in verdict.sentence


def test_holm_over_18_variants_needs_10_seeds():
    nine = adjust([effect([5.0 + i for i in range(9)])] * 18)[0]
    ten = adjust([effect([5.0 + i for i in range(10)])] * 18)[0]
    assert decide(nine).word == "not testable"
    assert "10 seeds could reach 0.05 after Holm over 18 comparisons" in decide(nine).sentence
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


def test_a_screening_phase_claims_nothing_however_many_seeds():
    verdict = decide(effect([2.0 + i / 10 for i in range(12)]), phase="screen")
    assert verdict.word == "not testable" and "confirm on fresh seeds" in verdict.sentence


def test_numbers_for_people():
    assert [signed(v) for v in (2.34, -2.34, 0.04, -0.04)] == ["+2.3", "−2.3", "0.0", "0.0"]
    assert bracket((-1.0, 2.0)) == "[−1.0, +2.0]"
    assert (probability(0.25), probability(0.0004), probability(0.03125)) == ("0.25", "< 0.001", "0.031")
