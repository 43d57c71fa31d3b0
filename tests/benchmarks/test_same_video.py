"""Retrieval of another moment of the same video."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.diagnostics import benchmark_of
from auxjepa.benchmarks.same_video import ranks_of
from auxjepa.benchmarks.score import score_raw_pixels
from auxjepa.config import DataConfig

SIZES = {"train": 20, "validation": 12, "test": 16}


def test_ranks_are_those_of_the_later_moments() -> None:
    # Earlier moments of videos 0, 1, 2 point to the later moments of 0, 2, 2.
    vectors = torch.tensor([[1.0, 0, 0], [2.0, 0, 0], [0, 0.3, 1.0], [0, 1.0, 0], [0, 0, 5.0], [0, 0, 1.0]])
    ranks = ranks_of(vectors, np.array([0, 0, 1, 1, 2, 2]))
    assert ranks.rank.tolist() == [1, 2, 1] and ranks.candidates.tolist() == [3, 3, 3]
    assert ranks.chance_recall(1) == pytest.approx(100 / 3)
    mixed = ranks_of(vectors[[0, 2, 4, 1, 3, 5]], np.array([0, 1, 2, 0, 1, 2]))
    assert mixed.rank.tolist() == [1, 2, 1], "the order of videos doesn't matter"


def test_equal_features_retrieve_nothing_and_single_moments_are_refused() -> None:
    assert ranks_of(torch.ones(8, 3), np.arange(8) // 2).recall(1) == 0
    with pytest.raises(ValueError, match="two moments"):
        ranks_of(torch.ones(4, 3), np.array([0, 0, 0, 1]))


def test_pixels_of_videos_with_different_colours_retrieve_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(self: Benchmark, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        rng = np.random.default_rng(list(SIZES).index(split))
        videos = SIZES[split] // 2
        colours = rng.integers(40, 200, (videos, 1, 2, 2, 3)).repeat(2, axis=0).repeat(4, axis=2).repeat(4, axis=3)
        noise = rng.integers(0, 8, (2 * videos, 2, 8, 8, 3))
        return Labelled((colours + noise).astype(np.uint8), np.arange(2 * videos) // 2, split)

    monkeypatch.setattr(Benchmark, "open", opened)
    benchmark = benchmark_of("same_video", "folder:x", SIZES, test_videos=8)
    score = score_raw_pixels(benchmark, DataConfig(), seed=0)
    assert score.test == score.validation == 100 and score.correct is not None and len(score.correct) == 8
    assert score.parts["chance"] == 12.5 and benchmark.classes == 8 and score.clips == 16
