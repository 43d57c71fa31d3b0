"""Forest plots of paired differences."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report.forest import forest, forest_plot
from written_study import register


def test_the_figure_shows_and_describes_every_effect(study: Path) -> None:
    results = collect_results(load(study))
    svg = str(forest(results, 3))
    assert "Temporal order: difference from baseline" in svg
    effect = results.lines[1].cells[3].effect
    assert effect is not None and effect.interval is not None
    assert f"ld +{effect.mean:.1f} [+{effect.interval[0]:.1f}" in svg
    assert svg.count('class="hollow') == 5 and 'class="mark' not in svg
    assert svg.count('class="seed') == 15


def test_only_decided_hypotheses_are_solid(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    svg = str(forest(collect_results(load(folder)), 3))
    assert svg.count('class="mark') == 0 and svg.count('class="hollow') == 5  # ld is flagged there


def test_without_a_line_there_is_no_figure() -> None:
    assert forest_plot("x", "", "", "", []) is None
