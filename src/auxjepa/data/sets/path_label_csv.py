"""Lists of videos as V-JEPA's code reads them: ``PATH LABEL`` a line, no header, each file of the root a split."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.paths import unsafe
from auxjepa.data.sets.annotations import read_text
from auxjepa.data.sets.base import Card, DataSet, Example, Listing, Official, Problem

_LABEL = re.compile(r"\d{1,18}", re.ASCII)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"\s+(\S+)')
_RESERVED = ("files", "problems")  # names that a prepared set needs itself
_FORMAT = "lines PATH LABEL, separated by a space, the label a whole number"

CARD = Card(
    title="Lists of paths and labels (V-JEPA)",
    about="A format for one's own data: one example a line, a path and a whole number, separated by a space. Every "
    ".csv file directly in the root (but labels.csv) is a split of its name. Paths may hold spaces, quoted or not; "
    "pictures and videos may be mixed. Where a line is PATH::WORDS, as in lists with captions, the words are kept as "
    "text. A label of -1 means none.",
    obtain="Written by you, or by scripts around V-JEPA, VideoMAE and SlowFast.",
    licence="yours",
    cite="The format is that of the video data sets of https://github.com/facebookresearch/vjepa2",
    layout="""\
train.csv, val.csv …       lines such as 'videos/walk/a clip.mp4 3'
videos/walk/a clip.mp4 …   anywhere below the root""",
    sizes={},
    label="label",
    defects=(
        "Paths are relative to the root. Absolute ones are taken when they lie below it; others are listed as "
        "problems, as they hold on one machine only.",
    ),
)


def read(root: Path) -> Listing:
    """A split for each list, by its name without ``.csv``; the label is ``label``, numbers stay what they are.

    Raises:
        MissingFilesError: when there is no list. AnnotationError: when one has no usable line.
    """
    Official("path_label_csv", root).check()
    tables = sorted(
        path
        for path in root.iterdir()
        if path.suffix.lower() == ".csv" and path.name[0] != "." and path.name != "labels.csv" and path.is_file()
    )
    if not tables:
        raise MissingFilesError(root, f"path_label_csv: no list here, such as train.csv with {_FORMAT}")
    problems: list[Problem] = []
    splits: dict[str, tuple[Example, ...]] = {}
    for table in tables:
        if table.stem.lower() in _RESERVED or table.stem in splits:
            raise AnnotationError(table, "a split can't have this name: call the list otherwise, such as train.csv")
        splits[table.stem] = _examples(table, root, problems)
    numbers = {int(e.labels["label"]) for examples in splits.values() for e in examples if e.labels}
    classes = {"label": tuple(str(number) for number in sorted(numbers))} if numbers else {}
    return Listing(splits, classes, tuple(tables), tuple(problems))


def _examples(table: Path, root: Path, problems: list[Problem]) -> tuple[Example, ...]:
    examples: dict[str, Example] = {}
    shared: dict[str, dict[str, str]] = {}
    tops = tuple(dict.fromkeys(top.as_posix().rstrip("/") + "/" for top in (root.absolute(), root.resolve())))
    wrong: list[tuple[str, str]] = []
    for where, line in _lines(table):
        path, label = _parted(line)
        texts: tuple[str, ...] = ()
        if "::" in line and label and not _LABEL.fullmatch(label) and label != "-1":
            texts, label = (label,), "-1"
        path, why = _relative(path, tops)
        if not _LABEL.fullmatch(label) and label != "-1":
            why = f"{line[:100]!r} isn't a path and a whole number, separated by a space"
        elif not why and path in examples:
            why = f"{path} is listed twice"
        if why:
            wrong.append((where, why))
            continue
        labels = {} if label == "-1" else {"label": str(int(label))}
        examples[path] = Example(path, shared.setdefault(label, labels), texts=texts)
    if not examples:
        raise AnnotationError(
            table, f"no usable line, expected {_FORMAT}" + (f"; {': '.join(wrong[0])}" if wrong else "")
        )
    problems += [Problem(where, why) for where, why in wrong]
    return tuple(examples.values())


def _lines(table: Path) -> Iterator[tuple[str, str]]:
    # Only line feeds end a line: names may hold any other sign that Python takes for an end.
    for number, line in enumerate(read_text(table).split("\n"), start=1):
        if line.strip():
            yield f"{table.name}:{number}", line.strip()


def _parted(line: str) -> tuple[str, str]:
    """Path and label of a line; a path without quotes ends at the last space."""
    quoted = _QUOTED.fullmatch(line)
    if quoted:
        return quoted[1].replace('""', '"'), quoted[2]
    if "::" in line:
        path, _, label = line.partition("::")
        return path.strip(), label.strip()
    path, *label = line.rsplit(maxsplit=1)
    return path, label[0] if label else ""


def _relative(path: str, tops: tuple[str, ...]) -> tuple[str, str]:
    """The path relative to the root, and what is wrong with it or ""."""
    if "://" in path:
        return path, f"{path} is an address, not a path below the root"
    if path.startswith("/"):
        top = next((top for top in tops if path.startswith(top)), None)
        if top is None:
            return path, f"{path} is an absolute path outside {tops[0]}: make it relative to the root, or name its root"
        path = path.removeprefix(top).lstrip("/")
    why = unsafe(path)
    if why:
        return path, f"the path {path!r} {why}: it must be relative to the root and stay within"
    odd = "//" in path or "/./" in path or path.startswith("./") or path.endswith(("/", "/."))
    return PurePosixPath(path).as_posix() if odd else path, ""


PATH_LABEL_CSV = DataSet("path_label_csv", CARD, read, generic=True)
