"""Ceilings: networks that are trained on the labels of a benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.benchmark import Labelled
from auxjepa.benchmarks.supervised import CeilingProtocol, has_ceiling, score_ceiling, training_benchmark
from auxjepa.ceiling_training import CEILINGS, Ceiling, CeilingTraining
from auxjepa.config import ConfigError, DataConfig, ModelConfig

SIZES = {"train": 60, "validation": 30, "test": 45}
MODEL = ModelConfig(position="sincos", patch=4)
TRAINING = CeilingTraining(steps=30, batch=16, clips=64, readings=3)


class Colours:
    """Clips of three colours. It counts how often each split is opened."""

    def __init__(self, frames: int = 2, *, doubled: bool = False) -> None:
        self.frames, self.doubled, self.opened = frames, doubled, []

    def open(self, benchmark: Benchmark, data: DataConfig, split: str, **words: object) -> Labelled:
        self.opened.append((split, benchmark.train))
        count = benchmark.train if split == "train" else SIZES[split]
        labels, rng = np.arange(count) % 3, np.random.default_rng(len(self.opened))
        noise = rng.integers(0, 40, (count, self.frames, 8, 8, 3))
        clips = (noise + 120 * np.eye(3, dtype=np.int64)[labels][:, None, None, None, :]).astype(np.uint8)
        example = np.arange(count) // 3 if self.doubled else None
        return Labelled(clips, np.arange(count) // 3 % 3 if self.doubled else labels, split, example)


def colours(monkeypatch: pytest.MonkeyPatch, frames: int = 2, *, doubled: bool = False) -> tuple[Benchmark, Colours]:
    clips = Colours(frames, doubled=doubled)
    monkeypatch.setattr(Benchmark, "open", lambda self, data, split, **words: clips.open(self, data, split, **words))
    return BENCHMARKS["world_direction"].model_copy(update={"classes": 3, **SIZES}), clips


@pytest.mark.parametrize("network", CEILINGS)
@pytest.mark.parametrize("frames", [1, 2])
def test_a_network_learns_easy_labels_and_repeats_its_score(
    network: Ceiling, frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark, clips = colours(monkeypatch, frames)
    protocol = CeilingProtocol.of(network, TRAINING, MODEL)
    score = score_ceiling(benchmark, DataConfig(), protocol, seed=0)
    assert score.test > 90 and score.correct is not None and len(score.correct) == SIZES["test"]
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.selected["clips"] == 64 and score.selected["step"] in (10, 20, 30)
    # Test clips are opened last and once: nothing is chosen on them.
    assert clips.opened == [("train", 64), ("validation", SIZES["train"]), ("test", SIZES["train"])]
    state = torch.get_rng_state()
    clips.opened.clear()
    again = score_ceiling(benchmark, DataConfig(), protocol, seed=0)
    assert (again.test, again.validation, again.selected) == (score.test, score.validation, score.selected)
    assert torch.equal(state, torch.get_rng_state())


def test_validation_clips_select_learning_rate_and_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark, _ = colours(monkeypatch)
    training = TRAINING.model_copy(update={"learning_rates": (1e-9, 3e-3)})
    score = score_ceiling(benchmark, DataConfig(), CeilingProtocol.of("convolution", training, MODEL), seed=0)
    assert score.selected["lr"] == 3e-3


def test_only_the_world_gets_more_training_clips() -> None:
    world = BENCHMARKS["world_order"]
    grown = training_benchmark(world, CeilingTraining())
    assert (grown.train, grown.validation, grown.test) == (12_000, world.validation, world.test)
    assert training_benchmark(grown, TRAINING).train == 12_000
    real = world.model_copy(update={"source": "folder:videos"})
    assert training_benchmark(real, CeilingTraining()) is real


def test_benchmarks_without_one_label_per_clip_are_refused() -> None:
    names = {name for name, one in BENCHMARKS.items() if has_ceiling(one)}
    assert {"world_appearance", "world_direction", "world_fine_motion", "world_order", "diving48"} <= names
    other = next(one for name, one in BENCHMARKS.items() if name not in names)
    with pytest.raises(ConfigError, match="needs classes with one label per clip"):
        score_ceiling(other, DataConfig(), CeilingProtocol.of("convolution", TRAINING, MODEL), seed=0)


def test_the_clips_of_an_example_are_scored_together(monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark, _ = colours(monkeypatch, doubled=True)
    score = score_ceiling(benchmark, DataConfig(), CeilingProtocol.of("convolution", TRAINING, MODEL), seed=0)
    assert score.correct is not None and len(score.correct) == SIZES["test"] // 3 and score.clips == SIZES["test"]


def test_the_protocol_differs_with_training_and_with_the_encoder_of_supervised() -> None:
    def digest(network: Ceiling, training: CeilingTraining, model: ModelConfig) -> str:
        return CeilingProtocol.of(network, training, model).digest()

    other = ModelConfig(position="sincos", patch=8)
    assert digest("supervised", TRAINING, MODEL) != digest("supervised", TRAINING, other)
    assert digest("convolution", TRAINING, MODEL) == digest("convolution", TRAINING, other)
    assert digest("convolution", TRAINING, MODEL) != digest("convolution", CeilingTraining(), MODEL)


def test_training_clips_of_the_world_are_in_no_other_split(tmp_path: Path) -> None:
    data = DataConfig(root=tmp_path, frames=4, size=16)
    benchmark = BENCHMARKS["world_order"].model_copy(update={"train": 4, "validation": 8, "test": 8})
    training = CeilingTraining(clips=16)
    grown = training_benchmark(benchmark, training).open(data, "train", workers=1, progress=False)
    assert len(grown.labels) == 16
    pixels = {np.asarray(clip).tobytes() for clip in grown.clips[:]}
    for split in ("validation", "test"):
        clips = benchmark.open(data, split, workers=1, progress=False).clips
        assert not pixels & {np.asarray(clip).tobytes() for clip in clips[:]}
