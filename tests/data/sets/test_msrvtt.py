from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets.msrvtt import CATEGORIES, read
from miniatures import msrvtt, text

TRAIN, TEST = "train_val_videodatainfo.json", "test_videodatainfo.json"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return msrvtt.build(tmp_path_factory.mktemp("msrvtt"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "msrvtt"))


def content(root: Path, name: str = TRAIN) -> dict[str, Any]:
    return json.loads((root / name).read_text(encoding="utf-8"))


def test_clips_are_read_with_category_and_captions(root: Path) -> None:
    listing = read(root)
    sizes = {name: len(examples) for name, examples in listing.splits.items()}
    assert sizes == {**msrvtt.SIZES, "test1k": 2, "train9k": 8} and listing.problems == ()
    assert listing.classes == {"category": CATEGORIES} and len(CATEGORIES) == 20
    third = listing.splits["train"][2]
    assert (third.path, third.labels) == ("TrainValVideo/video2.mp4", {"category": "gaming"})
    assert third.texts == msrvtt.CAPTIONS, "in the order written, quotes, line ends and emoji kept"
    assert [e.path for e in listing.splits["test"]] == [f"TestVideo/video{n}.mp4" for n in (7, 8, 9)]


def test_1k_a_has_one_caption_each_and_its_own_order(root: Path) -> None:
    actual = [(e.path, e.texts, e.labels) for e in read(root).splits["test1k"]]
    assert actual == [
        ("TestVideo/video9.mp4", ("a plane, landing",), {"category": "vehicles/autos"}),
        ("TestVideo/video7.mp4", ("a cat on a piano",), {"category": "movie/comedy"}),
    ]
    file = root / "MSRVTT_JSFUSION_test.csv"
    file.write_text("key;vid_key;video_id;sentence\nret0;msr9;video9;a plane, landing\n")  # as spreadsheets save it
    assert [e.texts for e in read(root).splits["test1k"]] == [("a plane, landing",)]


def test_one_list_for_all_in_one_folder(tmp_path: Path) -> None:
    root = msrvtt.build(tmp_path / "whole", frames=1, whole=True)
    (root / "MSRVTT_data.json").rename(root / "videodatainfo_2017.json")
    listing = read(root)
    assert {name: len(listing.splits[name]) for name in msrvtt.SIZES} == msrvtt.SIZES
    assert listing.splits["test"][0].path == "videos/all/video7.mp4"


def test_videos_in_the_root_and_missing_ones(root: Path) -> None:
    (root / "TrainValVideo/video1.mp4").unlink()
    (root / "TestVideo/video9.mp4").unlink()
    listing = read(root)
    assert listing.splits["train"][1].path == "TrainValVideo/video1.mp4"
    assert listing.splits["test1k"][0].path == "TestVideo/video9.mp4"
    for file in root.glob("T*Video/*.mp4"):
        file.rename(root / f"{file.stem}.webm")
    shutil.rmtree(root / "TrainValVideo")
    shutil.rmtree(root / "TestVideo")
    listing = read(root)
    assert [e.path for e in listing.splits["train"][:2]] == ["video0.webm", "video1.mp4"]


def test_one_error_names_all_missing_files(root: Path) -> None:
    (root / TEST).unlink()
    shutil.rmtree(root / "TrainValVideo")
    shutil.rmtree(root / "TestVideo")
    with pytest.raises(MissingFilesError, match=r"Missing: test_videodatainfo.*MSRVTT_data\.json.*TrainValVideo"):
        read(root)


def test_entries_that_cannot_be_used_are_problems(root: Path) -> None:
    lists = content(root)
    good = lists["videos"][0]
    lists["videos"] += [
        good,
        {**good, "video_id": "../video1"},
        {**good, "video_id": 5},
        {**good, "video_id": "video90", "category": 20},
        {**good, "video_id": "video91", "category": True},
        {**good, "video_id": "video92", "split": "public"},
        "video93",
    ]
    lists["sentences"] += [
        {"caption": "no such clip", "video_id": "video90", "sen_id": 900},
        {"caption": " \n", "video_id": "video0", "sen_id": 901},
        {"caption": None, "video_id": "video0", "sen_id": 902},
        {"caption": "twice", "video_id": "video0", "sen_id": 0},
        {"caption": "twice", "video_id": ["video0"], "sen_id": [0]},
        7,
    ]
    text(root / TRAIN, json.dumps(lists))
    again = content(root, TEST)
    again["videos"].append(good)
    text(root / TEST, json.dumps(again))
    listing = read(root)
    assert {name: len(listing.splits[name]) for name in msrvtt.SIZES} == msrvtt.SIZES
    assert listing.splits["train"][0].texts == msrvtt.CAPTIONS
    assert [(p.where.split(", ")[1], p.what) for p in listing.problems] == [
        ("videos 8", "video0 is listed twice"),
        ("videos 9", "the video_id '../video1' isn't like 'video0'"),
        ("videos 10", "the video_id 5 isn't like 'video0'"),
        ("videos 11", "video90: the category 20 isn't one of 0 … 19"),
        ("videos 12", "video91: the category True isn't one of 0 … 19"),
        ("videos 13", "video92: the split 'public' isn't train, validate or test"),
        ("videos 14", "the video_id None isn't like 'video0'"),
        ("sentences 22", "a caption of 'video90', which isn't a usable video of this file"),
        ("sentences 23", "video0: no caption"),
        ("sentences 24", "video0: no caption"),
        ("sentences 25", "video0: the sen_id 0 is listed twice"),
        ("sentences 26", "a caption of ['video0'], which isn't a usable video of this file"),
        ("sentences 27", "a caption of None, which isn't a usable video of this file"),
        ("videos 4", "video0 is listed twice"),
    ]


def test_lines_of_retrieval_lists_that_cannot_be_used_are_problems(root: Path) -> None:
    file = root / "MSRVTT_JSFUSION_test.csv"
    rows = [
        *file.read_text().splitlines(),
        "ret2,msr7,video7,again",
        "ret3,msr99,video99,none",
        "ret4",
        "ret5,m,video8,",
    ]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    listing = read(root)
    assert len(listing.splits["test1k"]) == 2
    assert [(p.where[-2:], p.what) for p in listing.problems] == [
        (":4", "video7 is listed twice"),
        (":5", "'video99' isn't a usable video of the lists with captions"),
        (":6", "'' isn't a usable video of the lists with captions"),
        (":7", "video8: no caption"),
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (TRAIN, "[]"),
        (TRAIN, '{"videos": [{"video_id": "video0", "categ'),
        (TRAIN, '{"sentences": []}'),
        (TRAIN, '{"videos": []}'),
        (TRAIN, '{"videos": {"video0": {}}, "sentences": []}'),
        (TEST, "<html><head><title>404</title></head></html>"),
        ("MSRVTT_JSFUSION_test.csv", "video,caption\nvideo9,a plane"),
        ("MSRVTT_JSFUSION_test.csv", "video_id,sentence\nvideo99,a plane"),
        ("MSRVTT_train.9k.csv", ""),
    ],
)
def test_files_of_another_format_are_refused(root: Path, name: str, written: str) -> None:
    text(root / name, written)
    with pytest.raises(AnnotationError, match=name):
        read(root)
