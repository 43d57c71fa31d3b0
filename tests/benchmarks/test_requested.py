"""Benchmarks of prepared sets and registered ones, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.benchmarks.requested import request_prepared_set, request_registered
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.world import write_videos
from miniatures import ucf101


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("asked")
    prepare_set("ucf101", ucf101.build(root / "UCF"), root / "data", progress=False)
    write_videos(root / "source", "train", 12, 0, 4, 16, 1, "motion", False)
    (root / "own").mkdir()
    for path in (root / "source").glob("**/*.mp4"):
        path.rename(root / "own" / path.name)
    names = sorted(path.relative_to(root / "own").as_posix() for path in (root / "own").glob("**/*.mp4"))
    for split, some in (("train", names[:8]), ("test", names[8:])):
        (root / "own" / f"{split}.csv").write_text(
            "".join(f"{name} {5 * (n % 2) + 2}\n" for n, name in enumerate(some))
        )
    prepare_set("path_label_csv", root / "own", root / "data", name="own", progress=False)
    return DataConfig(source="world", root=root / "data", frames=4, size=16)


def test_a_public_set_counts_the_classes_of_its_list(data: DataConfig) -> None:
    asked = request_prepared_set("ucf101", "", data, allow_padding=False)
    assert asked.benchmark.classes == 3 and asked.benchmark.args == {} and asked.notes == []
    assert asked.benchmark.version == 1 and asked.record["padding"]["padded"] == 0
    registered = request_registered(BENCHMARKS["ucf101"], data)
    assert registered.benchmark == BENCHMARKS["ucf101"]
    assert registered.notes == ["ucf101: chance and heads count 101 classes, the lists here name 3"]
    assert request_registered(BENCHMARKS["world_order"], data).notes == ()


def test_lists_of_ones_own_count_the_classes_that_are_there(data: DataConfig) -> None:
    asked = request_prepared_set("own", "", data, allow_padding=False)
    assert asked.benchmark.classes == 2 and asked.benchmark.args == {"numbers": [2, 7]}
    assert set(asked.benchmark.open(data, "train", progress=False).labels.tolist()) == {0, 1}
    plain = asked.benchmark.model_copy(update={"args": {}})
    assert asked.benchmark.hash_on(data) != plain.hash_on(data)


def test_clips_of_ones_own_that_are_mostly_padding_are_refused(data: DataConfig) -> None:
    longer = data.model_copy(update={"frames": 12})
    with pytest.raises(ConfigError, match=r"own, train split: 6 of 6 clips are padded .*--allow-padding"):
        request_prepared_set("own", "", longer, allow_padding=False)
    asked = request_prepared_set("own", "", longer, allow_padding=True)
    assert sum("clips are padded" in note for note in asked.notes) == 3
    again = request_prepared_set("own", "", longer.model_copy(update={"allow_padding": True}), allow_padding=False)
    assert again.benchmark == asked.benchmark, "the run was trained on such clips already"


def test_a_set_that_is_not_prepared_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no data set 'ucf101'"):
        request_registered(BENCHMARKS["ucf101"], DataConfig(root=tmp_path))
