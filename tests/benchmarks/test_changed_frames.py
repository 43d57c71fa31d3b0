"""Controls with one frame and with shuffled frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.changed_frames import (
    CHANGES,
    ChangedBenchmark,
    change_frames,
)
from auxjepa.benchmarks.diagnostics import benchmark_of
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.models.jepa import build_encoder

SIZES = {"train": 240, "validation": 80, "test": 240}
FRAMES = 4


def test_one_frame_is_the_middle_one_and_shuffled_frames_are_all_of_them() -> None:
    clips = np.random.default_rng(0).integers(0, 255, (30, FRAMES, 4, 4, 3), dtype=np.uint8)
    still = change_frames(clips, "one_frame")
    assert np.array_equal(still[:], np.repeat(clips[:, 2:3], FRAMES, axis=1)) and still.shape == clips.shape
    shuffled = change_frames(clips, "shuffled")
    assert np.array_equal(shuffled[:], change_frames(clips, "shuffled")[:]), "the order is fixed for each clip"
    assert np.array_equal(shuffled[3:9], shuffled[:][3:9]) and np.array_equal(shuffled[5], shuffled[:][5])
    orders = set()
    for clip, changed in zip(clips, shuffled[:], strict=True):
        order = tuple(int(np.flatnonzero((clip == frame).all(axis=(1, 2, 3)))[0]) for frame in changed)
        assert sorted(order) == list(range(FRAMES))
        orders.add(order)
    assert len(orders) > 10


@pytest.fixture
def arrow(monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """Clips of a brightness that grows (class 0) or shrinks (class 1) on a circle, so that one frame says nothing."""

    def opened(self: Benchmark, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        rng = np.random.default_rng(list(SIZES).index(split))
        count = SIZES[split]
        labels = np.arange(count) % 2
        phase = rng.integers(0, 8, count)[:, None] + np.where(labels[:, None] == 0, 1, -1) * np.arange(FRAMES)
        clips = (30 * (phase % 8))[:, :, None, None, None] + rng.integers(0, 6, (count, FRAMES, 8, 8, 3))
        return Labelled(clips.astype(np.uint8), labels, split)

    monkeypatch.setattr(Benchmark, "open", opened)
    benchmark = benchmark_of("arrow_of_time", "folder:x", SIZES)
    return benchmark.model_copy(update={"protocol": benchmark.protocol.model_copy(update={"epochs": 25})})


def scorer(folder: Path) -> Scorer:
    torch.manual_seed(0)
    model = ModelConfig(size="nano", position="sincos", patch=8, tubelet=2)
    return Scorer(build_encoder(model).eval(), "w", model, DataConfig(), seed=0, features=folder)


def test_one_frame_of_a_world_without_a_cue_in_frames_is_at_chance(arrow: Benchmark, tmp_path: Path) -> None:
    score = scorer(tmp_path)
    true = score.score(arrow)
    still, shuffled = (score.score(ChangedBenchmark.of(arrow, change)) for change in CHANGES)
    margin = 100 * 2.6 * 0.5 / SIZES["test"] ** 0.5
    assert abs(still.test - 50) < margin and true.test > 50 + 2 * margin
    assert shuffled.test < true.test - margin
    # Each has a separate probe: the order of measurements changes nothing.
    fresh = scorer(tmp_path / "other")
    assert (
        fresh.score(ChangedBenchmark.of(arrow, "one_frame")).test == still.test and fresh.score(arrow).test == true.test
    )


def test_changed_benchmarks_have_other_hashes_and_the_same_labels(arrow: Benchmark) -> None:
    data = DataConfig()
    hashes = {arrow.hash_on(data), *(ChangedBenchmark.of(arrow, change).hash_on(data) for change in CHANGES)}
    assert len(hashes) == 3
    changed = ChangedBenchmark.of(arrow, "shuffled").open(data, "test")
    plain = arrow.open(data, "test")
    assert np.array_equal(changed.labels, plain.labels) and changed.key != plain.key


def test_suites_without_such_a_control_are_refused(tmp_path: Path) -> None:
    for name in ("world_factors", "world_order_corrupted"):
        with pytest.raises(ConfigError, match=f"{name}: the suite .* has no control 'one_frame'"):
            scorer(tmp_path).score(ChangedBenchmark.of(BENCHMARKS[name], "one_frame"))
