from __future__ import annotations

import re

import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import build, tables
from auxjepa.report.results import collect
from auxjepa.rows import RowStore


@pytest.fixture(scope="module")
def loaded(study):
    got = load(study)
    return got, collect(got)


def test_a_cell_reads_by_sign_and_word_not_by_colour_alone(loaded):
    _, results = loaded
    up = tables.shown(results.lines[1].cells[3], results.lines[1])
    assert (up.mark, up.tone, up.says, up.below_random) == ("△", "up", "screen: up", False)
    assert up.difference.startswith("+2") and up.difference.endswith("]")
    down = tables.shown(results.lines[3].cells[1], results.lines[3])
    assert (down.mark, down.tone, down.below_random) == ("▽", "down", True)
    chance = tables.shown(results.lines[8].cells[0], results.lines[8])
    assert (chance.score, chance.spread, chance.mark) == ("5.0", "", "")


def test_statistics_have_a_row_for_every_comparison(loaded):
    _, results = loaded
    rows = tables.statistics_rows(results)
    assert len(rows) == 5 * 4 + 4 * 3 and {len(row) for row in rows} == {len(tables.STATISTICS)}
    ld = next(row for row in rows if row[:2] == ["ld", "Temporal order"])
    assert ld[8] == "0.25" and ld[-1] == "screen: up" and ld[-2].count(",") == 2


def test_cost(loaded):
    rows = tables.cost_rows(loaded[0])
    assert [row[0] for row in rows] == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    assert rows[0][4] == "1.00" and float(rows[4][4]) > 1.2
    assert rows[0][5] == "612" and rows[0][6] == "0.17 M" and rows[0][8] == "3.2" and rows[0][9] == "healthy"


def test_equal_differences_are_said_in_place_of_an_effect_size(write_study, tmp_path):
    folder = write_study(tmp_path / "equal")
    store = RowStore(folder)
    rows = list(store)
    store.path.unlink()
    base = {(r.seed, r.benchmark): r.score for r in rows if r.variant == "baseline"}
    for row in rows:
        gain = base.get((row.seed, row.benchmark), 0.0) + 1 / 3
        store.append(row.model_copy(update={"score": gain}) if row.variant == "ld" else row)
    results = collect(load(folder))
    lines = [line for line in tables.statistics_rows(results) if line[0] == "ld"]
    column = tables.STATISTICS.index("effect size")
    assert {line[column] for line in lines} == {"all differences are equal"}
    assert {line[column + 1] for line in lines} == {line[column + 2] for line in lines} == {"–"}
    assert all(len(cell) < 60 for line in tables.statistics_rows(results) for cell in line)
    build(folder)
    page = (folder / "report.html").read_text() + (folder / "report.md").read_text()
    assert "all differences are equal" in page and not re.search(r"\d{8,}\.\d", page)
