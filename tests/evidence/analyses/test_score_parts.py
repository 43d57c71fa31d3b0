"""Parts of scores, by variant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.score_parts import study_score_parts
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.rows import RowStore


def add_parts(folder: Path) -> None:
    """Give every score of one benchmark two parts, and one score a third part."""
    path = folder / "rows.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order" and row["control"] in (None, "random_init"):
            row["parts"] = {"easy": row["score"] + 5, "hard": row["score"] - 5}
            if (row["variant"], row["seed"]) == ("ld", 0):
                row["parts"]["rare"] = 1.0
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_means_of_parts_by_variant(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    folder = write_study(tmp_path, steps=4)
    ids = [row.id for row in RowStore(folder)]
    add_parts(folder)
    assert [row.id for row in RowStore(folder)] == ids, "parts are not part of the name of a row"
    study = load(folder)
    results = collect_results(study)
    (record,) = study_score_parts(study, results, [])
    assert record.title == "Temporal order" and list(record.parts) == ["easy", "hard", "rare"]
    assert record.names == ("baseline", "ld", "ld_only", "fwm", "fwm_hw_ld", "random-init encoder")
    cell = results.lines[1].cells[3]
    easy, rare = record.parts["easy"][1], record.parts["rare"]
    assert easy is not None and cell.mean is not None and easy.mean == pytest.approx(cell.mean + 5)
    assert easy.sd == pytest.approx(cell.sd)
    assert rare[0] is None and rare[1] is not None and (rare[1].mean, rare[1].sd) == (1.0, None)
    assert study_score_parts(study, results, ["world_order"]) == []


def test_parts_that_are_equal_up_to_rounding_have_no_spread(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    folder = write_study(tmp_path, steps=4)
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        if row["benchmark"] == "world_order" and row["control"] is None:
            row["parts"] = {"easy": 0.1 + 0.2 if row["seed"] else 0.3}
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    study = load(folder)
    (record,) = study_score_parts(study, collect_results(study), [])
    assert [mean.sd for mean in record.parts["easy"] if mean] == [0.0] * 5


def test_scores_without_parts_have_no_record(study: Path) -> None:
    loaded = load(study)
    assert study_score_parts(loaded, collect_results(loaded), []) == []
