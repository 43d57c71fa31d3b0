from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.grade import WEIGHTS
from auxjepa.report import grade
from auxjepa.report.parts import gather


def test_both_grades_stand_side_by_side_with_their_sums(study: Path) -> None:
    grades = gather(study).grades
    table = grade.rows(grades)
    assert [row[0] for row in table] == [*WEIGHTS, "all"] and all(len(row) == len(grade.head(grades)) for row in table)
    for column, one in ((3, grades[0]), (5, grades[1])):
        assert sum(float(row[column]) for row in table[:-1]) == pytest.approx(one.earned, abs=0.05)
    assert "quick: " in grade.sentence(grades) and "published: 5.0 of 19 points" in grade.sentence(grades)
