"""Parse lists of paths and labels in all common notations.

Each of these has one meaning: ``a.mp4 3``, ``a.mp4, 3``, ``"a b.mp4";3``, ``a.mp4 16 3`` (with the number of frames),
and a table whose first line names the columns. A line with two possible meanings is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from auxjepa.data.manifest.labels import is_blank
from auxjepa.data.manifest.text_files import DELIMITERS, records, split_off_delimiter
from auxjepa.data.media.open import MOVING, STILLS

FORMAT = "lines PATH LABEL, separated by a space, the label a whole number"
NONE = "-1"
_LABEL = re.compile(r"(\d{1,18})(\.0+)?", re.ASCII)
_MEDIA = "|".join(sorted(MOVING | STILLS))
_NUMBERS = r"(?:[\s,;]+[\"']?[-+]?\d+(?:\.\d+)?[\"']?)"
_LINE = re.compile(rf"(.*\.(?:{_MEDIA})[\"']?)({_NUMBERS}*)[\s,;]*", re.ASCII | re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"[\s,;]+(\S+)')
_TAIL = re.compile(r"(.*?)[\s,;]+(\S+)", re.DOTALL)
_COMMENT = re.compile(r"\s#")
_PATH_NAMES = frozenset(
    "path file filename file_name filepath file_path video video_path video_name name clip image image_path".split()  # noqa: SIM905
)
_LABEL_NAMES = frozenset("label labels class class_id class_idx label_id label_idx target category action y".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list that is an example.

    Args:
        number: number of the line, from 1.
        path: path as the list has it.
        label: whole number, "-1" for no label.
        words: words after ``::``.
    """

    number: int
    path: str
    label: str
    words: str = ""


@dataclass
class Lines:
    """The parsed lines of a list.

    Args:
        examples: examples in the order of the list.
        faults: number and fault of each line that can't be used.
        notes: how unusual lines were read.
        columns: columns that the first line names; empty without such a line.
    """

    examples: list[Line] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()


def read_lines(text: str, exists: Callable[[str], bool]) -> Lines:
    """Return the examples and faults of a list.

    Args:
        text: content of the list.
        exists: function that checks whether a file exists; it is called only for names with two possible meanings.

    Raises:
        TextFileError: if the list is a table with an unbalanced quote.
    """
    numbered, comments = _number_lines(text, exists)
    if numbered and _names_columns(numbered[0][1]):
        result = _read_table(text, *numbered[0])
    else:
        result = _read_list(numbered, exists)
    if comments:
        result.notes.append(f"{comments:,} of its lines begin with # and are comments")
    return result


def _number_lines(text: str, exists: Callable[[str], bool]) -> tuple[list[tuple[int, str]], int]:
    """Return number and text of each line with content, and the number of comments."""
    # Only a line feed ends a line, because a name may hold any other character that Python splits lines at.
    lines = enumerate(text.split("\n" if "\n" in text else "\r"), start=1)
    nonblank = [(number, line.strip()) for number, line in lines if line.strip()]
    content = [(number, line) for number, line in nonblank if line[0] != "#" or exists(_split_line(line)[0])]
    return content, len(nonblank) - len(content)


def _read_list(lines: Sequence[tuple[int, str]], exists: Callable[[str], bool]) -> Lines:
    """Parse lines ``PATH LABEL`` or ``PATH FRAMES LABEL``, after an optional line that names the columns."""
    result, columns = Lines(), None
    cells = _cells(lines[0][1]) if lines else [""]
    if cells[0] in _PATH_NAMES and any(cell in _LABEL_NAMES for cell in cells) and not any(map(_label, cells)):
        columns, lines, result.columns = cells, lines[1:], tuple(cells)
        result.notes.append(f"its first line names the columns {', '.join(cells)}")
    parsed = [(number, line, *_split_comment(line, exists)) for number, line in lines]
    widths = Counter(len(numbers) for _, _, _, numbers, words in parsed if not words)
    width = len(columns) - 1 if columns else widths.most_common(1)[0][0] if widths else 1
    index = next((n for n, cell in enumerate(columns[1:]) if cell in _LABEL_NAMES), None) if columns else width - 1
    for number, line, path, numbers, words in parsed:
        label = NONE if words else _label(numbers[-1]) if len(numbers) == 1 else None
        if not words and len(numbers) > 1:
            if len(numbers) != width or index is None or (width > 2 and not columns):
                which = f"{line[:100]!r} has {len(numbers)} numbers after the path"
                result.faults.append((number, f"{which}: all lines of a list are PATH LABEL, or all PATH FRAMES LABEL"))
                continue
            label = _label(numbers[index])
        if label is None:
            result.faults.append((number, f"{line[:100]!r} isn't a path and a whole number, separated by a space"))
        else:
            result.examples.append(Line(number, path, label, words))
    if width == 2 and result.examples and not columns:
        result.notes.append("its lines are read as PATH FRAMES LABEL, and the frames aren't used")
    return result


