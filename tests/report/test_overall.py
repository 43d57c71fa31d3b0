"""All benchmarks at once: numbers that can be checked by hand."""

from __future__ import annotations

from pathlib import Path

from scipy import stats

from auxjepa.evidence.folder import load
from auxjepa.report import overall
from auxjepa.report.results import collect


def test_rows_hold_the_interquartile_mean_of_normalised_scores(study: Path) -> None:
    results = collect(load(study))
    table = {row[0]: row for row in overall.rows(results)}
    assert list(table) == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    assert len(overall.head(results)) == len(table["ld"]) == 8
    line = next(line for line in results.variants if line.name == "ld")
    values = [
        (score - 100 / column.n_classes) / (100 - 100 / column.n_classes)
        for cell, column in zip(line.cells, results.columns, strict=True)
        for score in cell.scores.values()
    ]
    assert table["ld"][2].startswith(f"{stats.trim_mean(values, 0.25):.3f} [")
    assert table["baseline"][3] == "–" and table["ld"][5].startswith("1.000")
    assert table["ld_only"][6:] == ["100 %", "100 %"] and table["baseline"][6:] == ["0 %", "0 %"]


def test_a_variant_without_a_benchmark_is_left_out(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, steps=4)
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    gone = [line for line in lines if '"variant": "fwm"' in line and '"world_order"' in line]
    (folder / "rows.jsonl").write_text("".join(line for line in lines if line not in gone))
    names = [row[0] for row in overall.rows(collect(load(folder)))]
    assert names == ["baseline", "ld", "ld_only", "fwm_hw_ld"]


def test_profiles_are_drawn_and_described(study: Path) -> None:
    svg = str(overall.profiles(collect(load(study))))
    assert svg.count('class="curve') == 5 and "normalised score of 0.25: baseline" in svg


def test_nothing_yet(tmp_path: Path) -> None:
    results = collect(load(tmp_path))
    assert overall.rows(results) == [] and overall.profiles(results) is None
