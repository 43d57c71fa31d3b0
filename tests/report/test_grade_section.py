from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.grade.grade import WEIGHTS
from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.report import grade_section


def test_both_grades_are_next_to_each_other_with_their_sums(study: Path) -> None:
    grades = collect_evidence(study).grades
    table = grade_section.rows(grades)
    assert [row[0] for row in table] == [*WEIGHTS, "all"] and all(
        len(row) == len(grade_section.head(grades)) for row in table
    )
    for column, grade in ((3, grades[0]), (5, grades[1])):
        assert sum(float(row[column]) for row in table[:-1]) == pytest.approx(grade.earned, abs=0.05)
    assert "quick: " in grade_section.sentence(grades) and "published: 5.1 of 39 points" in grade_section.sentence(
        grades
    )
