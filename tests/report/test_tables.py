from __future__ import annotations

import dataclasses
import re

import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.training import study_costs
from auxjepa.evidence.decisions.verdicts import Verdict
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build, tables
from auxjepa.rows import RowStore


@pytest.fixture(scope="session")
def loaded(study):
    loaded = load(study)
    return loaded, collect_results(loaded)


def test_a_cell_has_a_sign_and_a_word_in_addition_to_its_colour(loaded):
    _, results = loaded
    up = tables.cell_text(results.lines[1].cells[3], results.lines[1])
    assert (up.sign, up.tone, up.label, up.not_above_random) == ("△", "up", "screen: up", False)
    assert up.difference.startswith("+2") and up.difference.endswith("]")
    down = tables.cell_text(results.lines[3].cells[1], results.lines[3])
    assert (down.sign, down.tone, down.not_above_random) == ("▽", "down", True)
    chance = tables.cell_text(results.lines[8].cells[0], results.lines[8])
    assert (chance.score, chance.spread, chance.sign) == ("5.0", "", "")


@pytest.mark.parametrize(
    ("word", "signs", "tone"),
    [
        ("supported", "▲", "up"),
        ("refuted", "▲", "up"),
        ("flagged", "◇", "flagged"),
        ("inconclusive", "○", "unclear"),
        ("not testable", "○", "unclear"),
    ],
)
def test_only_a_decided_hypothesis_has_a_direction(loaded, word, signs, tone):
    _, results = loaded
    line = results.lines[1]
    cell = dataclasses.replace(line.cells[3], verdict=Verdict(word, ""), registered=True)
    text = tables.cell_text(cell, line)
    assert (text.sign, text.tone, text.label) == (signs, tone, f"registered: {word}")
    assert cell.label == word


def test_marks_come_with_the_number_that_chance_gives(loaded):
    assert tables.marks_by_chance(loaded[1]) == "12 of 16 intervals exclude zero, 0.8 would by chance"


def test_statistics_have_a_row_for_every_comparison(loaded):
    _, results = loaded
    rows = tables.statistics_rows(results)
    assert len(rows) == 5 * 4 + 4 * 3 and {len(row) for row in rows} == {len(tables.STATISTICS)}
    ld = next(row for row in rows if row[:2] == ["ld", "Temporal order"])
    by_name = dict(zip(tables.STATISTICS, ld, strict=True))
    low, high = by_name["95 % simultaneous"].strip("[]").split(", ")
    single = by_name["95 % t"].strip("[]").split(", ")
    assert float(low) < float(single[0]) < float(single[1]) < float(high)
    assert by_name["95 % BCa"] == by_name["detectable"] == "–", "3 seeds have neither"
    assert by_name["p sign-flip"] == "0.25" and ld[-1] == "screen: up" and ld[-2].count(",") == 2


def test_cost(loaded):
    rows = tables.cost_rows(study_costs(loaded[0]))
    assert [row[0] for row in rows] == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    assert rows[0][4] == "1.00" and float(rows[4][4]) > 1.2
    assert rows[0][5] == "612" and rows[0][6] == "0.17 M" and rows[0][8] == "3.2" and rows[0][9] == "healthy"


def test_equal_differences_have_a_text_in_place_of_an_effect_size(write_study, tmp_path):
    folder = write_study(tmp_path / "equal")
    store = RowStore(folder)
    rows = list(store)
    store.path.unlink()
    base = {(r.seed, r.benchmark): r.score for r in rows if r.variant == "baseline"}
    for row in rows:
        gain = base.get((row.seed, row.benchmark), 0.0) + 1 / 3
        store.append(row.model_copy(update={"score": gain}) if row.variant == "ld" else row)
    results = collect_results(load(folder))
    lines = [line for line in tables.statistics_rows(results) if line[0] == "ld"]
    column = tables.STATISTICS.index("effect size")
    assert {line[column] for line in lines} == {"all differences are equal"}
    assert {line[column + 1] for line in lines} == {line[column + 2] for line in lines} == {"–"}
    assert all(len(cell) < 60 for line in tables.statistics_rows(results) for cell in line)
    build(folder)
    page = (folder / "report.html").read_text() + (folder / "report.md").read_text()
    assert "all differences are equal" in page and not re.search(r"\d{8,}\.\d", page)
