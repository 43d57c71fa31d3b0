"""Scores of encoders and controls on clips whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.benchmark import Labelled
from auxjepa.benchmarks.pixel_components import principal_components
from auxjepa.benchmarks.score import score_encoder, score_majority, score_raw_pixels
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.models.jepa import build_encoder

SIZES = {"train": 600, "validation": 30, "test": 45}


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """Three classes by colour, the third half as frequent."""

    def opened(self: Benchmark, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        rng = np.random.default_rng(list(SIZES).index(split))
        labels = np.arange(SIZES[split]) % 5 // 2
        noise = rng.integers(0, 40, (SIZES[split], 2, 8, 8, 3))
        colour = 60 * np.eye(3, dtype=np.int64)[labels][:, None, None, None, :]
        return Labelled((noise + colour).astype(np.uint8), labels, split)

    monkeypatch.setattr(Benchmark, "open", opened)
    linear = BENCHMARKS["world_appearance"].protocol.model_copy(update={"epochs": 20})
    one = BENCHMARKS["world_direction"].model_copy(update={"classes": 3, "protocol": linear})
    return one.model_copy(update=SIZES)


def test_raw_pixels_read_what_pixels_tell(easy: Benchmark) -> None:
    score = score_raw_pixels(easy, DataConfig(), seed=0)
    assert score.test > 95 and len(score.correct) == SIZES["test"] and score.selected["components"] == 16
    again = score_raw_pixels(easy, DataConfig(), seed=0)
    assert again.test == score.test and np.array_equal(again.correct, score.correct)


def test_the_majority_class_comes_from_training_clips(easy: Benchmark) -> None:
    score = score_majority(easy, DataConfig())
    assert score.selected == {"class": 0} and score.test == pytest.approx(40.0)
    assert score.correct.tolist() == (np.arange(45) % 5 // 2 == 0).tolist()


def test_an_encoder_is_read_through_kept_features(easy: Benchmark, tmp_path: Path) -> None:
    model = ModelConfig(position="sincos", patch=4)
    torch.manual_seed(0)
    encoder = build_encoder(model).eval()
    words = {"seed": 0, "features": tmp_path}
    score = score_encoder(easy, encoder, "w", model, DataConfig(), **words)  # type: ignore[arg-type]
    assert score.test > 55
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(kept) == 3
    again = score_encoder(easy, encoder, "w", model, DataConfig(), **words)  # type: ignore[arg-type]
    assert np.array_equal(again.correct, score.correct)
    assert kept == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    score_encoder(easy, encoder, "other", model, DataConfig(), **words)  # type: ignore[arg-type]
    assert len(list(tmp_path.iterdir())) == 6


def test_components_are_those_of_training_clips_alone(easy: Benchmark) -> None:
    opened = [easy.open(DataConfig(), split) for split in SIZES]
    (train, validation, test), _ = principal_components([one.clips for one in opened], 256)
    assert train.shape == (600, 256) and validation.shape[1] == test.shape[1] == 256
    gram = train.T @ train
    off = gram - torch.diag(gram.diagonal())
    assert off.abs().max() < 1e-2 * gram.diagonal().max()
    alone = principal_components([opened[0].clips], 256)[0][0]
    assert torch.equal(alone, train)
