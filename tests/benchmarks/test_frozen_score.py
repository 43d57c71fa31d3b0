"""Scores of frozen encoders from elsewhere on the clips of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from auxjepa import benchmarks
from auxjepa.benchmarks.frozen_score import FrozenScores, data_to_read, is_drawn
from auxjepa.config import ConfigError, DataConfig
from auxjepa.encoders.foreign.python_function import wrap_object
from auxjepa.probes.protocol import Protocol


class Pooled(nn.Module):
    """Means of the four quarters of each frame."""

    frames, size, mean, std, dim, time_steps = 4, 24, (0.5,) * 3, (0.5,) * 3, 3, 4

    def forward(self, clips: Tensor) -> Tensor:
        pooled = nn.functional.adaptive_avg_pool2d(clips.transpose(1, 2).flatten(0, 1), 2)
        return pooled.unflatten(0, (-1, 4)).flatten(3).transpose(2, 3).flatten(1, 2)


def test_clips_of_the_world_are_resized_and_features_are_stored(tmp_path: Path) -> None:
    encoder = wrap_object("python:mine", Pooled(), torch.device("cpu"))
    data = DataConfig(root=tmp_path / "data", frames=2, size=16)
    benchmark = benchmarks.get("world_direction").model_copy(
        update={"train": 32, "validation": 16, "test": 24, "protocol": Protocol(name="knn", head="knn")}
    )
    scores = FrozenScores(encoder, data, seed=0, features=tmp_path / "features")
    score = scores.score(benchmark)
    assert score.correct is not None and len(score.correct) == 24
    assert len(list((tmp_path / "features").iterdir())) == 3

    calls = []
    encoder.network, network = lambda pixels, level: calls.append(level) or network(pixels, level), encoder.network
    again = FrozenScores(encoder, data, seed=0, features=tmp_path / "features").score(benchmark)
    assert np.array_equal(again.correct, score.correct) and not calls  # features are opened, not computed

    clips = benchmark.open(data, "test", progress=False).clips
    stored = encoder.encode(np.asarray(clips))
    assert stored.shape == (24, 16, 3) and encoder.time_steps(2) == 4


def test_videos_are_decoded_at_the_encoders_size(tmp_path: Path) -> None:
    encoder = wrap_object("python:mine", Pooled(), torch.device("cpu"))
    data = DataConfig(frames=2, size=16)
    assert data_to_read(encoder, "folder:clips", data) == data.model_copy(update={"size": 24})
    assert data_to_read(encoder, "ucf101", data).size == 24
    for source in ("world", "world:order", "synthetic:physics"):
        assert is_drawn(source) and data_to_read(encoder, source, data) == data


def test_benchmarks_that_need_initial_weights_are_refused(tmp_path: Path) -> None:
    encoder = wrap_object("python:mine", Pooled(), torch.device("cpu"))
    data = DataConfig(root=tmp_path / "data", frames=2, size=16)
    cka = next(one for one in benchmarks.BENCHMARKS.values() if one.suite == "cka")
    with pytest.raises(ConfigError, match="needs the initial weights of a run"):
        FrozenScores(encoder, data, seed=0, features=tmp_path).score(cka)
