"""Whether a study can be carried out is known before its folder is made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.data import space
from auxjepa.data.errors import CacheError
from auxjepa.study.checks import check_study, check_workers, count_runs
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan

CPU = torch.device("cpu")


def test_a_sound_study_is_let_through_and_nothing_is_made(tiny: StudyConfig, tmp_path: Path) -> None:
    check_study(tiny, CPU, tmp_path / "out", None)
    assert list(tmp_path.iterdir()) == []


def test_runs_are_counted_without_being_planned(content: dict[str, Any]) -> None:
    content |= {"regimes": {"a": {}, "b": {}}, "only": {"b": ["baseline"]}}
    study = StudyConfig.model_validate(content)
    assert count_runs(study) == sum(run.control is None for run in plan(study)) == 6


def test_very_many_runs_are_refused_with_the_room_they_take(content: dict[str, Any], tmp_path: Path) -> None:
    study = StudyConfig.model_validate({**content, "seeds": range(10**6)})
    with pytest.raises(CacheError, match=r"2,000,000 runs with checkpoints of \d+\.\d MB each take about \d+\.\d TB"):
        check_study(study, CPU, tmp_path / "out", None)


def test_what_is_there_already_needs_no_room(
    tiny: StudyConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(count_runs(tiny)):
        (tmp_path / "runs" / str(number)).mkdir(parents=True)
        (tmp_path / "runs" / str(number) / "summary.json").write_text("{}")
    (tmp_path / "data" / "clips").mkdir(parents=True)
    (tmp_path / "data" / "clips" / "big").write_bytes(b"\0" * 10**6)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    check_study(tiny, CPU, tmp_path, None)
    (tmp_path / "data" / "clips" / "big").unlink()
    with pytest.raises(CacheError, match=r"the study's clips .* and 10 bytes are free"):
        check_study(tiny, CPU, tmp_path, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"regimes": {"mine": {"source": "folder:x", "frames": 4, "size": 24}}}, ""),
        (
            {"regimes": {"m": {"source": "folder:x", "frames": 4, "size": 15}}, "base": {"model": {"patch": 5}}},
            "world_direction on m: the world's H.264 files need an even size",
        ),
        (
            {"regimes": {"mine": {"source": "folder:x", "frames": 7, "size": 16}}},
            "baseline on mine: folder:x: clips of 7",
        ),
        ({"regimes": {"ucf101": {"source": "ucf101", "frames": 4, "size": 16}}}, "needs: ucf101 (not prepared)"),
        ({"base": {"model": {"levels": 4}}}, "baseline on world: model: 4 levels"),
    ],
    ids=str,
)
def test_the_variant_and_the_regime_are_named(
    content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    study = StudyConfig.model_validate({**content, **change})
    if not words:
        return check_study(study, CPU, None, None)
    with pytest.raises(ConfigError) as caught:
        check_study(study, CPU, None, None)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    return None


def test_processes_need_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auxjepa.study.checks.usable_memory", lambda: 4 * 10**9)
    check_workers(8, 100)
    check_workers(60, 4)  # four of them train, the others help to decode
    for workers, runs in ((60, 60), (10**6, 1)):
        with pytest.raises(ConfigError, match="processes side by side take at least"):
            check_workers(workers, runs)
