from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError
from auxjepa.data.sets.annotations import find_file, read_json, read_table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\0" * 512, "the file is empty"),
        (b"\r\n<!DOCTYPE html><html><body>Sign in</body></html>", "a web page that was saved in place of the file"),
        (b'[{"id": "1", "label": "hol', "ends too early"),
        (b'[{"id": "1"}', "ends too early"),
        (b"[{'id': 1}]", "not JSON: Expecting property name"),
        (b'{"id": "1"}', "an object rather than a list"),
        (b"7", "a single value rather than a list"),
        ('[\n{"label": "café"}]'.encode("latin-1"), r"not UTF-8 text .*line 2"),
        ("[1]".encode("utf-16"), "not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (rb'[{"id": "1\uD83D"}]', "half a character"),
        (b"[" + b"9" * 5_000 + b"]", "thousands of digits"),
    ],
)
def test_a_file_that_is_not_json_is_refused_with_the_reason(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "train.json"
    file.write_bytes(content)
    with pytest.raises(AnnotationError, match=message) as caught:
        read_json(file, list)
    assert caught.value.path == file and "\n" not in str(caught.value)


def test_json_with_a_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    file.write_bytes(b'\xef\xbb\xbf{"caf\xc3\xa9": "0"}\r\n')
    assert read_json(file, dict) == {"café": "0"}
    file.write_bytes(rb'["\ud83d\ude00"]')
    assert read_json(file, list) == ["😀"]


def test_a_table_is_read_by_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "train.csv"
    file.write_bytes(b'\xef\xbb\xbfSplit, label ,id\r\ntrain,"a, ""b""",1\r\n\r\ntrain,c\r\ntrain,d,2,more\r\n')
    assert list(read_table(file, ("id", "label"), ("is_cc",))) == [
        (2, ("1", 'a, "b"', "")),
        (4, None),
        (5, ("2", "d", "")),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"youtube_id,start\n1,2\n", "the columns are 'youtube_id,start', expected 'youtube_id,label'"),
        (b"youtube_id,label\n1,2\n" + b'"' + b"x" * 200_000, r"field larger than field limit .*\(line"),
        (b'youtube_id,label\n1,"2\n3,4\n5,6"\n', "line 2: a quote is opened and closed only on line 4"),
        (b"<html>not found</html>", "a web page"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "train.csv"
    file.write_bytes(content)
    with pytest.raises(AnnotationError, match=message):
        list(read_table(file, ("youtube_id", "label")))


def test_find_file_returns_the_first_place_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").touch()
    assert find_file(tmp_path, "a", "b") == tmp_path / "b" and find_file(tmp_path, "c") is None
