"""Text files as people have them: their encoding, and tables of values that commas, semicolons or tabs separate.

An encoding is taken for granted only where the file says which it is (a mark at its beginning, UTF-8 that is sound, the
zero bytes of UTF-16). Anything else could be one of dozens, so it is refused with the line and what to do.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t")
_MARKS = (  # the longer ones first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE = "save the file as UTF-8 (in Excel: 'CSV UTF-8'; elsewhere: iconv -f WINDOWS-1252 -t UTF-8, or what it is in)"
_CLOSE = 'close it, or double it ("") where it is part of the text'


class TextFileError(ValueError):
    """What is wrong with a text file, and where: one line without the file's name."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table: the number of its first line, from 1, and its values, blanks around them removed."""

    line: int
    cells: tuple[str, ...]


def decode(data: bytes, *, keep_bytes: bool = False) -> str:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 where the file says so.

    Args:
        keep_bytes: bytes that aren't UTF-8 become lone surrogates, as in names of files.

    Raises:
        TextFileError: when the encoding can't be told, or the text doesn't follow it.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TextFileError("is an Excel workbook or an archive, no text: save the table as 'CSV UTF-8'")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _without_mark(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if keep_bytes and encoding.startswith("utf-8"):
            text = data.decode(encoding, "surrogateescape")
        elif encoding.startswith("utf-8"):
            line = data.count(b"\n", 0, error.start) + 1
            raise TextFileError(f"line {line} is no UTF-8 (byte 0x{data[error.start]:02x}): {_SAVE}") from None
        else:
            raise TextFileError(f"begins as {encoding.upper()} and isn't ({error.reason}): {_SAVE}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TextFileError(f"line {line} holds a zero byte: the file is damaged, or no text")
    return text


def not_utf8(line: int, value: str) -> TextFileError:
    """The error of a value that was read with ``keep_bytes`` and can't stay so."""
    byte = next(ord(letter) - 0xDC00 for letter in value if 0xDC80 <= ord(letter) <= 0xDCFF)
    return TextFileError(f"line {line} is no UTF-8 (byte 0x{byte:02x}): {_SAVE}")


def has_bytes(value: str) -> bool:
    """Whether a value that was read with ``keep_bytes`` holds bytes that aren't UTF-8."""
    return any(0xDC80 <= ord(letter) <= 0xDCFF for letter in value)


def records(text: str, delimiter: str) -> Iterator[Record]:
    """The rows of a table that hold something, quotes as in RFC 4180 and blanks allowed behind a delimiter.

    Raises:
        TextFileError: for a quote that isn't closed, also where one closes it by accident some rows later.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    width, line = 0, 1
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TextFileError(_quote(line, str(error))) from None
        width = width or len(row)
        check_quotes(row, line, reader.line_num, delimiter, width)
        cells = tuple(value.strip() for value in row)
        if any(cells):
            yield Record(line, cells)


def _quote(line: int, why: str) -> str:
    if "expected after" in why:
        return f"line {line}: text follows a closing quote: {_CLOSE}"
    return f"line {line}: a quote is opened and never closed: {_CLOSE}"


def check_quotes(row: Sequence[str], first: int, last: int, delimiter: str, width: int) -> None:
    """Refuse a row whose values have swallowed other rows, since a quote is closed by accident.

    Args:
        first, last: lines that the row takes.
        width: number of columns.

    Raises:
        TextFileError: with both lines.
    """
    if last > first and any(part.count(delimiter) >= width - 1 > 0 for value in row for part in value.splitlines()[1:]):
        raise TextFileError(f"line {first}: a quote is opened and closed only on line {last}: {_CLOSE}")


def split_off_delimiter(text: str, needed: Sequence[str]) -> tuple[str, str]:
    """What separates the values of a table, and the text with the line ``sep=;`` of Excel made blank.

    Args:
        needed: columns that the first line names; the first delimiter that separates them is the one.
    """
    first, newline, rest = text.partition("\n")
    said = first.rstrip("\r")
    if said.lower().startswith("sep=") and len(said) == 5:
        return said[4], newline + rest
    head = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    names = {d: [name.strip(" \t\r\n\"'").lower() for name in head.split(d)] for d in DELIMITERS}
    return next((d for d in DELIMITERS if all(name in names[d] for name in needed)), DELIMITERS[0]), text


def _without_mark(data: bytes) -> str:
    """UTF-16 by the zero bytes of its first letters, else UTF-8."""
    head = data[:8]
    even, odd = head[::2], head[1::2]
    if len(head) >= 4 and not any(odd) and all(even):
        return "utf-16-le"
    if len(head) >= 4 and not any(even) and all(odd):
        return "utf-16-be"
    return "utf-8"
