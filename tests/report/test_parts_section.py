"""Tables of the parts of scores."""

from __future__ import annotations

from auxjepa.evidence.analyses.score_parts import PartMean, ScoreParts
from auxjepa.report import parts_section


def test_parts_are_rows_and_variants_are_columns() -> None:
    parts = {"easy": (PartMean(55.04, 1.26), None), "hard": (PartMean(-0.02, None), PartMean(-3.0, 0.5))}
    ((title, head, body),) = parts_section.tables([ScoreParts("Order", ("baseline", "ld"), parts)])
    assert title == "Order" and head == ("part", "baseline", "ld")
    assert body == [["easy", "55.0 ±1.3", "–"], ["hard", "0.0", "−3.0 ±0.5"]]
    assert parts_section.tables([]) == []
