"""All benchmarks together: numbers that can be checked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from auxjepa.evidence.analyses.overall import TAUS, study_overall
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load


def test_records_have_the_interquartile_mean_of_normalised_scores(study: Path) -> None:
    results = collect_results(load(study))
    records = {record.name: record for record in study_overall(results)}
    assert list(records) == ["baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"]
    line = next(line for line in results.variants if line.name == "ld")
    values = [
        (score - 100 / column.n_classes) / (100 - 100 / column.n_classes)
        for cell, column in zip(line.cells, results.columns, strict=True)
        for score in cell.scores.values()
    ]
    assert records["ld"].iqm.value == pytest.approx(stats.trim_mean(values, 0.25))
    assert (records["ld"].seeds, records["ld"].benchmarks) == (3, 4)
    assert records["ld"].profile.share == pytest.approx([sum(v > t for v in values) / len(values) for t in TAUS])
    assert records["baseline"].paired_iqm is None and records["baseline"].improvement is None
    better = records["ld"].improvement
    assert better is not None and better.value == pytest.approx(1.0)
    assert better.interval is None and records["ld"].iqm.interval is None, "3 seeds have no bootstrap interval"
    assert {record.front_shares for record in records.values()} == {(None, None)}, "nor a share of resamples"


def test_from_5_seeds_on_there_are_intervals_and_shares(tmp_path: Path, write_study) -> None:
    results = collect_results(load(write_study(tmp_path, seeds=5, steps=4)))
    records = {record.name: record for record in study_overall(results)}
    assert records["ld_only"].front_shares == (1.0, 1.0) and records["baseline"].front_shares == (0.0, 0.0)
    assert records["ld"].iqm.interval is not None and records["ld"].profile.low is not None


def test_a_variant_without_a_benchmark_is_left_out(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, steps=4)
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    removed = [line for line in lines if '"variant": "fwm"' in line and '"world_order"' in line]
    (folder / "rows.jsonl").write_text("".join(line for line in lines if line not in removed))
    names = [record.name for record in study_overall(collect_results(load(folder)))]
    assert names == ["baseline", "ld", "ld_only", "fwm_hw_ld"]


def test_without_a_score_there_is_no_record(tmp_path: Path) -> None:
    assert study_overall(collect_results(load(tmp_path))) == []
