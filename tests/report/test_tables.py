from __future__ import annotations

import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import tables
from auxjepa.report.results import collect


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
