"""Families of comparisons, and how several verdicts make one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.claims import Claim
from auxjepa.evidence.judge import Comparisons, Pair, pairs_of
from auxjepa.rows import Row

MakeClaim = Callable[..., Claim]


@pytest.fixture
def side(make_row: Callable[..., Row]) -> Callable[[str, str, str], list[Row]]:
    """Eight seeds of every variant asked for; a name's last character says by how much it leads."""

    def rows(regime: str, variant: str, benchmark: str) -> list[Row]:
        if variant == "absent":
            return []
        return [make_row(variant, seed, 10.0 + seed + int(variant[-1]), benchmark=benchmark) for seed in range(8)]

    return rows


def test_comparisons_with_a_reference_are_one_family_a_benchmark(side) -> None:
    pairs = [Pair("mixed", f"v{i}", "b0", "order") for i in range(1, 4)] + [Pair("ucf101", "v4", "b0", "order")]
    elsewhere, ordered = Pair("mixed", "v1", "b0", "motion"), Pair("mixed", "v9", "v1", "order", ordered=True)
    made = Comparisons([*pairs, elsewhere, ordered, ordered], side, "confirm")
    assert [made.effects[pair].comparisons for pair in pairs] == [4, 4, 4, 4]  # both regimes stand for the same rows
    assert made.effects[elsewhere].comparisons == made.effects[ordered].comparisons == 1


def test_what_cannot_be_compared_is_no_member_and_leaves_the_claim_untested(side, make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up", variants=["v1", "absent"], reference="b0", benchmarks=["order"])
    made = Comparisons(pairs_of(claim, []), side, "confirm")
    ruling = made.rule(claim, [])
    assert (ruling.word, len(ruling.effects)) == ("not testable", 1) and "no score of absent" in ruling.reason
    assert ruling.effects[0].comparisons == 1


@pytest.mark.parametrize(
    ("variants", "direction", "word"),
    [(["v1", "v2"], "up", "supported"), (["v1", "v2"], "down", "refuted"), (["v1", "b0"], "up", "inconclusive")],
)
def test_every_comparison_has_to_come_out(
    side, make_claim: MakeClaim, variants: list[str], direction: str, word: str
) -> None:
    claim = make_claim("direction", direction=direction, variants=variants, reference="r0", benchmarks=["order"])
    assert Comparisons(pairs_of(claim, []), side, "confirm").rule(claim, []).word == word


def test_an_ordering_has_to_win_against_all_others(side, make_claim: MakeClaim) -> None:
    claim = make_claim("ordering", direction="up", variants=["v3"], benchmarks=["order"])
    for others, word in ((["v1", "v2"], "supported"), (["v1", "v4"], "refuted"), (["v1", "w3"], "inconclusive")):
        made = Comparisons(pairs_of(claim, others), side, "confirm")
        assert made.rule(claim, others).word == word
