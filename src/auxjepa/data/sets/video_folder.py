"""One's own videos in class folders, with a table of labels if need be."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

from auxjepa.data.errors import AnnotationError, ManifestError, MissingFilesError
from auxjepa.data.labels import LABELS, read_labels
from auxjepa.data.media import MOVING, STILLS
from auxjepa.data.paths import unsafe
from auxjepa.data.sets.base import Card, DataSet, Example, Listing, Official, Problem
from auxjepa.data.sets.folders import COLUMN, WHOLE, find_files, ordered

CARD = Card(
    title="Folders of videos",
    about="A format for one's own videos: a folder for each class, and above them folders for splits if need be "
    "(train, val, valid, validation, dev, test). The label column is folder; a labels.csv in the root adds columns "
    "of its own. Videos that lie in no class folder have no such label; folders within a class folder are part of the "
    "class.",
    obtain="Yours, or any set of videos that comes this way.",
    licence="yours",
    cite="yours",
    layout="""\
train/walk/0001.mp4 …    or walk/0001.mp4 where there are no splits: the split is called all then
val/walk/0002.mp4 …
labels.csv               a column path (relative to the root) and any others (may be missing)""",
    sizes={},
    label=COLUMN,
    defects=(
        "labels.csv with the columns start and stop, in frames, is for folder:PATH: such lines are listed as problems.",
    ),
)


def read(root: Path) -> Listing:
    """A split for each folder named like one, else ``all``; labels are ``folder`` and the columns of ``labels.csv``.

    Raises:
        MissingFilesError: when there is no video. AnnotationError: when labels.csv can't be used, or two classes are
            one number.
    """
    Official("video_folder", root).check()
    found = find_files(root, MOVING)
    table = root / LABELS
    if not any(found.splits.values()) and not table.is_file():
        still = any(find_files(root, STILLS).splits.values())
        hint = "; there are pictures, which image_folder reads" if still else ""
        raise MissingFilesError(root, f"video_folder: no video here, expected CLASS/NAME.mp4{hint}")
    problems = list(found.problems)
    columns, told = _table(table, problems) if table.is_file() else ([], {})
    splits: dict[str, tuple[Example, ...]] = {}
    for split, files in found.splits.items():
        listed = dict(files)
        prefix = "" if split == WHOLE else f"{split}/"
        listed |= {path: _folder(path, prefix) for path in told if path.startswith(prefix) and path not in listed}
        if listed:
            splits[split] = tuple(
                Example(path, ({COLUMN: name} if name else {}) | told.get(path, {})) for path, name in listed.items()
            )
    known = {example.path for examples in splits.values() for example in examples}
    problems += [
        Problem(LABELS, f"{path} lies in no split ({', '.join(splits)})") for path in told if path not in known
    ]
    if not known:
        raise AnnotationError(table, "no usable line, and there is no video")
    labels = [example.labels for examples in splits.values() for example in examples]
    classes = {
        column: ordered((one[column] for one in labels if column in one), root)
        for column in dict.fromkeys([COLUMN, *columns])
    }
    kept = {column: values for column, values in classes.items() if values}
    return Listing(splits, kept, (table,) if table.is_file() else (), tuple(problems))


def _table(table: Path, problems: list[Problem]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Label columns, and the labels that aren't empty by path."""
    try:
        columns, rows = read_labels(table)
    except ManifestError as error:
        raise AnnotationError(table, error.reason) from None
    except csv.Error as error:
        raise AnnotationError(table, f"not a table of comma-separated values: {error}") from None
    told: dict[str, dict[str, str]] = {}
    for path, mine in rows.items():
        segments = [row for row in mine if row.get("start") or row.get("stop")]
        whole = [row for row in mine if row not in segments]
        why = unsafe(path)
        if why:
            problems.append(Problem(LABELS, f"the path {path!r} {why}: it must stay within the root"))
            continue
        problems += [Problem(LABELS, f"{path}: a segment in frames, which only folder:PATH reads") for _ in segments]
        problems += [Problem(LABELS, f"{path} is listed twice") for _ in whole[1:]]
        if whole:
            told[path] = {column: whole[0][column] for column in columns if whole[0][column]}
    return columns, told


def _folder(path: str, prefix: str) -> str:
    """Class of a listed file that isn't there."""
    parts = PurePosixPath(path.removeprefix(prefix)).parts
    return parts[0] if len(parts) > 1 else ""


VIDEO_FOLDER = DataSet("video_folder", CARD, read, generic=True)
