"""Figures of trade-offs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.trade_off import trade_off
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import trade_off_figure
from auxjepa.report.series import series_index


def draw(study: Path) -> str:
    results = collect_results(load(study))
    points = trade_off(results, "appearance", "order")
    assert points is not None
    return str(trade_off_figure.trade_off_figure(points, series_index(results)))


def test_controls_are_marked(study: Path) -> None:
    svg = draw(study)
    assert svg.count('class="hollow control"') == 4 and svg.count('class="mark') == 5
    assert "random-init encoder" in svg


def test_of_many_variants_only_the_front_and_the_reference_are_named(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trade_off_figure, "MOST_NAMED", 8)
    svg = draw(study)
    drawn = re.sub(r"<(title|desc).*?</\1>", "", svg)
    assert "ld_only</text>" in drawn and "baseline</text>" in drawn and "chance</text>" in drawn
    assert "fwm_hw_ld</text>" not in drawn and drawn.count("faint") == 3
    assert "fwm_hw_ld 3" in svg  # the description names all variants
