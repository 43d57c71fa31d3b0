from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.cache.clip_cache import cache_key
from auxjepa.data.cache.job import JobClips
from auxjepa.data.sets.prepared_set import Coverage, PreparedSet
from auxjepa.doctor import Check, Settings, sets
from auxjepa.files import write_json
from noise_cache import SETTINGS, fill, render_noise


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", tmp_path)


def write(settings: Settings, name: str = "ucf101", usable: int = 98, **changes: Any) -> Path:
    """A prepared set of 100 training examples, and the folder it lies in."""
    root = settings.scratch / f"videos of {name}"
    (root / "splits").mkdir(parents=True)
    (root / "splits" / "list.txt").write_text("a.avi\n")
    one = PreparedSet(
        name=name,
        data_set=changes.pop("data_set", name),
        root=root,
        split="train",
        label="class",
        links=False,
        splits={"train": Coverage(listed=100, usable=usable), "test": Coverage(listed=0, usable=0)},
        classes={},
        annotations={"splits/list.txt": "0" * 32},
    )
    write_json(settings.root / "sets" / name / "set.json", one.model_dump(mode="json"))
    return root


def only(settings: Settings) -> Check:
    (check,) = sets.data_sets(settings)
    return check


def test_none_is_well_and_gets_a_hint(settings: Settings) -> None:
    assert only(settings).state == "ok" and "auxjepa data list" in str(only(settings).advice)


def test_each_set_has_its_coverage(settings: Settings) -> None:
    root = write(settings)
    assert (only(settings).name, only(settings).state, only(settings).advice) == ("set ucf101", "ok", None)
    assert f"train 98 of 100, test 0 of 0 ({root})" in only(settings).found
    assert only(settings).values["splits"]["train"] == {"listed": 100, "usable": 98}
    write(settings, "mine", usable=60, data_set="video_folder")
    mine, _ = sets.data_sets(settings)
    assert mine.name == "set mine" and mine.state == "warn" and "auxjepa data check mine" in str(mine.advice)


def test_a_set_of_which_nothing_can_be_used(settings: Settings) -> None:
    write(settings, usable=0)
    assert only(settings).state == "fail"


def test_a_root_that_is_missing_or_not_mounted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(settings, "mine", data_set="video_folder")
    (root / "splits" / "list.txt").unlink()
    assert only(settings).state == "fail" and "without its splits/list.txt" in only(settings).found
    shutil.rmtree(root)
    gone = only(settings)
    assert gone.state == "fail" and gone.found == f"its folder {root} doesn't exist any more"
    command = "auxjepa data prepare video_folder --root PATH --name mine"
    assert gone.advice == f"{command} --store {settings.root}"
    monkeypatch.chdir(settings.root.parent)  # where it is what commands take anyway
    assert only(settings).advice == command


@pytest.mark.parametrize("content", ["", "{", "[]", '{"data_set": "ucf101"}', "\0\xff"])
def test_a_damaged_set(settings: Settings, content: str) -> None:
    write(settings)
    file = settings.root / "sets" / "ucf101" / "set.json"
    file.write_bytes(content.encode("latin-1"))
    check = only(settings)
    assert check.state == "fail" and str(file) in check.found
    assert str(check.advice).startswith("auxjepa data prepare ucf101 --root PATH")


def test_a_set_that_was_begun(settings: Settings) -> None:
    (settings.root / "sets" / "ssv2").mkdir(parents=True)
    assert only(settings).state == "warn" and "no set.json" in only(settings).found


def test_names_that_are_not_text(settings: Settings) -> None:
    (settings.root / "sets" / os.fsdecode(b"\xe4")).mkdir(parents=True)
    check = only(settings)
    assert check.name == "set \\udce4" and json.loads(check.model_dump_json())


def test_caches_and_unusable_ones(settings: Settings) -> None:
    (none,) = sets.caches(settings)
    assert none.state == "ok" and none.found == "none"
    clips = settings.root / "clips"
    fill(clips, encoding="jpeg")
    (one,) = sets.caches(settings)
    assert one.state == "ok" and one.found.startswith(f"1 in {clips}, 0.00 GB")

    def stopped(payload: tuple[int, int]) -> JobClips:
        if payload[0] == 12:
            raise RuntimeError("stopped")
        return render_noise(payload)

    with pytest.raises(RuntimeError, match="stopped"):
        fill(clips, stopped)
    (begun,) = sets.caches(settings)
    assert begun.state == "warn" and "1 not finished" in begun.found
    assert f"auxjepa data cache rm --partial --store {settings.root}" in str(begun.advice)
    key = cache_key(SETTINGS, "jpeg")
    (clips / key / "header.json").write_text("{")
    (bad,) = sets.caches(settings)
    assert bad.state == "warn" and "1 damaged" in bad.found and f"auxjepa data cache rm {key}" in str(bad.advice)
    assert bad.values["damaged"] == [key] and len(bad.values["partial"]) == 1
