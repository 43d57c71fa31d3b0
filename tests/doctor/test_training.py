from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from auxjepa.data.world import write_videos
from auxjepa.doctor import Check, Settings, training
from auxjepa.train import checkpoint, loop

DONE = {"losses": [0.7, 0.6], "ms": 12.0, "seconds": 2.0, "reloaded": True, "batch": 8, "steps": 2}
CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_videos(tmp_path_factory.mktemp("doctor"), "train", training.CLIPS, progress=False).parent


def test_a_run_on_this_machine(tmp_path: Path) -> None:
    found = list(training.training(Settings(tmp_path / "data", tmp_path)))
    first = found[0]
    assert first.name == "training cpu" and first.state == "ok", first
    assert len(first.values["losses"]) == training.STEPS and first.values["finite"] and first.values["reloaded"]
    assert 0 < first.values["ms"] < 1000 * first.values["seconds"]
    assert not (tmp_path / "data").exists()  # the data root isn't written to


def test_a_device_that_cannot_train_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = training.train

    def train(videos: Path, folder: Path, device: torch.device) -> dict[str, Any]:
        if device.type == "cuda":
            raise RuntimeError("CUDA error: no kernel image is available")
        return real(videos, folder, device)

    monkeypatch.setattr("auxjepa.devices.available_devices", lambda: [torch.device("cuda", 0), CPU])
    monkeypatch.setattr(training, "train", train)
    bad, good = training.training(Settings(tmp_path, tmp_path))
    assert bad.name == "training cuda:0" and bad.state == "fail" and "no kernel image" in bad.found
    assert "--device cpu" in str(bad.advice) and good.state == "ok"


def test_a_loss_that_is_not_finite_is_the_runs_own_error(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loop.Run.batch_at
    monkeypatch.setattr(loop.Run, "batch_at", lambda run, step: real(run, step) * float("nan"))
    with pytest.raises(loop.TrainingError, match="prediction is nan"):
        training.train(videos, tmp_path, CPU)


def test_a_loaded_checkpoint_that_differs(videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = checkpoint.restore

    def restore(folder: Path, model: torch.nn.Module, *rest: Any) -> Any:
        state = real(folder, model, *rest)
        next(model.parameters()).data[0] += 1
        return state

    monkeypatch.setattr("auxjepa.train.resume.restore", restore)
    check = training.judge("training cpu", training.train(videos, tmp_path, CPU))
    assert check.state == "fail" and "differs from the saved one" in check.found


def test_numbers_that_go_wrong() -> None:
    assert training.judge("x", DONE).state == "ok"
    wrong: Check = training.judge("x", {**DONE, "losses": [0.7, float("nan")]})
    assert wrong.state == "fail" and wrong.values["finite"] is False and wrong.values["losses"] == [0.7, None]
