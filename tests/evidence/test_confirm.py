"""The registered study in docs/evidence/confirm: complete, without deviation, and equal to its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auxjepa.evidence.study_folder.folder import Study, load
from auxjepa.evidence.wording import format_signed, format_signed_interval

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "confirm"


@pytest.fixture(scope="session")
def confirm() -> Study:
    return load(FOLDER)


def test_it_has_no_deviation(confirm: Study) -> None:
    assert confirm.registered is not None and confirm.decides
    assert confirm.registered.deviations == [] and confirm.registered.hash in (FOLDER / "README.md").read_text()
    assert len(confirm.rows) == 292 and all(confirm.correct(r) is not None for r in confirm.rows if r.control is None)


def test_its_page_equals_its_rows(confirm: Study) -> None:
    assert confirm.registered is not None
    outcomes = confirm.outcomes
    page = (FOLDER / "README.md").read_text().replace("*", "")
    table = [line for line in page.splitlines() if re.search(r"\| (supported|refuted|flagged|inconclusive) \|$", line)]
    assert len(table) == len(outcomes) == 12
    for line, outcome in zip(table, outcomes, strict=True):
        assert line.split("|")[-2].strip() == outcome.verdict.word
        assert outcome.effect is not None and format_signed(outcome.effect.mean) in line
        if outcome.hypothesis.margin is None and outcome.effect.interval:
            assert format_signed_interval(outcome.effect.interval) in line