def _split_comment(line: str, exists: Callable[[str], bool]) -> tuple[str, list[str], str]:
    """Split a line like :func:`_split_line`, without a comment at its end."""
    parts = _split_line(line)
    comment = _COMMENT.search(line)
    if comment is None or parts[2] or _LINE.fullmatch(line) or exists(parts[0]):
        return parts
    before = _split_line(line[: comment.start()].rstrip())
    return before if before[1] else parts


def _split_line(line: str) -> tuple[str, list[str], str]:
    """Return path, numbers after it and words of a line; a path without quotes ends at the last space."""
    quoted = _QUOTED.fullmatch(line)
    if quoted:
        return quoted[1].replace('""', '"'), [quoted[2].strip("\"',;")], ""
    if "::" in line:
        path, _, words = line.partition("::")
        return (path.strip(), [words.strip()], "") if _label(words.strip()) else (path.strip(), [], words.strip())
    match = _LINE.fullmatch(line)
    if match:
        return _remove_quotes(match[1]), re.findall(r"[^\s,;\"']+", match[2]), ""
    tail = _TAIL.fullmatch(line)
    return (tail[1], [tail[2]], "") if tail and _label(tail[2]) else (line, [], "")


def _remove_quotes(path: str) -> str:
    if len(path) > 2 and path[0] == path[-1] and path[0] in "\"'":
        return path[1:-1].replace(path[0] * 2, path[0]) if path[0] == '"' else path[1:-1]
    return path


def _label(written: str) -> str | None:
    """Return a label as a whole number, "-1" for no label; None if it is no whole number."""
    match = _LABEL.fullmatch(written)
    if match:
        return str(int(match[1]))
    return NONE if written in (NONE, "-1.0") else None


def _cells(line: str) -> list[str]:
    return [cell.strip("\"'").lower() for cell in re.split(r"[\s,;]+", line)]


def _names_columns(line: str) -> bool:
    """Check whether a line with delimiters names the columns of a table."""
    cells = [cell.strip("\"' ").lower() for cell in re.split(r"[,;\t]", line)]
    return len(cells) > 1 and any(cell in _PATH_NAMES for cell in cells) and not any(map(_label, cells))


def _read_table(text: str, number: int, heading: str) -> Lines:
    """Parse a table.

    Args:
        text: content of the list.
        number: number of the line that names the columns.
        heading: that line.
    """
    lines = text.split("\n")
    text = "\n".join([""] * (number - 1) + lines[number - 1 :])  # blank lines keep the line numbers
    name = next(cell for cell in _cells(heading) if cell in _PATH_NAMES)
    delimiter = next((d for d in DELIMITERS if split_off_delimiter(heading, (name,))[0] == d), ",")
    rows = records(text, delimiter)
    names = [cell.lower() for cell in next(rows).cells]
    path = names.index(name)
    other_columns = [index for index, cell in enumerate(names) if index != path and cell]
    labels = [index for index in other_columns if names[index] in _LABEL_NAMES] or other_columns
    result = Lines(notes=[f"its first line names the columns {', '.join(names)}"], columns=tuple(names))
    for row in rows:
        cell = row.cells[labels[0]] if len(row.cells) > labels[0] else ""
        if len(labels) > 1:
            what = f"the first line names the columns {', '.join(names)}: rename the column of labels 'label'"
            result.faults.append((number, what))
            break
        if len(row.cells) < len(names) or any(row.cells[len(names) :]):
            what = f"the line has {len(row.cells)} values; the first line names {len(names)} columns"
            result.faults.append((row.line, what))
        elif not row.cells[path]:
            result.faults.append((row.line, "the line has no path"))
        elif not is_blank(cell) and cell.lower() != "none" and _label(cell) is None:
            result.faults.append((row.line, f"the label {cell[:50]!r} isn't a whole number"))
        else:
            result.examples.append(Line(row.line, row.cells[path], _label(cell) or NONE))
    return result
