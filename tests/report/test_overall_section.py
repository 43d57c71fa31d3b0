"""Aggregates over benchmarks as a table, and performance profiles as a figure."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.analyses.overall import study_overall
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import overall_section
from auxjepa.report.series import series_index


def test_rows_show_the_records(study: Path) -> None:
    results = collect_results(load(study))
    records = study_overall(results)
    table = {row[0]: row for row in overall_section.rows(records)}
    assert list(table) == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    assert len(overall_section.head(results)) == len(table["ld"]) == 8
    ld = next(record for record in records if record.name == "ld")
    assert table["ld"][1] == "3 × 4" and table["ld"][2] == f"{ld.iqm.value:.3f}"
    assert table["baseline"][3] == "–" and table["ld"][5].startswith("1.000")
    assert table["ld_only"][6:] == table["baseline"][6:] == ["–", "–"], "3 seeds have no share of resamples"


def test_profiles_are_drawn_and_described(study: Path) -> None:
    results = collect_results(load(study))
    svg = str(overall_section.profiles(study_overall(results), series_index(results)))
    assert svg.count('class="curve') == 5 and "normalised score of 0.25: baseline" in svg


def test_without_a_record_there_is_neither_row_nor_figure() -> None:
    assert overall_section.rows([]) == [] and overall_section.profiles([], {}) is None
