"""Read annotation files, JSON and comma-separated tables, and report files of another format in one line."""

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
    """Return the content of a UTF-8 text file, with or without a byte order mark.

    Raises:
        AnnotationError: if the file is empty, isn't UTF-8, or is a web page that was saved in place of the file.
    """
    text = _decode(path)
    refuse_other_content(path, text)
    return text


def read_nonblank_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``file:number``, for messages, and the text of each line of a UTF-8 file that isn't blank.

    Raises:
        AnnotationError: if the file isn't UTF-8.
    """
    for number, line in enumerate(_decode(path).splitlines(), start=1):
        if line.strip():
            yield f"{path.name}:{number}", line.strip()


def _decode(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnnotationError(path, f"not UTF-8 text ({error.reason} at byte {error.start}, line {line})") from None


def refuse_other_content(path: Path, text: str) -> None:
    """Check that a file isn't empty and isn't a web page.

    Args:
        path: path of the file, for the message.
        text: content of the file.

    Raises:
        AnnotationError: if it is empty or a web page.
    """
    if not text.strip("\0 \t\r\n"):
        raise AnnotationError(path, "the file is empty: download it again")
    if text.lstrip()[:100].lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<error")):
        raise AnnotationError(path, "a web page that was saved in place of the file: download it again")


def read_json(path: Path, kind: type) -> Any:
    """Return the content of a JSON file.

    Args:
        path: path of the file.
        kind: type of its content, ``list`` or ``dict``.

    Raises:
        AnnotationError: if the file isn't JSON, is cut short or has content of another type.
    """
    text = read_text(path)
    try:
        content = json.loads(text)
        if _SURROGATE.search(text):  # a name with a lone surrogate can't be written to a file
            json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        why = "it ends too early, the download was cut short" if cut else error.msg
        raise AnnotationError(path, f"not JSON: {why} (line {error.lineno}, column {error.colno})") from None
    except UnicodeEncodeError:
        raise AnnotationError(path, "not the published format: half a character (a lone surrogate escape)") from None
    except ValueError:  # Python limits the digits of a whole number
        raise AnnotationError(path, "not the published format: a number of thousands of digits") from None
    except RecursionError:
        raise AnnotationError(path, "not the published format: nested too deeply") from None
    if not isinstance(content, kind):
        names = {list: "a list", dict: "an object"}
        actual = names.get(type(content), "a single value")
        raise AnnotationError(path, f"not the published format: {actual} rather than {names[kind]}")
    return content


def read_table(
    path: Path, needed: Sequence[str], optional: Sequence[str] = (), delimiter: str = ","
) -> Iterator[tuple[int, tuple[str, ...] | None]]:
    """Yield the rows of a table whose first line names the columns.

    Args:
        path: path of the file.
        needed: columns to return first, in this order.
        optional: columns to return after them; other columns are ignored.
        delimiter: sign between two values.

    Yields:
        The number of the line, and its values: "" for an optional column that is missing; None instead of the values
        if the line has fewer values than the first line names columns.

    Raises:
        AnnotationError: if a needed column is missing, or the file isn't such a table.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(rows)]
        if not set(needed) <= set(names):
            expected = delimiter.join((*needed, *optional))
            raise AnnotationError(path, f"the columns are {delimiter.join(names)[:200]!r}, expected {expected!r}")
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


def find_file(root: Path, *places: str) -> Path | None:
    """Return the first of several places below ``root`` that is a file; None if there is none.

    Args:
        root: root of the data set.
        places: paths relative to the root.
    """
    return next((root / place for place in places if (root / place).is_file()), None)
