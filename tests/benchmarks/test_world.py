"""Versions of the appearance benchmark."""

from __future__ import annotations

from auxjepa.benchmarks import BENCHMARKS, WORLD
from auxjepa.benchmarks.clip_sets import is_still, split_sets
from auxjepa.benchmarks.probe_versions import at_version
from auxjepa.config import DataConfig

DATA = DataConfig.model_validate({"source": "world", "frames": 8, "size": 32})


def test_the_first_version_of_appearance_keeps_its_hash_and_its_place() -> None:
    assert BENCHMARKS["world_appearance"].hash_on(DATA) == "3f7b08c8d2b3a2f6"
    assert "world_appearance_2" not in [one.name for one in WORLD]


def test_the_second_version_reads_pictures_with_the_probe_of_the_first() -> None:
    first, second = BENCHMARKS["world_appearance"], BENCHMARKS["world_appearance_2"]
    assert second.hash_on(DATA) != first.hash_on(DATA)
    assert second.protocol == first.protocol
    assert at_version(second, 2).protocol == at_version(first, 2).protocol != first.protocol
    assert is_still(second) and all(one.still for one in split_sets(second))
