from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.manifest.scan import scan_files
from auxjepa.data.sets.path_label_csv import read
from miniatures import image, path_label_csv, pixels, text, video


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return path_label_csv.build(tmp_path / "my data", frames=2)


def test_every_list_is_a_split(root: Path) -> None:
    listing = read(root)
    assert {split: [(e.path, e.labels["label"]) for e in examples] for split, examples in listing.splits.items()} == {
        "train": [(path, str(label)) for path, label in path_label_csv.TRAIN.items()],
        "val": [(path, str(label)) for path, label in path_label_csv.VAL.items()],
    }
    assert listing.classes == {"label": ("0", "3", "7", "10")} and listing.problems == ()


def test_absolute_paths_below_the_root_also_through_a_link_to_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    text(root / "train.csv", f"{tmp_path / 'link'}/d.avi 1", f"{root}/clips/f 2.mp4 1", f"{root}//clips/./e.mp4 2")
    assert [e.path for e in read(tmp_path / "link").splits["train"]] == ["d.avi", "clips/f 2.mp4", "clips/e.mp4"]


def test_lines_that_cannot_be_used_are_problems(root: Path) -> None:
    elsewhere = f"{root} other/d.avi 1"
    wrong = [
        elsewhere,
        "../d.avi 1",
        "d.avi 2",
        "no label.mp4",
        "x.mp4 1.5",
        "x.mp4 -2",
        "s3://a/b.mp4 1",
        "C:\\a.mp4 1",
        "7",
        "a.mp4::",
    ]
    good = (root / "train.csv").read_text(encoding="utf-8").splitlines()
    text(root / "train.csv", *good, *wrong, "", "x.mp4 " + "9" * 5_000)
    listing = read(root)
    assert len(listing.splits["train"]) == 3, "d.avi has two labels"
    assert [(p.where, p.what[:60]) for p in listing.problems] == [
        ("train.csv:4", "d.avi is listed twice with different content (label 0 and 2): left out"[:60]),
        ("train.csv:5", f"{root} other/d.avi is an absolute path outside "[:60]),
        ("train.csv:6", "the path '../d.avi' steps up with '..': it must be relative to "[:60]),
        ("train.csv:7", "d.avi is listed twice with different content (label 0 and 2): left out"[:60]),
        ("train.csv:8", "'no label.mp4' isn't a path and a whole number, separated by "[:60]),
        ("train.csv:9", "'x.mp4 1.5' isn't a path and a whole number, separated by a s"[:60]),
        ("train.csv:10", "'x.mp4 -2' isn't a path and a whole number, separated by a sp"[:60]),
        ("train.csv:11", "s3://a/b.mp4 is a web address and not a path below the root"),
        ("train.csv:12", "the path 'C:\\\\a.mp4' is an absolute path: it must be relative "[:60]),
        ("train.csv:13", "'7' isn't a path and a whole number, separated by a space"),
        ("train.csv:14", "'a.mp4::' isn't a path and a whole number, separated by a space"[:60]),
        ("train.csv:16", "'x.mp4 99999999999999999999999999999999999999999999999999999"[:60]),
    ]


def test_lists_of_another_machine_are_refused_with_the_reason(root: Path) -> None:
    text(root / "val.csv", "/home/someone/data/a.mp4 0", "/home/someone/data/b.mp4 1")
    with pytest.raises(
        AnnotationError, match=r"val\.csv:1: /home/someone/data/a\.mp4 is an absolute path outside .*data"
    ):
        read(root)


