"""Families of comparisons, and one verdict from several."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.ledger.claim_comparisons import Comparisons, Pair, pairs_of
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.rows import Row

MakeClaim = Callable[..., Claim]


@pytest.fixture
def side(make_row: Callable[..., Row]) -> Callable[[str, str, str], list[Row]]:
    """Eight seeds of every variant; the last character of a name is its lead in points."""

    def rows(regime: str, variant: str, benchmark: str) -> list[Row]:
        if variant == "absent":
            return []
        return [make_row(variant, seed, 10.0 + seed + int(variant[-1]), benchmark=benchmark) for seed in range(8)]

    return rows


def test_comparisons_with_a_reference_are_one_family_a_benchmark(side) -> None:
    pairs = [Pair("mixed", f"v{i}", "b0", "order") for i in range(1, 4)] + [Pair("ucf101", "v4", "b0", "order")]
    other_benchmark, ordered = Pair("mixed", "v1", "b0", "motion"), Pair("mixed", "v9", "v1", "order", ordered=True)
    effects = Comparisons([*pairs, other_benchmark, ordered, ordered], side).effects
    assert [effects[pair].comparisons for pair in pairs] == [4, 4, 4, 4]  # both regimes have the same rows here
    assert effects[other_benchmark].comparisons == effects[ordered].comparisons == 1


def test_a_comparison_without_scores_is_no_member_and_leaves_the_claim_untested(side, make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up", variants=["v1", "absent"], reference="b0", benchmarks=["order"])
    ruling = Comparisons(pairs_of(claim, []), side).decide_claim(claim, [])
    assert (ruling.word, len(ruling.effects)) == ("not testable", 1) and "no score of absent" in ruling.reason
    assert ruling.effects[0].comparisons == 1


@pytest.mark.parametrize(
    ("variants", "direction", "word"),
    [(["v1", "v2"], "up", "supported"), (["v1", "v2"], "down", "refuted"), (["v1", "b0"], "up", "inconclusive")],
)
def test_every_comparison_has_to_be_supported(
    side, make_claim: MakeClaim, variants: list[str], direction: str, word: str
) -> None:
    claim = make_claim("direction", direction=direction, variants=variants, reference="r0", benchmarks=["order"])
    assert Comparisons(pairs_of(claim, []), side).decide_claim(claim, []).word == word


def test_an_ordering_has_to_win_against_all_others(side, make_claim: MakeClaim) -> None:
    claim = make_claim("ordering", direction="up", variants=["v3"], benchmarks=["order"])
    for rivals, word in ((["v1", "v2"], "supported"), (["v1", "v4"], "refuted"), (["v1", "w3"], "inconclusive")):
        comparisons = Comparisons(pairs_of(claim, rivals), side)
        assert comparisons.decide_claim(claim, rivals).word == word
