"""One's own videos in class folders, with a table of labels if need be."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from auxjepa.data.errors import AnnotationError, ManifestError, MissingFilesError
from auxjepa.data.manifest.labelling import LabelledRow, find_contradiction, merge_labels
from auxjepa.data.manifest.labels import LABELS, is_blank, normalise_labels, read_labels
from auxjepa.data.manifest.manifest import OWN_FILES
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.manifest.spellings import Spellings
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Problem
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
        MissingFilesError: when there is no video.
        AnnotationError: when labels.csv can't be used, or two classes are one number.
    """
    Official("video_folder", root).check()
    found = find_files(root, MOVING, "a video", OWN_FILES)
    table = root / LABELS
    if not any(found.splits.values()) and not table.is_file():
        still = any(find_files(root, STILLS, "a picture").splits.values())
        hint = "; there are pictures, which image_folder reads" if still else ""
        raise MissingFilesError(root, f"video_folder: no video here, expected CLASS/NAME.mp4{hint}")
    problems = list(found.problems)
    there = {path for files in found.splits.values() for path, _ in files}
    columns, told, contradicted = _table(table, there, problems) if table.exists() else ([], {}, set())
    splits: dict[str, tuple[Example, ...]] = {}
    for split, files in found.splits.items():
        listed = dict(files)
        prefix = "" if split == WHOLE else f"{split}/"
        listed |= {path: _folder(path, prefix) for path in told if path.startswith(prefix) and path not in listed}
        listed = {path: name for path, name in listed.items() if path not in contradicted}
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
    return Listing(splits, kept, (table,) if table.is_file() else (), tuple(problems), found.unread)


def _table(
    table: Path, listed: Collection[str], problems: list[Problem]
) -> tuple[list[str], dict[str, dict[str, str]], set[str]]:
    """Label columns, the labels by path (none of them empty), and the paths whose rows contradict each other."""
    try:
        written = read_labels(table)
    except ManifestError as error:
        raise AnnotationError(table, error.reason) from None
    spellings = Spellings(listed, table.parent)
    rows: dict[str, list[LabelledRow]] = {}
    for row, own in zip(
        written.rows, normalise_labels(written.columns, [row.labels for row in written.rows]), strict=True
    ):
        path = spellings.find(row.path) or spellings.plain(row.path)
        why = unsafe(path)
        if why:
            problems.append(Problem(f"{LABELS}:{row.line}", f"the path {path!r} {why}: it must stay within the root"))
        else:
            rows.setdefault(path, []).append((row, own))
    labels: dict[str, dict[str, str]] = {}
    contradicted: set[str] = set()
    for path, mine in rows.items():
        whole = [(row, own) for row, own in mine if is_blank(row.start) and is_blank(row.stop)]
        for row, _ in mine:
            if not (is_blank(row.start) and is_blank(row.stop)):
                what = f"{path}: a segment in frames, which only folder:PATH reads"
                problems.append(Problem(f"{LABELS}:{row.line}", what))
        why = find_contradiction(whole)
        if why:
            contradicted.add(path)
            problems += [Problem(f"{LABELS}:{row.line}", f"{path} has {why}: left out") for row, _ in whole]
            continue
        problems += [Problem(f"{LABELS}:{row.line}", f"{path} is listed twice") for row, _ in whole[1:]]
        if whole:
            labels[path] = {column: value for column, value in merge_labels(whole, written.columns).items() if value}
    return written.columns, labels, contradicted


def _folder(path: str, prefix: str) -> str:
    """Class of a listed file that isn't there."""
    parts = PurePosixPath(path.removeprefix(prefix)).parts
    return parts[0] if len(parts) > 1 else ""


VIDEO_FOLDER = DataSet("video_folder", CARD, read, generic=True)
