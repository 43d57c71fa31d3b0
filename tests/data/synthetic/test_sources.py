"""One door to all synthetic clips."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.synthetic import SOURCES, open_synthetic

SMALL = DataConfig(frames=4, size=16)


@pytest.mark.parametrize("name", SOURCES)
def test_clips_labels_and_keys_of_splits(name: str) -> None:
    keys, prints = set(), set()
    for split in ("train", "validation", "test"):
        clips, labels, key = open_synthetic(f"synthetic:{name}", SMALL, split, 8)
        frames, size = SOURCES[name].frames or 4, SOURCES[name].size or 16
        assert clips.shape == (8, frames, size, size, 3) and sorted(labels) == list(range(8))
        keys.add(key)
        prints.add(clips[1].tobytes())
    assert len(keys) == len(prints) == 3


def test_the_test_clips_of_the_released_task_follow_its_training_clips() -> None:
    opened = {
        split: open_synthetic("synthetic:directions_released", SMALL, split, count)[0]
        for split, count in (("train", 200), ("test", 40))
    }
    np.testing.assert_array_equal(opened["train"][165], opened["test"][5])


def test_only_sources_without_a_fixed_seed_follow_the_seed() -> None:
    for name, counts in (("physics", True), ("directions", True), ("directions_released", False)):
        one, other = (
            open_synthetic(f"synthetic:{name}", SMALL.model_copy(update={"seed": seed}), "test", 2) for seed in (0, 1)
        )
        assert (one[2] != other[2]) == counts and np.array_equal(one[0][0], other[0][0]) != counts


def test_an_unknown_name_or_split_is_refused() -> None:
    with pytest.raises(ConfigError, match="no synthetic clips 'phisics'; did you mean 'physics'"):
        open_synthetic("synthetic:phisics", SMALL, "train", 8)
    with pytest.raises(ValueError, match="got 'known'"):
        open_synthetic("synthetic:directions_released", SMALL, "known", 8)
