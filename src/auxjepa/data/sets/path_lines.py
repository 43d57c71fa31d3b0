"""Lines of paths and labels as people and programs write them.

``a.mp4 3``, ``a.mp4, 3``, ``"a b.mp4";3``, ``a.mp4 16 3`` (with the number of frames) and tables whose first line names
the columns each have one meaning. A line that could mean two things is refused.
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
_REMARK = re.compile(r"\s#")
_PATH_NAMES = frozenset(
    "path file filename file_name filepath file_path video video_path video_name name clip image image_path".split()  # noqa: SIM905
)
_LABEL_NAMES = frozenset("label labels class class_id class_idx label_id label_idx target category action y".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Line:
    """A line that lists an example: its number, the path as written, the label ("-1" for none), words after ``::``."""

    number: int
    path: str
    label: str
    words: str = ""


@dataclass
class Lines:
    """What a list says.

    Args:
        listed: its examples in the order written.
        wrong: number and fault of each other line.
        notes: how odd lines were read.
        heading: columns that its first line names.
    """

    listed: list[Line] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heading: tuple[str, ...] = ()


def read_lines(text: str, exists: Callable[[str], bool]) -> Lines:
    """The examples of a list.

    Args:
        exists: whether there is a file of a name; asked only of names that could mean two things.

    Raises:
        TextFileError: when the list is a table with an unbalanced quote.
    """
    written, remarks = _written(text, exists)
    if written and _names_columns(written[0][1]):
        found = _read_table(text, *written[0])
    else:
        found = _read_plain(written, exists)
    if remarks:
        found.notes.append(f"{remarks:,} of its lines begin with # and are remarks")
    return found


def _written(text: str, exists: Callable[[str], bool]) -> tuple[list[tuple[int, str]], int]:
    """The lines that hold something, with their numbers, and how many others are remarks."""
    # Only line feeds end a line: names may hold any other sign that Python takes for an end.
    lines = enumerate(text.split("\n" if "\n" in text else "\r"), start=1)
    written = [(number, line.strip()) for number, line in lines if line.strip()]
    kept = [(number, line) for number, line in written if line[0] != "#" or exists(_parted(line)[0])]
    return kept, len(written) - len(kept)


def _read_plain(written: Sequence[tuple[int, str]], exists: Callable[[str], bool]) -> Lines:
    found, heading = Lines(), None
    cells = _cells(written[0][1]) if written else [""]
    if cells[0] in _PATH_NAMES and any(cell in _LABEL_NAMES for cell in cells) and not any(map(_label, cells)):
        heading, written, found.heading = cells, written[1:], tuple(cells)
        found.notes.append(f"its first line names the columns {', '.join(cells)}")
    parsed = [(number, line, *_without_remark(line, exists)) for number, line in written]
    widths = Counter(len(numbers) for _, _, _, numbers, words in parsed if not words)
    width = len(heading) - 1 if heading else widths.most_common(1)[0][0] if widths else 1
    place = next((n for n, cell in enumerate(heading[1:]) if cell in _LABEL_NAMES), None) if heading else width - 1
    for number, line, path, numbers, words in parsed:
        label = NONE if words else _label(numbers[-1]) if len(numbers) == 1 else None
        if not words and len(numbers) > 1:
            if len(numbers) != width or place is None or (width > 2 and not heading):
                which = f"{line[:100]!r} has {len(numbers)} numbers behind the path"
                found.wrong.append((number, f"{which}: a list has lines PATH LABEL, or PATH FRAMES LABEL throughout"))
                continue
            label = _label(numbers[place])
        if label is None:
            found.wrong.append((number, f"{line[:100]!r} isn't a path and a whole number, separated by a space"))
        else:
            found.listed.append(Line(number, path, label, words))
    if width == 2 and found.listed and not heading:
        found.notes.append("its lines are read as PATH FRAMES LABEL, and the frames aren't used")
    return found


def _without_remark(line: str, exists: Callable[[str], bool]) -> tuple[str, list[str], str]:
    """As :func:`_parted`, of a line that may end in a remark."""
    whole = _parted(line)
    remark = _REMARK.search(line)
    if remark is None or whole[2] or _LINE.fullmatch(line) or exists(whole[0]):
        return whole
    before = _parted(line[: remark.start()].rstrip())
    return before if before[1] else whole


def _parted(line: str) -> tuple[str, list[str], str]:
    """Path, numbers behind it and words of a line; a path without quotes ends at the last space."""
    quoted = _QUOTED.fullmatch(line)
    if quoted:
        return quoted[1].replace('""', '"'), [quoted[2].strip("\"',;")], ""
    if "::" in line:
        path, _, rest = line.partition("::")
        return (path.strip(), [rest.strip()], "") if _label(rest.strip()) else (path.strip(), [], rest.strip())
    media = _LINE.fullmatch(line)
    if media:
        return _unquoted(media[1]), re.findall(r"[^\s,;\"']+", media[2]), ""
    tail = _TAIL.fullmatch(line)
    return (tail[1], [tail[2]], "") if tail and _label(tail[2]) else (line, [], "")


def _unquoted(path: str) -> str:
    if len(path) > 2 and path[0] == path[-1] and path[0] in "\"'":
        return path[1:-1].replace(path[0] * 2, path[0]) if path[0] == '"' else path[1:-1]
    return path


def _label(written: str) -> str | None:
    """A label as a whole number, "-1" for none; None where it is none of these."""
    whole = _LABEL.fullmatch(written)
    if whole:
        return str(int(whole[1]))
    return NONE if written in (NONE, "-1.0") else None


def _cells(line: str) -> list[str]:
    return [cell.strip("\"'").lower() for cell in re.split(r"[\s,;]+", line)]


def _names_columns(line: str) -> bool:
    """Whether a line with delimiters names the columns of a table."""
    cells = [cell.strip("\"' ").lower() for cell in re.split(r"[,;\t]", line)]
    return len(cells) > 1 and any(cell in _PATH_NAMES for cell in cells) and not any(map(_label, cells))


def _read_table(text: str, number: int, heading: str) -> Lines:
    """The examples of a table whose line ``number`` names its columns."""
    lines = text.split("\n")
    text = "\n".join([""] * (number - 1) + lines[number - 1 :])  # numbers of lines stay
    name = next(cell for cell in _cells(heading) if cell in _PATH_NAMES)
    delimiter = next((d for d in DELIMITERS if split_off_delimiter(heading, (name,))[0] == d), ",")
    rows = records(text, delimiter)
    names = [cell.lower() for cell in next(rows).cells]
    path = names.index(name)
    others = [place for place, cell in enumerate(names) if place != path and cell]
    labels = [place for place in others if names[place] in _LABEL_NAMES] or others
    found = Lines(notes=[f"its first line names the columns {', '.join(names)}"], heading=tuple(names))
    for row in rows:
        cell = row.cells[labels[0]] if len(row.cells) > labels[0] else ""
        if len(labels) > 1:
            found.wrong.append((number, f"names the columns {', '.join(names)}: call the one of the labels 'label'"))
            break
        if len(row.cells) < len(names) or any(row.cells[len(names) :]):
            found.wrong.append((row.line, f"has {len(row.cells)} values; the first line names {len(names)} columns"))
        elif not row.cells[path]:
            found.wrong.append((row.line, "names no path"))
        elif not is_blank(cell) and cell.lower() != "none" and _label(cell) is None:
            found.wrong.append((row.line, f"the label {cell[:50]!r} isn't a whole number"))
        else:
            found.listed.append(Line(row.line, row.cells[path], _label(cell) or NONE))
    return found
