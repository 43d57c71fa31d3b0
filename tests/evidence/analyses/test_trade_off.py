"""Trade-offs between two capabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.trade_off import trade_off
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.study_folder.folder import load


def test_points_are_means_over_seeds_and_the_front_has_no_control(study: Path) -> None:
    results = collect_results(load(study))
    figure = trade_off(results, "appearance", "order")
    assert figure is not None and len(figure.points) == 9
    ld = next(p for p in figure.points if p.line.name == "ld")
    scores = list(results.lines[1].cells[3].scores.values())
    assert ld.up.value == pytest.approx(np.mean(scores)) and ld.up.interval == pytest.approx(t_interval(scores))
    assert ld.up_ends == ld.up.interval and len(ld.seeds) == 3 and ld.up_values == tuple(scores)
    chance = next(p for p in figure.points if p.line.name == "chance")
    assert chance.up_ends == (12.5, 12.5) and chance.seeds == ()
    assert figure.front == ("ld_only",)


def test_a_trade_off_needs_two_capabilities_with_scores(study: Path) -> None:
    results = collect_results(load(study))
    assert trade_off(results, "appearance", "appearance") is None
    assert trade_off(results, "appearance", "smell") is None
