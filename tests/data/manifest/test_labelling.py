from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.labelling import LabelledExamples, join_labels
from auxjepa.data.manifest.labels import read_labels
from auxjepa.data.manifest.scan import Scanned

FRAMES = {"a.mp4": 10, "b.mp4": 20, "c/d.mp4": 30}
SCANNED = {
    **{name: Scanned(name, 1, 1, "00", None, frames=frames) for name, frames in FRAMES.items()},
    "broken.mp4": Scanned("broken.mp4", 1, 1, "", "cut short"),
}


def join(folder: Path, *lines: str) -> LabelledExamples:
    (folder / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return join_labels(SCANNED, read_labels(folder / "labels.csv"), folder)


def labelled(joined: LabelledExamples, column: str = "kind") -> dict[str, str]:
    return {entry.name: own.get(column, "") for entry, own in zip(joined.entries, joined.labels, strict=True)}


def test_a_row_that_comes_twice_counts_once_and_is_reported(tmp_path: Path) -> None:
    rows = ("a.mp4,red,", "b.mp4,blue,1", "./a.mp4,red,2", "c\\d.mp4,blue,", "b.mp4,blue,1")
    result = join(tmp_path, "path,kind,speed", *rows)
    assert labelled(result) == {"a.mp4": "red", "b.mp4": "blue", "c/d.mp4": "blue"}
    assert labelled(result, "speed") == {"a.mp4": "2", "b.mp4": "1", "c/d.mp4": ""}, "empty cells are filled"
    assert [one.path for one in result.defects] == ["broken.mp4"] and result.left_out == 1
    assert result.notes == [
        "labels.csv: 1 of its rows spell a path differently from the file (the first: line 5: c\\d.mp4 is c/d.mp4)",
        "labels.csv: 2 of its rows repeat others and count once (the first: a.mp4 on lines 2 and 4)",
    ]


@pytest.mark.parametrize("second", ["a.mp4", "./a.mp4", ".//a.mp4", "x/../a.mp4", "'a.mp4'"])
def test_a_file_with_two_labels_is_left_out(tmp_path: Path, second: str) -> None:
    result = join(tmp_path, "path,kind", "a.mp4,red", "b.mp4,red", f"{second},blue")
    assert labelled(result) == {"b.mp4": "red", "c/d.mp4": ""}
    defects = {one.path: one.defect for one in result.defects}
    assert defects["a.mp4"] == "labels.csv gives it 2 values of kind: red (line 2) and blue (line 4)"
    assert result.left_out == 2 and any("contradict each other" in note for note in result.notes)


def test_two_labels_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "link.mp4").symlink_to("a.mp4")
    result = join(tmp_path, "path,kind", "a.mp4,red", "link.mp4,blue")
    assert "a.mp4" not in labelled(result) and "2 values of kind" in str(result.defects[0].defect)
    result = join(tmp_path, "path,kind", "a.mp4,red", "link.mp4,red")
    assert labelled(result)["a.mp4"] == "red" and "count once" in result.notes[-1]


def test_an_empty_label_contradicts_nothing(tmp_path: Path) -> None:
    result = join(tmp_path, "path,kind", "a.mp4,3", "a.mp4,-1", "a.mp4,", "b.mp4,nan", "c/d.mp4,3.0")
    assert labelled(result) == {"a.mp4": "3", "b.mp4": "", "c/d.mp4": "3"}


def test_segments_differ_by_their_frames(tmp_path: Path) -> None:
    rows = (
        "b.mp4,0,10,x",
        "b.mp4,,10,x",
        "b.mp4,10,20,y",
        "b.mp4,10.0,nan,z",
        "b.mp4,5,9,z",
        "a.mp4,0,10,x",
        "a.mp4,,,x",
    )
    result = join(tmp_path, "path,start,stop,kind", *rows, "gone.mp4,0,5,x", "gone.mp4,5,9,y", "broken.mp4,0,5,x")
    assert labelled(result) == {"a.mp4": "x", "b.mp4[0:10]": "x", "b.mp4[5:9]": "z", "c/d.mp4": ""}
    assert {one.path for one in result.defects} == {"b.mp4[10:20]", "broken.mp4", "gone.mp4"}
    assert result.left_out == 4, "the contradiction, the broken file's one row, the two of the missing file"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("b.mp4,5,30,a", "line 2: b.mp4: segment 5 … 30 isn't within its 20 frames"),
        ("b.mp4,-1,9,a", "isn't within"),
        ("b.mp4,9,9,a", "isn't within"),
        ("b.mp4,1.5,9,a", "line 2: b.mp4: start and stop must be frame numbers, got '1.5'"),
        ("b.mp4,0:10,9,a", "must be frame numbers"),
    ],
)
def test_invalid_segments_are_refused(tmp_path: Path, row: str, why: str) -> None:
    with pytest.raises(ManifestError, match=why):
        join(tmp_path, "path,start,stop,kind", row)


def test_missing_files_have_a_reason(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    result = join(tmp_path, "path,kind", "gone.mp4,x", "notes.txt,x", "../up.mp4,x", "A.mp4,x", "./gone.mp4,y")
    assert {one.path: one.defect for one in result.defects if one.path != "broken.mp4"} == {
        "gone.mp4": "listed in labels.csv, but there is no such file",
        "notes.txt": "listed in labels.csv, but it isn't read: its name isn't a video's",
        "../up.mp4": "listed in labels.csv, but its path steps up with '..'",
        "A.mp4": "listed in labels.csv, but there is no such file (there is a.mp4)",
    }
    assert result.left_out == 5 and len(result.entries) == 3


def test_a_table_without_rows_is_reported(tmp_path: Path) -> None:
    result = join(tmp_path, "path,kind")
    assert labelled(result) == {"a.mp4": "", "b.mp4": "", "c/d.mp4": ""} and result.notes == [
        "labels.csv lists no file"
    ]
