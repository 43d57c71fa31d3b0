"""Labelled videos of one's own: classes, and which clips stand for which split."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks import folder
from auxjepa.benchmarks.folder import OwnVideos, note_on_pretraining, open_own
from auxjepa.config import ConfigError, DataConfig, MixedConfig
from written_manifest import make_manifest


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch):
    def opened(names: Sequence[str], clips: int | None = None, **more: object) -> OwnVideos:
        monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: make_manifest(names, **more))  # type: ignore[arg-type]
        data = DataConfig(source="folder:x", clips=clips or 1, frames=4)
        return open_own(data, "folder", one_each=clips is None)

    return opened


ORDINARY = [f"{color}/{n}.mp4" for color in ("blue", "green", "red") for n in range(6)]


def used(own: OwnVideos, split: str) -> set[str]:
    return {own.manifest.entries[n].file.path for n in own._of(split).tolist()}


def test_one_clip_a_video_is_version_1(own) -> None:
    one = own(ORDINARY)
    assert one.version == 1 and one.data.clips == 18
    assert [one.clips(split) for split in folder.SPLITS] == [12, 3, 3] and one.examples("test") == 3


def test_several_clips_a_video_are_version_2_and_count_as_one(own) -> None:
    few, many = own(ORDINARY), own(ORDINARY, clips=90)
    assert many.version == 2 and many.clips("test") == 15 and many.examples("test") == 3
    assert [used(few, split) for split in folder.SPLITS] == [used(many, split) for split in folder.SPLITS]


@pytest.mark.parametrize("clips", [9, 10, 13, 17])
def test_fewer_clips_than_videos_leave_every_video_in_its_split(own, clips: int) -> None:
    whole, some = own(ORDINARY), own(ORDINARY, clips=clips)
    assert some.version == 2 and sum(some.clips(split) for split in folder.SPLITS) == clips
    for split in folder.SPLITS:
        assert used(some, split) <= used(whole, split)
        assert {path.split("/")[0] for path in used(some, split)} == {"blue", "green", "red"}


@pytest.mark.parametrize("clips", [1, 5, 8])
def test_too_few_clips_are_said_with_the_needed_number(own, clips: int) -> None:
    with pytest.raises(ConfigError) as caught:
        own(ORDINARY, clips=clips)
    assert f"folder:x: {clips} clips are too few: 3 classes" in str(caught.value)
    assert "need 9 clips or more" in str(caught.value) and "the 18 videos gives one" in str(caught.value)


def test_an_official_split_needs_clips_for_what_is_in_it(own) -> None:
    names = [f"{split}/{color}/{n}.mp4" for split in ("train", "test") for color in ("blue", "red") for n in range(4)]
    del names[12:]  # no red test video
    with pytest.raises(ConfigError, match="need 5 clips or more"):
        own(names, clips=4)
    one = own(names, clips=5)
    assert {len(used(one, split)) for split in ("train", "validation")} == {2} and len(used(one, "test")) == 1


def test_distinct_contents_are_chosen_before_copies(own) -> None:
    names = [f"{color}/{n}.mp4={color}{n % 4}" for color in ("blue", "red") for n in range(12)]
    one = own(names, clips=8)
    assert one.division.record["copies"]["groups"] == 8
    chosen = one.division.counted[one.chosen]
    assert len(set(chosen.tolist())) == 8


def test_clips_know_their_example_and_group(tmp_path: Path, videos: Path) -> None:
    data = DataConfig(source=f"folder:{videos}", root=tmp_path / "data", frames=4, size=16, clips=45)
    one = open_own(data, "folder", progress=False)
    test = one.open("test")
    assert len(test.clips) == len(test.labels) == one.clips("test") and test.example is not None
    assert test.example.max() + 1 == one.examples("test") == len(set(test.unit.tolist()))
    for number in range(one.examples("test")):
        mine = test.example == number
        assert len(set(test.labels[mine].tolist())) == 1 and len(set(test.unit[mine].tolist())) == 1
    plain = open_own(data, "folder", one_each=True, progress=False).open("test")
    assert plain.example is None and len(plain.clips) == one.examples("test") and plain.key != test.key


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of four small noise videos, and a copy of one."""
    from auxjepa.data.world import write_videos

    source = tmp_path_factory.mktemp("source")
    write_videos(source, "train", 8, 0, 8, 16, 1, "motion", False)
    root = tmp_path_factory.mktemp("own")
    for number, path in enumerate(sorted(source.glob("**/*.mp4"))):
        target = root / "ab"[number % 2] / f"{number}.mp4"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    (root / "a" / "copy.mp4").write_bytes((root / "a" / "0.mp4").read_bytes())
    return root


