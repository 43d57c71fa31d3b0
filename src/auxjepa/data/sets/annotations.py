"""Annotation files as people have them: JSON and comma-separated tables, and what is wrong with one that isn't."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.text_files import TextFileError, check_quotes

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_text(path: Path) -> str:
    """A text file; UTF-8 with or without a mark.

    Raises:
        AnnotationError: when it is empty, no UTF-8 or a web page that was saved in its place.
    """
    text = decoded(path)
    refuse_other_content(path, text)
    return text


def decoded(path: Path) -> str:
    """The text of a UTF-8 file, whatever it says.

    Raises:
        AnnotationError: when it is no UTF-8.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnnotationError(path, f"not UTF-8 text ({error.reason} at byte {error.start}, line {line})") from None


def refuse_other_content(path: Path, text: str) -> None:
    """Refuse a file that holds nothing, or a web page.

    Raises:
        AnnotationError: in these cases.
    """
    if not text.strip("\0 \t\r\n"):
        raise AnnotationError(path, "the file is empty: download it again")
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<error")):
        raise AnnotationError(path, "a web page that was saved in place of the file: download it again")


def read_json(path: Path, kind: type) -> Any:
    """The content of a JSON file.

    Args:
        kind: what it must hold, ``list`` or ``dict``.

    Raises:
        AnnotationError: when it isn't JSON, was cut short or holds something else.
    """
    text = read_text(path)
    try:
        content = json.loads(text)
        if _SURROGATE.search(text):  # names with half a character could be written nowhere
            json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        why = "it ends too early, the download was cut short" if cut else error.msg
        raise AnnotationError(path, f"not JSON: {why} (line {error.lineno}, column {error.colno})") from None
    except UnicodeEncodeError:
        raise AnnotationError(path, "not the published format: half a character (a lone surrogate escape)") from None
    except ValueError:  # from Python's limit on the digits of a whole number
        raise AnnotationError(path, "not the published format: a number of thousands of digits") from None
    except RecursionError:
        raise AnnotationError(path, "not the published format: nested too deeply") from None
    if not isinstance(content, kind):
        names = {list: "a list", dict: "an object"}
        found = names.get(type(content), "a single value")
        raise AnnotationError(path, f"not the published format: {found} rather than {names[kind]}")
    return content


def read_table(
    path: Path, needed: Sequence[str], optional: Sequence[str] = (), delimiter: str = ","
) -> Iterator[tuple[int, tuple[str, ...] | None]]:
    """Rows of a table that has its columns' names in the first line.

    Args:
        needed, optional: columns to return, in this order; any others are left out.

    Yields:
        The line's number and its values, "" for an optional column that isn't there, or None where the line has
        fewer values than there are columns.

    Raises:
        AnnotationError: when a needed column is missing, or the file isn't such a table.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(rows)]
        if not set(needed) <= set(names):
            wanted = delimiter.join((*needed, *optional))
            raise AnnotationError(path, f"the columns are {delimiter.join(names)[:200]!r}, expected {wanted!r}")
        places = [names.index(name) if name in names else len(names) for name in (*needed, *optional)]
        width, line = len(names), rows.line_num + 1
        for row in rows:
            check_quotes(row, line, rows.line_num, delimiter, width)
            line = rows.line_num + 1
            if len(row) >= width:
                row[width:] = [""]
                yield rows.line_num, tuple([row[place].strip() for place in places])
            elif any(row):
                yield rows.line_num, None
    except TextFileError as error:
        raise AnnotationError(path, str(error)) from None
    except csv.Error as error:
        raise AnnotationError(path, f"not a table of comma-separated values: {error} (line {rows.line_num})") from None


def present(root: Path, *places: str) -> Path | None:
    """The first of several places below ``root`` that holds a file, for files that may be missing."""
    return next((root / place for place in places if (root / place).is_file()), None)
