"""The folder of a probe: cells of tables, names of protocols, marks that are a sample."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.config import ConfigError, DataConfig, RunConfig
from auxjepa.rows import Row, RowStore
from auxjepa.study.probe_folder import ProbeFolder
from auxjepa.study.score_rows import empty_row, without_encoder

ORDER = BENCHMARKS["world_order"].model_copy(update={"test": 4})


def make_row(**changes: object) -> Row:
    return empty_row(RunConfig(variant="ld"), ORDER, run="abc").model_copy(update={"score": 50.0, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> ProbeFolder:
    return ProbeFolder(tmp_path / "scores")


def append(folder: ProbeFolder, row: Row, *, is_sample: bool = True) -> list[str]:
    marks = {row.id: np.array([True, True, False, False])}
    return folder.append([row], marks, {"row": row.id}, is_sample=is_sample)


@pytest.mark.parametrize("change", [{"run": "def"}, {"protocol_hash": "x"}, {"benchmark_hash": "x"}], ids=str)
def test_one_cell_has_one_score(folder: ProbeFolder, change: dict[str, str]) -> None:
    append(folder, make_row())
    folder.check([make_row(), make_row(seed=1), make_row(variant="hw"), make_row(regime="mine")])
    (name,) = change
    with pytest.raises(ConfigError, match=f"ld seed 0 on world_order: its {name} is .*, not .*; choose another --out"):
        folder.check([make_row(**change)])


def test_controls_without_an_encoder_are_written_once_for_all_seeds(folder: ProbeFolder) -> None:
    for seed in (0, 1):
        chance = without_encoder(make_row(seed=seed), "chance", ORDER).model_copy(update={"score": 12.5})
        folder.append([chance], {chance.id: None}, {"row": chance.id}, is_sample=True)
    assert [row.seed for row in folder.store] == [0]


def test_protocols_of_one_name_are_kept_apart(folder: ProbeFolder) -> None:
    assert folder.describe(make_row(), ORDER, DataConfig()) == ("attentive", [])
    longer = ORDER.model_copy(update={"protocol": ORDER.protocol.model_copy(update={"epochs": 99})})
    name, notes = folder.describe(make_row(), longer, DataConfig())
    assert name == f"attentive {longer.protocol.digest()[:6]}" and not notes
    records = json.loads((folder.folder / "protocols.json").read_text())
    assert {name: one["hash"] for name, one in records.items()} == {
        "attentive": ORDER.protocol.digest(),
        name: longer.protocol.digest(),
    }


def test_clips_that_are_cut_in_another_way_are_said(folder: ProbeFolder) -> None:
    assert folder.describe(make_row(), ORDER, DataConfig())[1] == []
    (line,) = folder.describe(make_row(benchmark_hash="x"), ORDER, DataConfig())[1]
    assert "world_order was measured before on clips that are cut in another way" in line


def test_marks_of_related_videos_are_no_sample(folder: ProbeFolder) -> None:
    folder.describe(make_row(), ORDER, DataConfig())
    append(folder, make_row(), is_sample=False)
    assert json.loads((folder.folder / "benchmarks.json").read_text())["world_order"]["marks_each_clip"] is False


def test_another_score_of_the_same_id_is_said(folder: ProbeFolder) -> None:
    assert append(folder, make_row()) == []
    assert append(folder, make_row()) == []
    (line,) = append(folder, make_row(score=75.0))
    assert "holds 50 for ld seed 0 on world_order, and this probe measured 75: the first score is kept" in line
    assert [row.score for row in RowStore(folder.folder)] == [50.0]
    assert len(json.loads((folder.folder / "scores.json").read_text())) == 1
