from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets.epic100 import parse_time, read
from auxjepa.data.sets.prepare import prepare_set
from miniatures import epic100, pixels, text


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return epic100.build(tmp_path_factory.mktemp("epic"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "epic"))


def lists(root: Path, name: str) -> Path:
    return root / epic100.LISTS / f"EPIC_100_{name}.csv"


def test_segments_are_read_with_their_labels_and_marks(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == epic100.SIZES
    assert listing.problems == ()
    first, second = listing.splits["train"][:2]
    assert (first.path, first.start, first.stop) == ("EPIC-KITCHENS/P01/videos/P01_01.MP4", 0.0, 0.35)
    assert second.texts == ('put plate, board and "the tap"',)
    assert second.labels == {
        "verb": "put", "noun": "plate", "action": "put plate", "participant": "P01",
        "unseen": "no", "tail_verb": "no", "tail_noun": "yes",
    }  # fmt: skip
    assert {e.labels["participant"]: e.labels["unseen"] for e in listing.splits["validation"]} == {
        "P01": "no",
        "P18": "yes",
    }
    assert all(e.labels == {"participant": "P01", "unseen": "no"} for e in listing.splits["test"])


def test_classes_are_numbered_as_published(root: Path) -> None:
    classes = read(root).classes
    assert classes["verb"] == epic100.VERBS and classes["noun"] == epic100.NOUNS
    # Verb by verb, then by the noun's number, whatever the order of rows.
    assert classes["action"] == ("take tap", "put plate", "turn-on board:chopping", "let-go tap")
    assert classes["participant"] == ("P01", "P02", "P18") and classes["unseen"] == ("no", "yes")


@pytest.mark.parametrize("layout", ["in the root", "without videos/", "flat", "the torrent of 2018"])
def test_videos_are_read_from_several_layouts(root: Path, layout: str) -> None:
    for file in list((root / "EPIC-KITCHENS").glob("*/videos/*")):
        person = file.parent.parent.name
        places = {
            "in the root": f"{person}/videos/{file.name}",
            "without videos/": f"EPIC-KITCHENS/{person}/{file.stem}.mp4",
            "flat": f"videos/{file.stem}.mkv",
            "the torrent of 2018": f"videos/{'test' if '11' in file.name else 'train'}/{person}/{file.name}",
        }
        place = root / places[layout]
        place.parent.mkdir(parents=True, exist_ok=True)
        file.rename(place)
    if layout != "without videos/":
        shutil.rmtree(root / "EPIC-KITCHENS")
    listing = read(root)
    assert all((root / e.path).is_file() for examples in listing.splits.values() for e in examples)


def test_a_missing_video_is_named_where_it_would_be(root: Path) -> None:
    (root / "EPIC-KITCHENS/P02/videos/P02_101.MP4").unlink()
    assert read(root).splits["train"][4].path == "EPIC-KITCHENS/P02/videos/P02_101.MP4"


def test_lists_that_may_be_missing(root: Path) -> None:
    for name in ("test_timestamps", "tail_verbs", "tail_nouns", "unseen_participant_ids_validation"):
        lists(root, name).unlink()
    lists(root, "unseen_participant_ids_test").unlink()
    lists(root, "noun_classes").rename(lists(root, "noun_classes_v2"))
    listing = read(root)
    assert list(listing.splits) == ["train", "validation"]
    assert list(listing.classes) == ["verb", "noun", "action", "participant"]
    assert set(listing.splits["train"][0].labels) == set(listing.classes)


def test_one_error_names_all_missing_files(root: Path) -> None:
    lists(root, "validation").unlink()
    lists(root, "verb_classes").unlink()
    shutil.rmtree(root / "EPIC-KITCHENS")
    with pytest.raises(MissingFilesError, match=r"100_validation\.csv.*verb_classes.*EPIC-KITCHENS .*epic_downloader"):
        read(root)


def test_rows_that_cannot_be_used_are_problems(root: Path) -> None:
    file = lists(root, "train")
    good = file.read_text(encoding="utf-8").splitlines()
    row = epic100.line("P01_01", 2)
    rows = [
        good[1],
        row.replace("P01_01_2,", "P01_01_90,").replace("00:00:00.55", "00:00:00.20"),
        row.replace("P01_01_2,", "P01_01_91,").replace("00:00:00.20", "0.2"),
        row.replace("P01_01_2,", "P01_01_92,").replace("00:00:00.20", "00:61:00.20"),
        row.replace("P01_01_2,", "P01_01_93,").replace(",P01_01,", ",../P01_01,"),
        row.replace("P01_01_2,", "P01_01_94,").replace(",turn-on,2,", ",turn-on,97,"),
        row.replace("P01_01_2,", "P01_01_95,").replace(",2,\"['board", ",NaN,\"['board"),
        "P01_01_96,P01,P01_01",
        row.replace("P01_01_2,", ","),
    ]
    text(file, *good, *rows)
    listing = read(root)
    assert len(listing.splits["train"]) == 8
    assert [(p.where, p.what) for p in listing.problems] == [
        ("EPIC_100_train.csv:10", "P01_01_0 is listed twice"),
        ("EPIC_100_train.csv:11", "P01_01_90: it stops at 00:00:00.20, before it starts at 00:00:00.20"),
        ("EPIC_100_train.csv:12", "P01_01_91: '0.2' … '00:00:00.55' aren't two times like 00:01:02.50"),
        ("EPIC_100_train.csv:13", "P01_01_92: '00:61:00.20' … '00:00:00.55' aren't two times like 00:01:02.50"),
        ("EPIC_100_train.csv:14", "P01_01_93: the video_id '../P01_01' isn't like P01_01"),
        ("EPIC_100_train.csv:15", "P01_01_94: verb '97' and noun '2' aren't both numbers of listed classes"),
        ("EPIC_100_train.csv:16", "P01_01_95: verb '2' and noun 'NaN' aren't both numbers of listed classes"),
        ("EPIC_100_train.csv:17", "fewer values than columns"),
        ("EPIC_100_train.csv:18", "no narration_id"),
    ]


def test_a_list_with_a_mark_other_line_ends_and_more_columns(root: Path) -> None:
    file = lists(root, "train")
    before = read(root).splits["train"]
    rows = file.read_text(encoding="utf-8").splitlines()
    rows = [f"uid,{rows[0]}", *(f"{number},{row}" for number, row in enumerate(rows[1:]))]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    assert read(root).splits["train"] == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train", "narration_id,video_id\nP01_01_0,P01_01"),
        ("train", "<!DOCTYPE html><html></html>"),
        ("validation", epic100._HEADER + epic100._LABELS),
        ("verb_classes", "id,key\n0,take\n2,put"),
        ("verb_classes", "id,key\n0,take\n1,take"),
        ("noun_classes", "id,key\nzero,tap"),
        ("noun_classes", "id,key,instances"),
        ("tail_verbs", "verb\nten"),
        ("tail_nouns", "noun"),
        ("unseen_participant_ids_validation", "participant_id\nEighteen"),
        ("unseen_participant_ids_test", "participant\nP18"),
    ],
)
def test_files_of_another_format_are_refused(root: Path, name: str, content: str) -> None:
    text(lists(root, name), content)
    with pytest.raises(AnnotationError, match=f"EPIC_100_{name}"):
        read(root)


def test_times() -> None:
    assert parse_time("01:02:03.5") == 3723.5 and parse_time("00:00:07") == 7.0
    wrong = ("", "7", "00:07", "0:0:60", "00:00:-1", "00:00:nan", "१:००:००")
    assert [parse_time(text) for text in wrong] == [None] * 7


def test_segments_of_a_video_with_a_variable_frame_rate(
    root: Path, tmp_path: Path, make_video: Callable[..., Path]
) -> None:
    path = root / "EPIC-KITCHENS/P01/videos/P01_01.MP4"
    path.unlink()
    times = np.cumsum([0, 2, 8, 2, 8, 2, 8, 2, 8, 2])  # fiftieths of a second: 0, 0.04, 0.2, 0.24, 0.4 …
    make_video(path, pixels(10, 1), pts=times.tolist(), time_base=Fraction(1, 50))
    prepare_set("epic100", root, tmp_path / "store", workers=1, progress=False)
    rows = (tmp_path / "store/sets/epic100/train.jsonl").read_text().splitlines()[1:3]
    assert [row.split(", ")[1:3] for row in rows] == [["0", "4"], ["1", "6"]]  # 0 … 0.35 s and 0.1 … 0.45 s
