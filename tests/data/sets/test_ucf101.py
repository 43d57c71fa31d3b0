from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets.ucf101 import read
from miniatures import text, ucf101


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ucf101.build(tmp_path_factory.mktemp("ucf"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ucf"))


def test_the_three_splits_are_read_as_published(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == {
        "train": 18, "test": 6, "train2": 18, "test2": 6, "train3": 18, "test3": 6,
    }  # fmt: skip
    first = listing.splits["test"][0]
    assert first.path == "UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi"
    assert first.labels == {"action": "ApplyEyeMakeup", "group": "ApplyEyeMakeup 01"}
    assert listing.classes["action"] == ucf101.CLASSES and listing.problems == ()
    for train, test in (("train", "test"), ("train2", "test2"), ("train3", "test3")):
        groups = [{example.labels["group"] for example in listing.splits[name]} for name in (train, test)]
        assert not groups[0] & groups[1]


def test_class_folders_may_be_in_the_root(root: Path) -> None:
    for folder in (root / "UCF-101").iterdir():
        folder.rename(root / folder.name)
    (root / "UCF-101").rmdir()
    assert read(root).splits["test"][0].path == "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi"


def test_one_error_names_all_missing_files(root: Path) -> None:
    (root / "ucfTrainTestlist/trainlist02.txt").unlink()
    shutil.rmtree(root / "UCF-101")
    with pytest.raises(MissingFilesError, match=r"trainlist02\.txt .*RecognitionTask\.zip, https.*UCF101\.rar"):
        read(root)
    with pytest.raises(MissingFilesError, match="no such folder"):
        read(root / "nowhere")


def test_lines_that_cannot_be_used_are_problems(root: Path) -> None:
    table = root / "ucfTrainTestlist/testlist01.txt"
    written = table.read_text().splitlines()
    text(table, *written, written[0], "Juggling/v_Juggling_g01_c01.avi", "")
    listing = read(root)
    assert len(listing.splits["test"]) == 6
    assert [(p.where, p.what.split(" ", 1)[1]) for p in listing.problems] == [
        ("testlist01.txt:7", "is listed twice"),
        ("testlist01.txt:8", "isn't CLASS/v_CLASS_gNN_cNN.avi of a listed class"),
    ]


@pytest.mark.parametrize("line", ["ApplyEyeMakeup", "1", "3 Archery", "9" * 5_000 + " Archery"])
def test_a_class_index_of_another_format_is_refused(root: Path, line: str) -> None:
    text(root / "ucfTrainTestlist/classInd.txt", line)
    with pytest.raises(AnnotationError, match=r"classInd\.txt"):
        read(root)


@pytest.mark.parametrize("lines", [(), ("<html>sign in</html>",), ("Juggling/v_Juggling_g01_c01.avi",)])
def test_a_list_without_a_usable_line_is_refused(root: Path, lines: tuple[str, ...]) -> None:
    text(root / "ucfTrainTestlist/testlist02.txt", *lines)
    with pytest.raises(AnnotationError, match=r"testlist02\.txt: no usable line"):
        read(root)
