"""The record of a benchmark: its hash covers what is asked, its clips come from disjoint streams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auxjepa import benchmarks
from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.world import WORLD
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.world.factors import STILL_ROLES


@pytest.mark.parametrize(
    "change",
    [
        {"train": 5},
        {"validation": 5},
        {"test": 5},
        {"classes": 5},
        {"label": "x"},
        {"role": "order"},
        {"version": 2},
        {"source": "folder:x"},
        {"name": "x"},
    ],
    ids=str,
)
def test_what_is_asked_changes_the_hash(change: dict[str, Any]) -> None:
    one, data = BENCHMARKS["world_direction"], DataConfig()
    assert one.model_copy(update=change).hash_on(data) != one.hash_on(data)


def test_old_hashes_stay_what_they_were() -> None:
    """Published rows and registrations carry these."""
    told = {one.name: one.hash_on(DataConfig()) for one in WORLD}
    assert told == {
        "world_appearance": "3f7b08c8d2b3a2f6",
        "world_direction": "f225df32952e9523",
        "world_fine_motion": "e42ad274925a755e",
        "world_order": "8283da2b85ec68e4",
    }


@pytest.mark.parametrize("change", [{"frames": 16}, {"size": 64}, {"seed": 1}], ids=str)
def test_how_clips_are_cut_changes_the_hash(change: dict[str, Any]) -> None:
    one = BENCHMARKS["world_direction"]
    assert one.hash_on(DataConfig(**change)) != one.hash_on(DataConfig())


def test_words_pools_and_places_do_not_change_the_hash() -> None:
    one, data = BENCHMARKS["world_direction"], DataConfig()
    assert one.model_copy(update={"title": "x", "capability": "other"}).hash_on(data) == one.hash_on(data)
    words = {"root": "x", "clips": 9, "crop_area": [0.5, 1], "flip": True, "source": "folder:x"}
    other = DataConfig.model_validate(words)
    assert one.hash_on(other) == one.hash_on(data)


def test_another_version_of_the_world_is_another_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    from auxjepa.benchmarks import benchmark as base

    one, data = BENCHMARKS["world_direction"], DataConfig()
    before = one.hash_on(data)
    monkeypatch.setattr(base, "VERSION", base.VERSION + 1)
    assert one.hash_on(data) != before


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'world_order'"):
        benchmarks.get("world_ordr")
    with pytest.raises(ConfigError, match="known are world_appearance"):
        benchmarks.get("zzz")


@pytest.mark.parametrize("name", [*(one.name for one in WORLD), "world_appearance_2"])
def test_splits_of_the_world_are_labelled_balanced_enough_and_disjoint(name: str, small: DataConfig) -> None:
    one: Benchmark = BENCHMARKS[name].model_copy(update={"train": 24, "validation": 8, "test": 16})
    opened = {s: one.open(small, s, workers=1, progress=False) for s in benchmarks.benchmark.SPLITS}
    frames = 1 if one.role in STILL_ROLES else 4
    assert [len(part.labels) for part in opened.values()] == [24, 8, 16]
    for part in opened.values():
        assert part.clips.shape[1:] == (frames, 16, 16, 3) and part.clips.dtype == np.uint8
        assert part.labels.min() >= 0 and part.labels.max() < one.classes
    prints = [{clip.tobytes() for clip in part.clips} for part in opened.values()]
    assert not prints[0] & prints[1] and not prints[0] & prints[2] and not prints[1] & prints[2]
    assert len({part.key for part in opened.values()}) == 3


def test_a_label_that_clips_lack_is_said(small: DataConfig) -> None:
    wrong = BENCHMARKS["world_direction"].model_copy(update={"label": "order", "test": 16})
    with pytest.raises(ValueError, match="of test have no order label"):
        wrong.open(small, "test", workers=1, progress=False)
