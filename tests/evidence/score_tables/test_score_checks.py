"""The reference among the variants of a table."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.score_checks import find_reference, refuse_repeats
from auxjepa.evidence.score_tables.scores import Score
from auxjepa.evidence.score_tables.table_file import Line, Table

TABLE = Table(Path("t.csv"), (), ())


def score(variant: str, seed: int = 0, regime: str = "") -> Score:
    return Score(Line(2, {}), "score", variant, seed, "a", 1.0, regime=regime)


def test_usual_names_of_a_reference() -> None:
    assert find_reference(TABLE, [score("ld"), score("Baseline")], ReadingOptions()) == "Baseline"
    assert find_reference(TABLE, [score("ld"), score("reference")], ReadingOptions()) == "reference"
    assert find_reference(TABLE, [score("ld"), score("x")], ReadingOptions(reference="x")) == "x"


def test_another_seed_or_regime_is_no_repeat() -> None:
    refuse_repeats(TABLE, [score("ld"), score("ld", 1), score("ld", 0, "web")], True)
