"""Claimed numbers in a table, kind by kind: true numbers hold, changed numbers fail, absent numbers do neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.ledger import published
from auxjepa.evidence.ledger.arithmetic import PublishedTable, check_numbers
from auxjepa.evidence.ledger.claims import Claim, load
from auxjepa.evidence.ledger.published import PublishedScore

MakeClaim = Callable[..., Claim]


@pytest.fixture
def table(make_score: Callable[..., PublishedScore]) -> PublishedTable:
    """Scores on two benchmarks: baseline 20 (seed 42) and 30 (seed 239), ld 26, fwm 24, ac 15."""
    points = {"ld": 26.0, "fwm": 24.0, "ac": 15.0}
    scores = [make_score(variant=v, top1=t, benchmark=b) for b in ("imagenet100", "ssv2") for v, t in points.items()]
    scores += [make_score(variant="baseline", seed=s, top1=t) for s, t in ((42, 20.0), (239, 30.0))]
    return PublishedTable([*scores, make_score(variant="baseline", top1=25.0, benchmark="ssv2")])


UP, DOWN, ALL = {"direction": "up"}, {"direction": "down"}, {"direction": "up", "variants": []}
LD_FWM = {"variants": ["ld", "fwm"]}
TRUE_AND_CHANGED = [
    ("difference", {"expected": 6.0}, {"expected": 5.98}),
    ("difference", {"expected": 6.4, "tolerance": 0.5}, {"expected": 6.6, "tolerance": 0.5}),
    ("range", LD_FWM | {"low": 4, "high": 6}, LD_FWM | {"low": 4.5, "high": 6}),
    ("direction", UP | LD_FWM, UP | {"variants": ["ld", "ac"]}),
    ("direction", DOWN | {"variants": ["ac"]}, DOWN | {"variants": ["ac", "ld"]}),
    ("ordering", UP, DOWN),
    ("ordering", DOWN | {"variants": ["ac", "fwm"]}, UP | {"variants": ["ac", "fwm"]}),
    ("ordering", UP | {"variants": ["fwm"], "among": ["fwm", "ac"]}, UP | {"variants": ["fwm"]}),
    ("count", ALL | {"count": 2, "of": 3}, ALL | {"count": 1}),
    ("count", ALL | {"count": 1, "threshold": 5}, ALL | {"count": 2, "of": 2}),
    ("count", ALL | {"low": 2}, ALL | {"low": 3}),
    ("cluster", LD_FWM | {"expected": 2}, LD_FWM | {"expected": 1.9}),
]


@pytest.mark.parametrize(("kind", "true", "changed"), TRUE_AND_CHANGED)
def test_a_true_number_holds_and_a_changed_one_fails(
    table: PublishedTable, make_claim: MakeClaim, kind: str, true: dict, changed: dict
) -> None:
    assert check_numbers(make_claim(kind, reference_seed=42, **true), table).answer == "holds"
    assert check_numbers(make_claim(kind, reference_seed=42, **changed), table).answer == "fails"


def test_missing_scores_are_named(table: PublishedTable, make_claim: MakeClaim) -> None:
    checked = check_numbers(make_claim(expected=1.0, variants=["ltc"]), table)
    assert (checked.answer, checked.missing) == ("not in table", ("ltc (or baseline) on imagenet100",))
    assert check_numbers(make_claim(expected=6.0, reference_seed=7), table).answer == "not in table"
    assert check_numbers(make_claim(expected=6.0, benchmarks=["smd"]), table).answer == "not in table"
    assert check_numbers(make_claim("structural"), table).answer == "not in table"


def test_counts_are_repeated_with_the_reference_of_the_same_seed(table: PublishedTable, make_claim: MakeClaim) -> None:
    claim = make_claim("count", direction="down", count=1, variants=[], reference_seed=42)
    assert (
        check_numbers(claim, table).numbers
        == "1 of 3 lose on imagenet100 (with the reference of the same seed: 3 of 3)"
    )
    wrong = claim.model_copy(update={"count": 2, "of": 4})
    assert check_numbers(wrong, table).numbers.startswith("1 of 3 lose on imagenet100, not 2 of 4")


def test_over_several_benchmarks_the_worst_difference_decides(table: PublishedTable, make_claim: MakeClaim) -> None:
    claim = make_claim("ordering", direction="up", benchmarks=["imagenet100", "ssv2"], reference_seed=None)
    checked = check_numbers(claim, table)  # against the mean of both seeds (25) and against 25
    assert checked.answer == "holds" and checked.numbers == "worst difference ld +1.00 against fwm −1.00, of 3 variants"


def test_published_numbers_hold_or_fail() -> None:
    table = PublishedTable(published.load())
    answers = {claim.id: check_numbers(claim, table).answer for claim in load().claims}
    failing = {name for name, answer in answers.items() if answer == "fails"}
    assert failing == {"kinematic_diving48", "imagenet100_losers", "pixel_prediction_weakest"}
    assert sum(answer == "holds" for answer in answers.values()) == 20


@pytest.mark.parametrize(("claimed", "answer"), [(-0.30, "holds"), (-0.31, "fails"), (0.30, "fails")])
def test_a_changed_claim_on_the_published_table_fails(claimed: float, answer: str) -> None:
    (claim,) = [c for c in load().claims if c.id == "fwm_hw_ld_diving48"]
    checked = check_numbers(claim.model_copy(update={"expected": claimed}), PublishedTable(published.load()))
    assert checked.answer == answer and checked.quoted[0].examples == -6
