from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets.msvd import read
from miniatures import msvd, text


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return msvd.build(tmp_path_factory.mktemp("msvd"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "msvd"))


def test_clips_are_read_with_their_captions(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == {"train": 3, "val": 1, "test": 2}
    second = listing.splits["train"][1]
    assert (second.path, second.labels, second.texts) == ("YouTubeClips/-vg3vR86fu0_1_6.avi", {}, msvd.CAPTIONS)
    assert [p.what for p in listing.problems] == ["captions of clips that are in no split: 1, such as GGSY1Qvo990_3_6"]


def test_the_corpus_as_a_table_gives_the_same(root: Path, tmp_path: Path) -> None:
    other = msvd.build(tmp_path / "table", frames=1, table=True)
    assert read(other).splits == read(root).splits, "captions in other languages are left out"
    (other / "video_corpus.csv").rename(other / "MSR Video Description Corpus.csv")
    assert read(other).splits == read(root).splits


def test_lists_with_suffixes_other_line_ends_and_another_folder(root: Path) -> None:
    before = read(root).splits
    for file in root.glob("*_list.txt"):
        names = file.read_text().split()
        file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(f"{name}.avi" for name in names).encode())
    (root / "msvd_data").mkdir()
    for file in root.glob("*.txt"):
        file.rename(root / "msvd_data" / file.name)
    assert read(root).splits == before


def test_one_error_names_all_missing_files(root: Path) -> None:
    (root / "AllVideoDescriptions.txt").unlink()
    (root / "val_list.txt").unlink()
    shutil.rmtree(root / "YouTubeClips")
    with pytest.raises(
        MissingFilesError, match=r"AllVideoDescriptions\.txt .*video_corpus.*val_list.*YouTubeClips\.tar"
    ):
        read(root)


def test_lines_that_cannot_be_used_are_problems(root: Path) -> None:
    names = (root / "val_list.txt").read_text().split()
    text(root / "val_list.txt", *names, names[0], msvd.CLIPS[0], "gone_1_2", "../x_1_2", "", "a/b_1_2")
    captions = (root / "AllVideoDescriptions.txt").read_text(encoding="utf-8").splitlines()
    text(root / "AllVideoDescriptions.txt", *captions, "x_y_1_20", "x_y_1_20  ")
    listing = read(root)
    assert len(listing.splits["val"]) == 1
    assert [(p.where, p.what) for p in listing.problems[:-1]] == [
        ("AllVideoDescriptions.txt:24", "'x_y_1_20' isn't a clip with a caption"),
        ("AllVideoDescriptions.txt:25", "'x_y_1_20' isn't a clip with a caption"),
        ("val_list.txt:2", f"{names[0]} is listed in val already"),
        ("val_list.txt:3", f"{msvd.CLIPS[0]} is listed in train already"),
        ("val_list.txt:4", "gone_1_2 has no caption"),
        ("val_list.txt:5", "'../x_1_2' isn't a clip's name"),
        ("val_list.txt:7", "'a/b_1_2' isn't a clip's name"),
    ]


def test_rows_that_cannot_be_used_are_problems(tmp_path: Path) -> None:
    root = msvd.build(tmp_path / "table", frames=1, table=True)
    with (root / "video_corpus.csv").open("a", encoding="utf-8") as file:
        file.write("x,one,2,1,clean,3,English,a bird\nx,1,2,1,clean,3,English,\nx,1,2\nx,1,nan,1,clean,3,English,b\n")
    problems = read(root).problems
    assert [p.what for p in problems[:-1]] == [
        "'x,one,2' isn't an ID with a start and an end in seconds",
        "x_1_2: no caption",
        "too few values",
        "'x,1,nan' isn't an ID with a start and an end in seconds",
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("AllVideoDescriptions.txt", "# nothing but remarks"),
        ("AllVideoDescriptions.txt", "<!DOCTYPE HTML><html></html>"),
        ("video_corpus.csv", "id,caption\n1,a bird"),
        ("video_corpus.csv", "VideoID,Start,End,Language,Description\nx,1,2,Slovene,ptica"),
        ("test_list.txt", "vid1301\nvid1302"),
        ("train_list.txt", ""),
    ],
)
def test_files_of_another_format_are_refused(root: Path, name: str, written: str) -> None:
    if name == "video_corpus.csv":
        (root / "AllVideoDescriptions.txt").unlink()
    text(root / name, written)
    with pytest.raises(AnnotationError, match=name):
        read(root)
