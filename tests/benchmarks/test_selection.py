"""Benchmarks without their test clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa import benchmarks
from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.benchmark import Labelled
from auxjepa.benchmarks.selection import HELD_OUT, SelectionBenchmark, hold_out
from auxjepa.config import ConfigError, DataConfig


@pytest.fixture
def direction() -> Benchmark:
    sizes = {"train": 20, "validation": 8, "test": 12}
    return benchmarks.get("world_direction").model_copy(update=sizes)


def test_test_clips_are_the_validation_clips_and_training_clips_are_divided(
    direction: Benchmark, tmp_path: Path
) -> None:
    data, closed = DataConfig(root=tmp_path, frames=4, size=16), SelectionBenchmark.of(direction)
    train, validation, test = (
        closed.open(data, name, workers=1, progress=False) for name in ("train", "validation", "test")
    )
    original = direction.open(data, "validation", workers=1, progress=False)
    assert np.array_equal(test.labels, original.labels) and np.array_equal(test.clips[:], original.clips[:])
    whole = direction.open(data, "train", workers=1, progress=False)
    together = np.concatenate([np.asarray(train.clips), np.asarray(validation.clips)])
    assert len(validation.labels) == HELD_OUT * 20 and len(together) == 20
    assert {one.tobytes() for one in together} == {one.tobytes() for one in np.asarray(whole.clips)}
    by_clip = {clip.tobytes(): int(label) for clip, label in zip(np.asarray(whole.clips), whole.labels, strict=True)}
    for part in (train, validation):
        assert [by_clip[clip.tobytes()] for clip in np.asarray(part.clips)] == part.labels.tolist()
    assert len({train.key, validation.key, test.key}) == 3
    assert not any("-test-" in path.name for path in tmp_path.rglob("*"))  # the world's test clips were never made


def test_another_split_is_closed(direction: Benchmark, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'known' is closed while a recipe is chosen"):
        SelectionBenchmark.of(direction).open(DataConfig(root=tmp_path), "known")


def test_suites_that_draw_their_own_test_clips_are_refused() -> None:
    known = [one for one in benchmarks.BENCHMARKS.values() if one.suite in ("fewshot", "alignment", "robustness")]
    assert known
    for benchmark in known:
        with pytest.raises(ConfigError, match="draws its own test clips"):
            SelectionBenchmark.of(benchmark)


@pytest.mark.parametrize("field", ["unit", "example"])
def test_clips_of_one_unit_are_held_out_together(field: str) -> None:
    groups = np.repeat(np.arange(6), 5)
    labelled = Labelled(np.zeros((30, 1, 1, 1, 3), np.uint8), np.zeros(30, int), "key")._replace(**{field: groups})
    chosen = hold_out(labelled)
    assert 0 < chosen.sum() < 30
    for group in range(6):
        assert len(set(chosen[groups == group])) == 1


def test_one_group_stays_to_train_on() -> None:
    labelled = Labelled(np.zeros((4, 1, 1, 1, 3), np.uint8), np.zeros(4, int), "key", None, np.array([0, 0, 0, 1]))
    assert 0 < hold_out(labelled).sum() < 4


def test_the_hash_is_another_one(direction: Benchmark) -> None:
    data = DataConfig()
    assert SelectionBenchmark.of(direction).hash_on(data) != direction.hash_on(data)
