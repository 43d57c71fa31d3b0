"""Pictures and videos in class folders: image_folder and video_folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets import image_folder, video_folder
from auxjepa.data.sets.data_set import Listing
from auxjepa.data.sets.prepare import prepare_set
from miniatures import image, text, video
from miniatures import image_folder as pictures
from miniatures import video_folder as videos


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return videos.build(tmp_path_factory.mktemp("videos"), frames=2)


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "videos"))


def paths(root: Path, read: Callable[[Path], Listing] = image_folder.read) -> dict[str, list[str]]:
    return {split: [e.path for e in examples] for split, examples in read(root).splits.items()}


def test_pictures_in_splits_and_classes(tmp_path: Path) -> None:
    listing = image_folder.read(pictures.build(tmp_path))
    actual = {split: [e.path for e in examples] for split, examples in listing.splits.items()}
    assert actual == {"train": [f"train/{n}" for n in pictures.TRAIN], "val": [f"val/{n}" for n in pictures.VAL]}
    assert listing.classes == {"folder": ("cat", "dog")} and listing.problems == ()
    assert listing.splits["train"][3].labels == {"folder": "dog"}, "folders within a class are part of it"
    prepared = prepare_set("image_folder", tmp_path, tmp_path / "store", name="pets", workers=1, progress=False)
    assert {split: c.usable for split, c in prepared.splits.items()} == {"train": 4, "val": 2}


def test_without_split_folders_there_is_one_split(tmp_path: Path) -> None:
    for name in ("10/a.png", "9/b.png", "9/.c.png", ".d/e.png", "9/notes.txt", "loose.png"):
        image(tmp_path / name) if name.endswith("png") else text(tmp_path / name)
    listing = image_folder.read(tmp_path)
    assert [(e.path, e.labels) for e in listing.splits["all"]] == [
        ("loose.png", {}),
        ("10/a.png", {"folder": "10"}),
        ("9/b.png", {"folder": "9"}),
    ]
    assert listing.classes == {"folder": ("9", "10")}, "whole numbers by size"


@pytest.mark.parametrize("names", [("Training", "eval"), ("train_256", "test"), ("train", "Evaluation")])
def test_splits_may_have_other_names(tmp_path: Path, names: tuple[str, str]) -> None:
    for split in names:
        image(tmp_path / "x" / split / "cat" / "1.png")
    listing = image_folder.read(tmp_path / "x")
    assert tuple(listing.splits) == names and listing.problems == () and listing.classes == {"folder": ("cat",)}
    prepared = prepare_set("image_folder", tmp_path / "x", tmp_path / "store", name="x", workers=1, progress=False)
    assert prepared.split == names[0], "the default split"


def test_a_class_may_have_the_name_of_a_split(tmp_path: Path) -> None:
    for name in ("bus/1.png", "train/1.png", "test/1.png"):
        image(tmp_path / name)
    assert image_folder.read(tmp_path).classes == {"folder": ("bus", "test", "train")}
    (tmp_path / "bus/1.png").unlink()
    (tmp_path / "bus").rmdir()
    assert paths(tmp_path) == {"train": ["train/1.png"], "test": ["test/1.png"]}, "pictures without a class"


def test_folders_without_files_are_problems(tmp_path: Path) -> None:
    for name in ("train/cat/1.png", "extra/cat/2.png"):
        image(tmp_path / name)
    for name in ("train/dog", "val/cat", "notes"):
        (tmp_path / name).mkdir(parents=True)
    listing = image_folder.read(tmp_path)
    assert list(listing.splits) == ["train"]
    assert [(p.where, p.what.split(":")[0]) for p in listing.problems] == [
        ("train/dog", "no such file in this folder"),
        ("val/cat", "no such file in this folder"),
        ("val", "no such file in this split"),
        ("extra", "a folder next to train, val that isn't a split"),
    ]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    root = tmp_path / "root"
    image(tmp_path / "elsewhere/1.png")
    (root / "cat").mkdir(parents=True)
    (root / "cat/again").symlink_to(root / "cat")
    (root / "cat/out").symlink_to(tmp_path / "elsewhere")
    (root / "dog").symlink_to(tmp_path / "elsewhere")
    listing = image_folder.read(root)
    assert [e.path for e in listing.splits["all"]] == ["cat/out/1.png"], "no picture counts twice"
    assert {p.where: p.what for p in listing.problems} == {
        "cat/again": "read already under another name -> cat",
        "dog": "read already under another name -> cat/out",
    }


def test_files_of_another_kind_are_counted(tmp_path: Path) -> None:
    for name in ("cat/a.png", "cat/b.png"):
        image(tmp_path / name)
    for name in ("cat/a.txt", "notes.txt", ".hidden.png"):
        text(tmp_path / name)
    listing = image_folder.read(tmp_path)
    assert [(one.count, one.reason) for one in listing.unread] == [
        (2, "not a picture by its name (.txt)"),
        (1, "hidden (the name begins with a dot)"),
    ]
    prepared = prepare_set("image_folder", tmp_path, tmp_path / ".store", name="pets", workers=1, progress=False)
    assert prepared.notes[0].startswith("3 files not read: 2 not a picture by its name (.txt), such as cat/a.txt")


def test_names_that_are_one_number_or_too_large_are_refused(tmp_path: Path) -> None:
    for name in ("1/a.png", "01/a.png"):
        image(tmp_path / name)
    with pytest.raises(AnnotationError, match="the classes '01' and '1' are one number"):
        image_folder.read(tmp_path)
    shutil.rmtree(tmp_path / "01")
    image(tmp_path / ("9" * 30) / "a.png")
    with pytest.raises(AnnotationError, match="over 18 digits"):
        image_folder.read(tmp_path)


def test_an_empty_root_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(MissingFilesError, match="no picture here"):
        image_folder.read(tmp_path)
    video(tmp_path / "a/b.mp4", 1)
    with pytest.raises(MissingFilesError, match="there are videos, which video_folder reads"):
        image_folder.read(tmp_path)
    (tmp_path / "a/b.mp4").unlink()
    image(tmp_path / "a/b.png")
    with pytest.raises(MissingFilesError, match="there are pictures, which image_folder reads"):
        video_folder.read(tmp_path)


def test_videos_with_a_table_of_labels(root: Path) -> None:
    listing = video_folder.read(root)
    assert paths(root, video_folder.read)["test"] == ["test/run/4.mp4", "test/walk/3.mp4"]
    assert listing.classes == {"folder": ("run", "walk"), "speed": ("0", "1", "2"), "side": ("left", "right")}
    assert listing.splits["test"][0].labels == {"folder": "run", "speed": "2", "side": "left"}
    assert [file.name for file in listing.annotations] == ["labels.csv"] and listing.problems == ()


def test_rows_of_the_table_that_cannot_be_used_are_problems(root: Path) -> None:
    rows = (
        "test/run/4.mp4,0,5,left",
        "./test//walk/3.mp4,,,",
        "test/walk/3.mp4,,,left",
        "test/walk/gone.mp4,,,up",
        "val/x.mp4,,,up",
        "../x.mp4,,,up",
        "/etc/x.mp4,,,up",
    )
    text(root / "labels.csv", "path,start,stop,side", *rows)
    listing = video_folder.read(root)
    assert [(e.path, e.labels) for e in listing.splits["test"]] == [
        ("test/run/4.mp4", {"folder": "run"}),
        ("test/walk/3.mp4", {"folder": "walk", "side": "left"}),
        ("test/walk/gone.mp4", {"folder": "walk", "side": "up"}),
    ]
    assert listing.classes == {"folder": ("run", "walk"), "side": ("left", "up")}
    assert [p.what.split(":")[0] for p in listing.problems] == [
        "the path '../x.mp4' steps up with '..'",
        "the path '/etc/x.mp4' is an absolute path",
        "test/run/4.mp4",
        "test/walk/3.mp4 is listed twice",
        "val/x.mp4 is in no split (train, test)",
    ]


def test_two_labels_of_a_video_leave_it_out(root: Path) -> None:
    text(
        root / "labels.csv",
        "path,side,n",
        "test/run/4.mp4,left,-1",
        ".\\test\\run\\4.mp4,right,3",
        "test/walk/3.mp4,-1,none",
    )
    listing = video_folder.read(root)
    assert [(e.path, e.labels) for e in listing.splits["test"]] == [("test/walk/3.mp4", {"folder": "walk"})]
    assert [(p.where, p.what) for p in listing.problems] == [
        (f"labels.csv:{line}", "test/run/4.mp4 has 2 values of side: left (line 2) and right (line 3): left out")
        for line in (2, 3)
    ]
    assert listing.classes == {"folder": ("run", "walk")}, "-1 and none are no labels"


def test_a_table_without_splits_and_classes(tmp_path: Path) -> None:
    video(tmp_path / "ä b.mp4", 1)
    (tmp_path / "labels.csv").write_bytes("\ufeffpath,folder\r\nä b.mp4,mine\r\ngone.mp4,7\r\n".encode())
    listing = video_folder.read(tmp_path)
    actual = [(e.path, e.labels) for e in listing.splits["all"]]
    assert actual == [("ä b.mp4", {"folder": "mine"}), ("gone.mp4", {"folder": "7"})]


@pytest.mark.parametrize(
    "written",
    ["", "<html>sign in</html>", "path,side\ntest/run/4.mp4", "name,side\na,b", "path,n\ntrain/a.mp4," + "9" * 5_000],
)
def test_a_table_of_another_format_is_refused(root: Path, written: str) -> None:
    text(root / "labels.csv", written)
    with pytest.raises(AnnotationError):
        video_folder.read(root)
