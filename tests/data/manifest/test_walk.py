from __future__ import annotations

import os
from pathlib import Path

import pytest

from auxjepa.data.manifest.walk import (
    BROKEN_LINK,
    DUPLICATE,
    HIDDEN,
    LINK_TO_PARENT,
    group_by_reason,
    unread_line,
    unread_table,
    walk,
)


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_other_files_are_listed_with_the_reason(tmp_path: Path) -> None:
    make(tmp_path, "b.MP4", "a/c.mp4", "a/notes.txt", "a/p.txt", "README", ".x.mp4", ".git/y.mp4", "labels.csv")
    result = walk(tmp_path, {"mp4"}, "a video", known=("labels.csv",))
    assert result.files == ["a/c.mp4", "b.MP4"] and result.folders == ["", "a"]
    assert result.reasons == {
        "a/notes.txt": "not a video by its name (.txt)",
        "a/p.txt": "not a video by its name (.txt)",
        "README": "not a video by its name (no suffix)",
        ".x.mp4": HIDDEN,
        ".git": HIDDEN,
    }
    assert [(one.count, one.paths) for one in result.unread] == [
        (2, (".git", ".x.mp4")),
        (2, ("a/notes.txt", "a/p.txt")),
        (1, ("README",)),
    ]
    line = unread_line(result.unread)
    assert line.startswith(f"5 files not read: 2 {HIDDEN}, such as .git; 2 not a video by its name (.txt), such as a/")
    assert unread_line(()) == "" and unread_table(result.unread, tmp_path).row_count == 3


def test_a_linked_class_folder_is_read(tmp_path: Path) -> None:
    make(tmp_path, "real/own/1.mp4", "other/green/2.mp4", "other/green/deep/3.mp4")
    (tmp_path / "real/green").symlink_to("../other/green")
    result = walk(tmp_path / "real", {"mp4"}, "a video")
    assert result.files == ["green/2.mp4", "green/deep/3.mp4", "own/1.mp4"] and result.reasons == {}


def test_links_never_count_twice_and_circles_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "b/1.mp4", "b/deep/2.mp4", ".store/3.mp4")
    make(tmp_path, "out/4.mp4", "out/sub/5.mp4")
    links = {
        "a": "b",  # comes before b in the alphabet: the file's own name counts all the same
        "a1.mp4": "b/1.mp4",
        "b/up": "..",
        "b/deep/again": "../../b",
        "above": "..",
        "c": "../out/sub",
        "d": "../out",
        "e.mp4": "../out/4.mp4",
        "stored": ".store",
        "nowhere": "gone",
        "x": "y",
        "y": "x",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    result = walk(root, {"mp4"}, "a video")
    assert result.files == ["b/1.mp4", "b/deep/2.mp4", "c/5.mp4", "d/4.mp4", "stored/3.mp4"]
    assert result.reasons == {
        ".store": HIDDEN,
        "a": f"{DUPLICATE} -> b",
        "a1.mp4": f"{DUPLICATE} -> b/1.mp4",
        "above": LINK_TO_PARENT,
        "b/deep/again": f"{DUPLICATE} -> b",
        "b/up": f"{DUPLICATE} -> .",
        "d/sub": f"{DUPLICATE} -> c",
        "e.mp4": f"{DUPLICATE} -> d/4.mp4",
        "nowhere": BROKEN_LINK,
        "x": BROKEN_LINK,
        "y": BROKEN_LINK,
    }
    read_twice = next(one for one in result.unread if one.reason == DUPLICATE)
    assert read_twice.count == 6 and read_twice.paths[0] == "a -> b"


def test_broken_links_and_pipes_named_like_videos_are_listed(tmp_path: Path) -> None:
    for name in ("1.mp4", "2.mp4"):
        (tmp_path / name).symlink_to("gone.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    assert walk(tmp_path, {"mp4"}, "a video").files == ["1.mp4", "2.mp4", "pipe.mp4"]


def test_a_folder_that_can_not_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.mp4", "b/2.mp4")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = walk(tmp_path, {"mp4"}, "a video")
    assert result.files == ["a/1.mp4"] and result.reasons == {"b": "a folder that cannot be listed (Permission denied)"}
    with pytest.raises(PermissionError):
        walk(tmp_path / "b", {"mp4"}, "a video")


def test_the_most_frequent_reason_comes_first() -> None:
    unread = group_by_reason({"a": "x -> 1", "b": "y", "c": "x -> 2"})
    assert [(one.reason, one.count, one.paths) for one in unread] == [("x", 2, ("a -> 1", "c -> 2")), ("y", 1, ("b",))]
