from __future__ import annotations

import pytest

from auxjepa.data.manifest.text_files import TextFileError
from auxjepa.data.sets.path_lines import Lines, read_lines


def read(text: str, *there: str) -> Lines:
    return read_lines(text, lambda name: name in there)


def examples(result: Lines) -> list[tuple[str, str]]:
    return [(line.path, line.label) for line in result.examples]


@pytest.mark.parametrize(
    ("line", "path", "label"),
    [
        ("a.mp4 3", "a.mp4", "3"),
        ("a.mp4, 3", "a.mp4", "3"),
        ("a.mp4,3,", "a.mp4", "3"),
        ("a.mp4\t3", "a.mp4", "3"),
        ("a.mp4 ; 3", "a.mp4", "3"),
        ("a.mp4 -1", "a.mp4", "-1"),
        ("a.mp4 3.0", "a.mp4", "3"),
        ("a.mp4 007", "a.mp4", "7"),
        ('"a b.mp4" 3', "a b.mp4", "3"),
        ('"a b.mp4", "3"', "a b.mp4", "3"),
        ("'a b.mp4' 3", "a b.mp4", "3"),
        ('"a ""b"".mp4" 3', 'a "b".mp4', "3"),
        ("a b, c.MP4 3", "a b, c.MP4", "3"),
        ("clip 2.mp4 7.webm 3", "clip 2.mp4 7.webm", "3"),
        ("dir\\a b.avi 3", "dir\\a b.avi", "3"),
        ("frames of a clip 3", "frames of a clip", "3"),
        ("a.mp4 3 # take 2", "a.mp4", "3"),
        ("a.mp4::3", "a.mp4", "3"),
    ],
)
def test_a_line(line: str, path: str, label: str) -> None:
    result = read(f"{line}\r\n")
    assert examples(result) == [(path, label)] and result.faults == [] and result.notes == []


def test_the_number_of_frames_gives_a_note_and_is_not_used() -> None:
    result = read("a.mp4 16 3\nb c.mp4 240 0\n")
    assert examples(result) == [("a.mp4", "3"), ("b c.mp4", "0")]
    assert result.notes == ["its lines are read as PATH FRAMES LABEL, and the frames aren't used"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a.mp4 1 2 3\nb.mp4 1 2 4\n", [1, 2]),
        ("a.mp4 1\nb.mp4 16 2\nc.mp4 1\n", [2]),
        ("a.mp4\nb.mp4 1\n", [1]),
        ("a.mp4 walk\nb.mp4 1\n", [1]),
        ("a.mp4 1.5\nb.mp4 -2\n", [1, 2]),
        ("a.mp4::\n7\n", [1, 2]),
    ],
)
def test_ambiguous_lines_are_refused(text: str, wrong: list[int]) -> None:
    assert [number for number, _ in read(text).faults] == wrong


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("path label\na.mp4 3\nb c.mp4 4\n", "34"),
        ("video frames label\na.mp4 16 3\nb c.mp4 16 4\n", "34"),
        ("video label frames\na.mp4 3 16\nb c.mp4 4 16\n", "34"),
        ("path,label\na.mp4,3\nb c.mp4,4\n", "34"),
        ('"Label";"Path"\n"3";"a.mp4"\n"4";"b c.mp4"\n', "34"),
        (",filename,frames,class\n0,a.mp4,16,3\n1,b c.mp4,16,4.0\n", "34"),
        ("file\tnumber\na.mp4\t3\nb c.mp4\t4\n", "34"),
        ("# path, label\na.mp4, 3\n#c.mp4, 9\nb c.mp4, 4\n", "34"),
    ],
)
def test_a_first_line_names_the_columns(text: str, labels: str) -> None:
    result = read(text)
    assert examples(result) == [("a.mp4", labels[0]), ("b c.mp4", labels[1])] and result.faults == []
    assert len(result.notes) == 1


def test_a_table_without_a_name_for_its_labels_is_refused() -> None:
    result = read("path,verb,noun\na.mp4,3,4\n")
    assert result.examples == [] and "rename the column of labels 'label'" in result.faults[0][1]
    result = read("path,label\na.mp4,walk\nb.mp4,\nc.mp4,nan\nd.mp4\n")
    assert examples(result) == [("b.mp4", "-1"), ("c.mp4", "-1")]
    assert [number for number, _ in result.faults] == [2, 5]
    with pytest.raises(TextFileError, match="line 2: a quote is opened and never closed"):
        read('path,label\n"a.mp4,3\nb.mp4,4\n')


def test_a_name_with_a_number_sign_is_no_comment_if_the_file_exists() -> None:
    text = "#20 clap.avi 1\n#21 clap.avi 1\n"
    assert examples(read(text, "#20 clap.avi")) == [("#20 clap.avi", "1")]
    assert read(text, "#20 clap.avi").notes == ["1 of its lines begin with # and are comments"]
    assert examples(read("a #1 2\n", "a #1")) == [("a #1", "2")]


def test_words_are_texts() -> None:
    (line,) = read("a.mp4::he waves, 3 times\n").examples
    assert (line.path, line.label, line.words) == ("a.mp4", "-1", "he waves, 3 times")