def test_captions_missing_labels_and_other_line_ends(root: Path) -> None:
    lines = [
        'clips/a b.mp4::a man says "hello", and waves 👋',
        "clips/c.mp4::4",
        "d.avi -1",
        '"a ""b"".mp4" 007',
        "e\u2028f.mp4 8",
    ]
    (root / "train.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    actual = [(e.path, e.labels, e.texts) for e in read(root).splits["train"]]
    assert actual == [
        ("clips/a b.mp4", {}, ('a man says "hello", and waves 👋',)),
        ("clips/c.mp4", {"label": "4"}, ()),
        ("d.avi", {}, ()),
        ('a "b".mp4', {"label": "7"}, ()),
        ("e\u2028f.mp4", {"label": "8"}, ()),
    ]


def test_a_path_that_is_listed_twice_counts_once(root: Path) -> None:
    text(root / "train.csv", "d.avi 0", "./d.avi 0", f"{root}/d.avi 0", "clips\\walk\\a clip.mp4 3")
    listing = read(root)
    assert [e.path for e in listing.splits["train"]] == ["d.avi", "clips/walk/a clip.mp4"]
    assert [(p.where, p.what) for p in listing.problems] == [
        (f"train.csv:{line}", "d.avi is listed twice") for line in (2, 3)
    ]


def test_another_label_in_another_list_gives_a_note(root: Path) -> None:
    text(root / "other.csv", "d.avi 1", "clips/walk/e.mp4 -1", "clips/f 2.mp4 7")
    listing = read(root)
    assert len(listing.splits["other"]) == 3
    assert listing.notes == (
        "1 paths have another label in another list (d.avi is 1 in other.csv:1 and 0 in train.csv:4)",
    )


def test_names_of_files_may_be_any_bytes(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.mp4")).touch()
    (root / "train.csv").write_bytes(b"caf\xe9.mp4 1\nth\xe9.mp4 2\n")
    listing = read(root)
    assert [e.path for e in listing.splits["train"]] == [os.fsdecode(b"caf\xe9.mp4")]
    assert listing.problems[0].where == "train.csv:2" and "th\\xe9.mp4 isn't UTF-8" in listing.problems[0].what


@pytest.mark.parametrize(
    "written",
    [
        b"d.avi, 0\r\nclips/f 2.mp4, 7\r\n",
        "\ufeffpath,label\nd.avi,0\nclips/f 2.mp4,7\n".encode(),
        "d.avi 0\nclips/f 2.mp4 7\n".encode("utf-16"),
        b"# my list\nd.avi 0  # the first one\nclips/f 2.mp4 7\n",
        b"label;video\n0;d.avi\n7;clips\\f 2.mp4\n",
    ],
)
def test_lists_as_people_write_them(root: Path, written: bytes) -> None:
    (root / "val.csv").write_bytes(written)
    listing = read(root)
    assert [(e.path, e.labels["label"]) for e in listing.splits["val"]] == [("d.avi", "0"), ("clips/f 2.mp4", "7")]
    assert listing.problems == ()


def test_there_must_be_a_list(tmp_path: Path) -> None:
    video(tmp_path / "a.mp4", 1)
    text(tmp_path / "labels.csv", "path,x", "a.mp4,1")
    text(tmp_path / ".train.csv", "a.mp4 1")
    with pytest.raises(MissingFilesError, match="no list here"):
        read(tmp_path)
    with pytest.raises(MissingFilesError, match="no such folder"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("train.csv", "path,label\na.mp4,1"),
        ("train.csv", "<html>sign in</html>"),
        ("train.csv", " \n"),
        ("files.csv", "a.mp4 1"),
        ("problems.CSV", "a.mp4 1"),
    ],
)
def test_files_of_another_format_are_refused(root: Path, name: str, written: str) -> None:
    text(root / name, written)
    with pytest.raises(AnnotationError, match=name):
        read(root)


def test_a_scan_reads_or_refuses_unusual_files(root: Path, tmp_path: Path, make_video: Callable[..., Path]) -> None:
    make_video(
        root / "vari able.mkv", pixels(20, 1), pts=np.cumsum([1, 3, 1, 7] * 5).tolist(), time_base=Fraction(1, 50)
    )
    make_video(root / "turned.mp4", pixels(4, 2), rotation=90)
    video(root / "one 日本.mp4", 1)
    image(root / "still.png")
    with av.open(str(root / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1_024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    (root / "inner.mp4").symlink_to(root / "turned.mp4")
    (root / "outer.mp4").symlink_to(video(tmp_path / "else.mp4", 1))
    names = [
        "vari able.mkv",
        "turned.mp4",
        "one 日本.mp4",
        "still.png",
        "inner.mp4",
        "sound.mp4",
        "outer.mp4",
        "gone.mp4",
    ]
    text(root / "train.csv", *(f"{name} {number}" for number, name in enumerate(names)))
    listed = [e.path for e in read(root).splits["train"]]
    assert listed == names
    files = scan_files(root, listed, tmp_path / "files.jsonl", workers=1, links=False, progress=False)
    assert [files[name].frames for name in names] == [20, 4, 1, 1, 4, 0, 0, 0]
    assert (files["turned.mp4"].height, files["turned.mp4"].width) == (64, 48)
    for name, reason in zip(names[5:], ["", "leads out of", "no such file"], strict=True):
        defect = files[name].defect
        assert defect and reason in defect