def test_a_version_that_counts_otherwise_has_another_hash() -> None:
    from auxjepa.benchmarks.world import WORLD

    one = WORLD[0].model_copy(update={"source": "folder:x"})
    data = DataConfig(source="folder:x", split="train", allow_padding=True)
    assert one.hash_on(data) == one.hash_on(DataConfig(source="folder:x")), "how a run was trained is not asked"
    assert one.hash_on(data) != one.model_copy(update={"version": 2}).hash_on(data)


def test_an_encoder_that_has_seen_the_test_videos_is_told(own, tmp_path: Path) -> None:
    one = own(ORDINARY, top=tmp_path / "clips")
    for source in (f"folder:{tmp_path}", f"folder:{tmp_path}/clips"):
        assert "3 of the 3 test videos are in a folder" in note_on_pretraining(one, DataConfig(source=source))[0]
    assert "1 of the 3 test videos" in note_on_pretraining(one, DataConfig(source=f"folder:{tmp_path}/clips/red"))[0]
    mixed = DataConfig(mixture={"world": MixedConfig(), f"folder:{tmp_path}": MixedConfig()})
    assert note_on_pretraining(one, mixed)
    for source in ("world", "folder:elsewhere", "ucf101"):
        assert note_on_pretraining(one, DataConfig(source=source)) == []
    names = [f"{split}/{color}/{n}.mp4" for split in ("train", "test") for color in ("blue", "red") for n in range(4)]
    official, data = own(names, top=tmp_path), DataConfig(source=f"folder:{tmp_path}", split="train")
    assert note_on_pretraining(official, data) == []
    assert "8 of the 8" in note_on_pretraining(official, data.model_copy(update={"split": "all"}))[0]


def test_a_link_lies_where_it_is_and_where_it_leads(own, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "reds").mkdir(parents=True)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "red").symlink_to(tmp_path / "elsewhere" / "reds")
    one = own(ORDINARY, top=tmp_path / "clips")
    for place, count in (("clips", 3), ("elsewhere", 1), ("clips/red", 1)):
        (note,) = note_on_pretraining(one, DataConfig(source=f"folder:{tmp_path}/{place}"))
        assert f"{count} of the 3 test videos are in a folder" in note, place


def test_an_encoder_that_has_seen_the_shards_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = [f"{n % 2}.tar/{color}/{n}.mp4" for color in ("blue", "red") for n in range(6)]
    places = [name[6:] for name in names]
    monkeypatch.setattr(folder, "open_manifest", lambda *args, **kwargs: make_manifest(names, places=places))
    shards = f"shards:{tmp_path}/{{0..1}}.tar"
    one = open_own(DataConfig(source=shards, frames=4), "folder", one_each=True)
    tested = [names[n] for n in one.division.kept[one.division.split == 2].tolist()]
    assert "2 of the 2 test videos are in shards" in note_on_pretraining(one, DataConfig(source=shards))[0]
    in_first = sum(name.startswith("0.tar") for name in tested)
    told = note_on_pretraining(one, DataConfig(source=f"shards:{tmp_path}/0.tar::{tmp_path}/other.tar"))
    assert (f"{in_first} of the 2 test videos" in told[0]) if in_first else told == []
    for source in (f"shards:{tmp_path}/2.tar", f"folder:{tmp_path}", "world"):
        assert note_on_pretraining(one, DataConfig(source=source)) == []


def test_shards_of_other_places_are_another_division(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, videos: Path
) -> None:
    """The same bytes under other places are divided otherwise: kept features must not be taken for each other."""
    from auxjepa.data.manifest.manifest import open_source

    found = open_source(f"folder:{videos}", tmp_path / "data", progress=False)
    found = found.subset([n for n, entry in enumerate(found.entries) if "copy" not in entry.file.path])
    keys = set()
    for prefix in ("", "other/"):
        places = tuple(f"{entry.file.path[0]}/{prefix}{entry.file.path[2:]}" for entry in found.entries)
        at = replace(found, places=places, labels={"n": np.arange(len(found)) % 2}, classes={"n": ("0", "1")})
        monkeypatch.setattr(folder, "open_manifest", lambda *args, one=at, **kwargs: one)
        data = DataConfig(source="shards:x", root=tmp_path / "data", frames=4, size=16)
        own = open_own(data, "n", one_each=True, progress=False)
        assert own.version == 1
        keys.add((own.open("train").key, tuple(own.division.split.tolist())))
    assert len({key for key, _ in keys}) == len({split for _, split in keys}) == 2


def test_the_record_is_json(own) -> None:
    assert json.loads(json.dumps(own(ORDINARY).division.record))["train"]["videos"] == 12
