"""All evidence on a folder, from a complete study folder down to a single file of rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.study_evidence import collect_evidence
from auxjepa.report import build
from auxjepa.rows import Row, RowStore

MakeRow = Callable[..., Row]


def test_a_complete_study_has_every_part(study: Path) -> None:
    evidence = collect_evidence(study)
    assert [cost.variant for cost in evidence.costs] == [line.name for line in evidence.results.variants]
    assert [t.up for t in evidence.trade_offs] == ["motion", "order"] and len(evidence.overall) == 5
    assert {"loss", "grad_norm", "rank/teacher", "terms/prediction"} <= set(evidence.curves)
    assert set(evidence.step_shares) == {"baseline", "ld", "ld_only", "fwm", "fwm_hw_ld"}
    assert (evidence.notes, evidence.domains, evidence.largest_gap, evidence.unhealthy_runs) == ([], None, None, [])


def test_a_folder_with_rows_alone_has_the_same_effects(study: Path, tmp_path: Path) -> None:
    shutil.copy(study / "rows.jsonl", tmp_path)
    evidence, complete = collect_evidence(tmp_path), collect_evidence(study)
    for line, expected in zip(evidence.results.lines, complete.results.lines, strict=True):
        for cell, expected_cell in zip(line.cells, expected.cells, strict=True):
            assert cell.scores == expected_cell.scores
            assert (cell.effect is None) == (expected_cell.effect is None)
            if cell.effect is not None and expected_cell.effect is not None:
                assert cell.effect.differences == expected_cell.effect.differences
    assert evidence.results.capabilities == [c.benchmark for c in evidence.results.columns]  # none is pooled
    assert evidence.study.name == tmp_path.name and not evidence.study.has_plan
    assert evidence.notes == [
        "benchmarks.json: missing, so benchmarks have no titles and capabilities",
        "study.yaml: missing; variants, seeds, benchmarks and reference are taken from the rows",
        "protocols.json: missing, so the settings of protocols are not shown",
        "samples.npz: missing, so no sample clips are shown",
        "runs: no finished pretraining run, so neither curves nor cost are shown",
        "study.yaml: no reference is named; baseline is used",
    ]


def test_without_a_plan_missing_scores_are_not_called_planned(make_row: MakeRow, tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(make_row("mine", 0, benchmark="ucf101"))
    store.append(make_row("yours", 1, benchmark="ssv2"))
    notes = collect_evidence(tmp_path).notes
    assert (
        "6 of 8 pairs of a run and a benchmark have no score: mine seed 0 on ssv2; mine seed 1 on ucf101; "
        "mine seed 1 on ssv2; yours seed 0 on ucf101; and 2 more" in notes
    )
    page = build(tmp_path).read_text()
    assert "there is no seed with a score of a variant and of the reference" in page


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"control": "chance"}],
        [{"control": "random_init"}, {"control": "raw_pixels", "benchmark": "x"}],
        [{"regime": ""}, {"regime": "world", "seed": 1}, {"variant": "baseline", "regime": ""}],
        [{"n_test": 0, "n_classes": 0}, {"variant": "fwm", "n_test": 0, "n_classes": 0}],
        [{"metric": "points", "score": -3.0}, {"variant": "fwm", "metric": "points", "score": 250.0}],
        [{"score": 0.52}, {"variant": "fwm", "score": 152.0}],
        [{"parts": {"clean": 120.0, "noise-1": 130.0}, "score": 130.0, "n_classes": 0}],
        [{"protocol": "a"}, {"protocol": "b"}, {"protocol": "b", "protocol_hash": "p2", "seed": 1}],
        [{"variant": "", "benchmark": "<b>", "regime": '"'}],
    ],
)
def test_any_rows_give_a_report(make_row: MakeRow, tmp_path: Path, rows: list[dict]) -> None:
    usual = make_row("ld").model_dump(mode="json")
    lines = [usual | {"run": f"r{i}"} | fields for i, fields in enumerate(rows)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert build(tmp_path) == tmp_path / "report.html"


def test_accuracies_outside_0_to_100_are_left_out_and_noted(make_row: MakeRow, tmp_path: Path) -> None:
    line = make_row("ld", 0, 50.0).model_dump(mode="json")
    lines = [line | {"seed": seed, "score": score} for seed, score in enumerate((50.0, 152.0, -1.0))]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    evidence = collect_evidence(tmp_path)
    assert [row.score for row in evidence.study.rows] == [50.0]
    (note,) = evidence.study.left_out
    assert note in evidence.notes and "2 lines are left out" in note
    assert "line 2 (" in note and "line 3 (" in note and "152 is not" in note


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such study folder"):
        collect_evidence(tmp_path / "nowhere")
