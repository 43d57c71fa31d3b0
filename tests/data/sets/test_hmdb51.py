from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.sets.hmdb51 import read
from miniatures import hmdb51, text


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hmdb51.build(tmp_path_factory.mktemp("hmdb"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "hmdb"))


def test_the_three_splits_are_read_as_published(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == {
        "train": 12, "test": 6, "train2": 12, "test2": 6, "train3": 12, "test3": 6,
    }  # fmt: skip
    assert listing.classes == {"action": hmdb51.CLASSES} and listing.problems == ()
    first = listing.splits["train"][0]
    assert first.path == "hmdb51_org/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi"
    assert first.labels == {"action": "brush_hair"}
    for number in ("", "2", "3"):
        train, test = ({e.path for e in listing.splits[f"{side}{number}"]} for side in ("train", "test"))
        assert not train & test
    assert len(listing.annotations) == 9


def test_a_scan_reads_files_with_unusual_names(root: Path, tmp_path: Path) -> None:
    listing = read(root)
    names = {example.path for examples in listing.splits.values() for example in examples}
    files = scan_files(root, names, tmp_path / "files.jsonl", workers=1, check=False, progress=False)
    assert len(files) == 21 and all(one.defect is None and one.frames == 20 for one in files.values())


@pytest.mark.parametrize("place", ["test_train_splits/testTrainMulti_7030_splits", "splits"])
def test_archives_may_be_unpacked_into_several_folders(root: Path, place: str) -> None:
    (root / place).parent.mkdir(exist_ok=True)
    (root / "testTrainMulti_7030_splits").rename(root / place)
    for folder in (root / "hmdb51_org").iterdir():
        folder.rename(root / folder.name)
    (root / "hmdb51_org").rmdir()
    first = read(root).splits["train"][0]
    assert first.path == "brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi"


def test_videos_may_be_re_encoded_or_missing(root: Path) -> None:
    clip = root / "hmdb51_org/wave" / hmdb51.clip("wave", 0)
    clip.rename(clip.with_suffix(".mp4"))
    (root / "hmdb51_org/wave" / hmdb51.clip("wave", 1)).unlink()
    clip.with_suffix(".jpg").touch()
    paths = {Path(e.path).name for e in read(root).splits["train"] if e.labels["action"] == "wave"}
    assert Path(hmdb51.clip("wave", 0)).with_suffix(".mp4").name in paths
    assert hmdb51.clip("wave", 1) in paths


def test_one_error_names_all_missing_files(root: Path) -> None:
    (root / "testTrainMulti_7030_splits/wave_test_split3.txt").unlink()
    (root / "testTrainMulti_7030_splits/ride_bike_test_split1.txt").unlink()
    with pytest.raises(MissingFilesError, match=r"ride_bike_test_split1\.txt.*rar.*wave_test_split3\.txt.*http"):
        read(root)
    shutil.rmtree(root / "testTrainMulti_7030_splits")
    shutil.rmtree(root / "hmdb51_org")
    with pytest.raises(MissingFilesError, match=r"testTrainMulti.*test_train_splits\.rar.*hmdb51_org\.rar"):
        read(root)


def test_archives_that_are_not_unpacked_are_reported(root: Path) -> None:
    shutil.rmtree(root / "hmdb51_org")
    text(root / "hmdb51_org/wave.rar", "Rar!")
    with pytest.raises(MissingFilesError, match="1 archives that aren't unpacked yet"):
        read(root)


def test_lines_that_cannot_be_used_are_problems(root: Path) -> None:
    table = root / "testTrainMulti_7030_splits/wave_test_split1.txt"
    written = table.read_text(encoding="utf-8").splitlines()
    table.write_bytes("\r\n".join([*written, written[0], "a.avi 3", "b.avi", "../c d.avi\t1", ""]).encode("utf-8-sig"))
    (root / "hmdb51_org/zumba").mkdir()
    listing = read(root)
    assert {p.where: p.what for p in listing.problems} == {
        "wave_test_split1.txt:8": f"{hmdb51.clip('wave', 0)!r} is listed twice",
        "wave_test_split1.txt:9": "'a.avi 3' isn't 'NAME.avi SIDE' with a side of 0, 1 or 2",
        "wave_test_split1.txt:10": "'b.avi' isn't 'NAME.avi SIDE' with a side of 0, 1 or 2",
        "hmdb51_org/zumba": "a folder of clips that no split lists",
    }
    assert listing.splits["train"][-1].path == "hmdb51_org/wave/../c d.avi", "scanning refuses it, reading keeps it"


@pytest.mark.parametrize("lines", [("<html>", "404"), ("a.avi", "b.avi"), ("",)])
def test_a_list_of_another_format_is_refused(root: Path, lines: tuple[str, ...]) -> None:
    text(root / "testTrainMulti_7030_splits/wave_test_split1.txt", *lines)
    with pytest.raises(AnnotationError, match=r"wave_test_split1\.txt"):
        read(root)
