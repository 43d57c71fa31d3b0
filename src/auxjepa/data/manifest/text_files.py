"""Reads users' text files: their encoding, and tables whose values are separated by commas, semicolons or tabs.

An encoding is accepted only if the file shows which one it is (a mark at its beginning, valid UTF-8, or the zero bytes
of UTF-16). Anything else could be one of dozens of encodings, so that it is refused with the line and a remedy.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t")
_MARKS = (  # longer marks first: the mark of UTF-32 begins with the mark of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE = "save the file as UTF-8 (in Excel: 'CSV UTF-8'; elsewhere: iconv -f WINDOWS-1252 -t UTF-8, or what it is in)"
_CLOSE = 'close it, or double it ("") where it is part of the text'


class TextFileError(ValueError):
    """The text file is invalid. The message is one line with the fault and its place, without the file's name."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table.

    Args:
        line: number of its first line, from 1.
        cells: its values, without blanks around them.
    """

    line: int
    cells: tuple[str, ...]


def decode(data: bytes, *, keep_bytes: bool = False) -> str:
    """Return the text of a file: UTF-8, or UTF-16 or UTF-32 if the file shows that.

    Args:
        data: the content of the file.
        keep_bytes: whether bytes that aren't UTF-8 become lone surrogates, as in file names.

    Raises:
        TextFileError: when the encoding can't be recognised, or the text doesn't follow it.
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
            raise TextFileError(f"line {line} is not UTF-8 (byte 0x{data[error.start]:02x}): {_SAVE}") from None
        else:
            raise TextFileError(f"begins as {encoding.upper()} and isn't ({error.reason}): {_SAVE}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TextFileError(f"line {line} holds a zero byte: the file is damaged, or no text")
    return text


def not_utf8(line: int, value: str) -> TextFileError:
    """Return the error for a value that was read with ``keep_bytes`` and holds invalid bytes."""
    byte = next(ord(letter) - 0xDC00 for letter in value if 0xDC80 <= ord(letter) <= 0xDCFF)
    return TextFileError(f"line {line} is not UTF-8 (byte 0x{byte:02x}): {_SAVE}")


def has_bytes(value: str) -> bool:
    """Check whether a value that was read with ``keep_bytes`` holds bytes that aren't UTF-8."""
    return any(0xDC80 <= ord(letter) <= 0xDCFF for letter in value)


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the rows of a table that aren't empty. Quotes follow RFC 4180, and blanks may follow a delimiter.

    Raises:
        TextFileError: for a quote that isn't closed, or that a later row closes by accident.
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
    """Refuse a row whose values contain other rows, because a quote is closed by accident.

    Args:
        row: its values.
        first: first line of the row.
        last: last line of the row.
        delimiter: between values.
        width: number of columns.

    Raises:
        TextFileError: with both lines.
    """
    if last > first and any(part.count(delimiter) >= width - 1 > 0 for value in row for part in value.splitlines()[1:]):
        raise TextFileError(f"line {first}: a quote is opened and closed only on line {last}: {_CLOSE}")


def split_off_delimiter(text: str, needed: Sequence[str]) -> tuple[str, str]:
    """Return the delimiter of a table, and the text with Excel's line ``sep=;`` blanked.

    Args:
        text: the table.
        needed: columns that the first line names. The first delimiter that separates them is returned.
    """
    first, newline, remaining = text.partition("\n")
    declaration = first.rstrip("\r")
    if declaration.lower().startswith("sep=") and len(declaration) == 5:
        return declaration[4], newline + remaining
    head = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    names = {d: [name.strip(" \t\r\n\"'").lower() for name in head.split(d)] for d in DELIMITERS}
    return next((d for d in DELIMITERS if all(name in names[d] for name in needed)), DELIMITERS[0]), text


def _without_mark(data: bytes) -> str:
    """Return the encoding of a file without a mark: UTF-16 if its first letters have zero bytes, else UTF-8."""
    head = data[:8]
    even, odd = head[::2], head[1::2]
    if len(head) >= 4 and not any(odd) and all(even):
        return "utf-16-le"
    if len(head) >= 4 and not any(even) and all(odd):
        return "utf-16-be"
    return "utf-8"
