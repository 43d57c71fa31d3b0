"""Rows and figures of the ablation."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.analyses.ablation import study_ablation
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import ablation_section


def test_rows_and_figures_of_a_two_by_two(tmp_path: Path, write_study) -> None:
    names = {"baseline": "baseline", "ld": "fwm", "ld_only": "ld", "fwm": "fwm_ld"}
    ablations = study_ablation(collect_results(load(write_study(tmp_path, seeds=8, steps=4, rename=names))))
    rows = ablation_section.rows(ablations)
    assert len(rows) == sum(len(a.contrasts) for a in ablations) > 0
    assert all(len(row) == len(ablation_section.HEAD) for row in rows)
    assert {row[-1] for row in rows} <= {"screen: up", "screen: down", "screen: unclear"}
    assert len(ablation_section.figures(ablations)) == len(ablations)
