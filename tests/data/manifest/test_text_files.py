from __future__ import annotations

import pytest

from auxjepa.data.manifest.text_files import Record, TextFileError, decode, records, split_off_delimiter

TEXT = "path,kind\n日本.mp4,wälk\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_encoding_that_the_file_shows_is_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac-roman", "cp1251", "shift-jis"])
def test_any_other_encoding_is_refused_with_the_line_and_a_remedy(encoding: str) -> None:
    word = {"cp1251": "ходьба", "shift-jis": "歩く"}.get(encoding, "wälk")
    data = f"path,kind\na.mp4,walk\nb.mp4,{word}\n".encode(encoding)
    with pytest.raises(TextFileError, match=r"line 3 is not UTF-8 \(byte 0x..\): save the file as UTF-8"):
        decode(data)
    assert decode(data, keep_bytes=True).startswith("path,kind\na.mp4,walk\nb.mp4,")


def test_damage_is_refused() -> None:
    with pytest.raises(TextFileError, match="line 2 holds a zero byte"):
        decode(b"path,kind\n\0\0\0\0")
    for head in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        with pytest.raises(TextFileError, match="is an Excel workbook"):
            decode(head + b"path,kind\n")
    with pytest.raises(TextFileError, match="begins as UTF-16 and isn't"):
        decode(b"\xff\xfea\0b")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a,b\r\nc, d \r\n", [("a", "b"), ("c", "d")]),
        ('a,b\rc,"d, e"\r', [("a", "b"), ("c", "d, e")]),
        ('a, "b"\n\n , \nc,d ""e"" f', [("a", "b"), ("c", 'd ""e"" f')]),
        ('a,b\n"""c""",d', [("a", "b"), ('"c"', "d")]),
        ('a,b\nc,"two\nlines"\n', [("a", "b"), ("c", "two\nlines")]),
    ],
)
def test_rows(text: str, cells: list[tuple[str, ...]]) -> None:
    assert [record.cells for record in records(text, ",")] == cells


def test_rows_have_the_number_of_their_first_line() -> None:
    text = 'a,b\n\n"x\ny",1\nz,2\n'
    assert list(records(text, ","))[1:] == [Record(3, ("x\ny", "1")), Record(5, ("z", "2"))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('path,kind\na,b\n"c,d\ne,f\n', "line 3: a quote is opened and never closed"),
        ('path,kind\na,"b\n' + "c,d\n" * 100_000, "line 2: a quote is opened and never closed"),
        ('path,kind\na,"b\nc,d"\n', "line 2: a quote is opened and closed only on line 3"),
        ('path,kind\na,"b\nc,d\ne,f"\ng,h\n', "line 2: a quote is opened and closed only on line 4"),
        ('path,kind\na,"b" c\n', "line 2: text follows a closing quote"),
        ('path,kind\na,"b\nc,"d\n', "line 2: text follows a closing quote"),
    ],
)
def test_an_unbalanced_quote_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(TextFileError, match=why):
        list(records(text, ","))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("path,kind\n", ","),
        ("path;kind\na;b,c\n", ";"),
        ("\n\nkind\tPath\n", "\t"),
        ("path\n", ","),
        ("sep=|\npath|kind\n", "|"),
        ("file;kind\n", ","),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    result, rest = split_off_delimiter(text, ("path",))
    assert result == delimiter and rest.count("\n") == text.count("\n") and not rest.startswith("sep=")
