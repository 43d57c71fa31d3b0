"""Your own videos in class folders, with an optional table of labels."""

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
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.folders import ALL_FILES, COLUMN, find_files, sort_classes
from auxjepa.data.sets.official_files import OfficialFiles

CARD = Card(
    title="Folders of videos",
    about="A format for your own videos. Each class has a folder. Folders for splits (train, val, valid, validation, "
    "dev, test) may contain the class folders. The label column is folder. A labels.csv in the root adds more columns. "
    "Videos outside a class folder have no label folder. Folders within a class folder are part of the class.",
    obtain="Your own videos, or any set of videos with this layout.",
    licence="yours",
    cite="yours",
    layout="""\
train/walk/0001.mp4 …    without splits: walk/0001.mp4; the name of the split is then all
val/walk/0002.mp4 …
labels.csv               a column path (relative to the root) and any others (may be missing)""",
    sizes={},
    label=COLUMN,
    defects=(
        "Only folder:PATH reads the columns start and stop (in frames) of labels.csv. Here, such lines are listed as "
        "problems.",
    ),
)


def read(root: Path) -> Listing:
    """Read one split for each folder with the name of a split, or else the split ``all``.

    The label columns are ``folder`` and the columns of ``labels.csv``.

    Args:
        root: folder of the videos.

    Raises:
        MissingFilesError: if there is no video.
        AnnotationError: if labels.csv can't be used, or two classes are one number.
    """
    OfficialFiles("video_folder", root).check()
    videos = find_files(root, MOVING, "a video", OWN_FILES)
    table = root / LABELS
    if not any(videos.splits.values()) and not table.is_file():
        still = any(find_files(root, STILLS, "a picture").splits.values())
        hint = "; there are pictures, which image_folder reads" if still else ""
        raise MissingFilesError(root, f"video_folder: no video here, expected CLASS/NAME.mp4{hint}")
    problems = list(videos.problems)
    existing = {path for files in videos.splits.values() for path, _ in files}
    columns, labels_by_path, conflicts = _read_table(table, existing, problems) if table.exists() else ([], {}, set())
    splits: dict[str, tuple[Example, ...]] = {}
    for split, files in videos.splits.items():
        folders = dict(files)
        prefix = "" if split == ALL_FILES else f"{split}/"
        folders |= {
            path: _class_folder(path, prefix)
            for path in labels_by_path
            if path.startswith(prefix) and path not in folders
        }
        folders = {path: name for path, name in folders.items() if path not in conflicts}
        if folders:
            splits[split] = tuple(
                Example(path, ({COLUMN: name} if name else {}) | labels_by_path.get(path, {}))
                for path, name in folders.items()
            )
    paths = {example.path for examples in splits.values() for example in examples}
    problems += [
        Problem(LABELS, f"{path} is in no split ({', '.join(splits)})") for path in labels_by_path if path not in paths
    ]
    if not paths:
        raise AnnotationError(table, "no usable line, and there is no video")
    labels = [example.labels for examples in splits.values() for example in examples]
    classes = {
        column: sort_classes((values[column] for values in labels if column in values), root)
        for column in dict.fromkeys([COLUMN, *columns])
    }
    classes = {column: values for column, values in classes.items() if values}
    return Listing(splits, classes, (table,) if table.is_file() else (), tuple(problems), videos.unread)


def _read_table(
    table: Path, paths: Collection[str], problems: list[Problem]
) -> tuple[list[str], dict[str, dict[str, str]], set[str]]:
    """Read ``labels.csv``.

    Args:
        table: path of the file.
        paths: paths of the videos; other spellings of them in the table are recognised.
        problems: list that receives a problem for each row that can't be used.

    Returns:
        The label columns, the labels by path without empty values, and the paths whose rows contradict each other.

    Raises:
        AnnotationError: if the file has another format.
    """
    try:
        written = read_labels(table)
    except ManifestError as error:
        raise AnnotationError(table, error.reason) from None
    spellings = Spellings(paths, table.parent)
    rows: dict[str, list[LabelledRow]] = {}
    for row, values in zip(
        written.rows, normalise_labels(written.columns, [row.labels for row in written.rows]), strict=True
    ):
        path = spellings.find(row.path) or spellings.plain(row.path)
        why = unsafe(path)
        if why:
            problems.append(Problem(f"{LABELS}:{row.line}", f"the path {path!r} {why}: it must stay within the root"))
        else:
            rows.setdefault(path, []).append((row, values))
    labels: dict[str, dict[str, str]] = {}
    conflicts: set[str] = set()
    for path, path_rows in rows.items():
        file_rows = [(row, values) for row, values in path_rows if is_blank(row.start) and is_blank(row.stop)]
        for row, _ in path_rows:
            if not (is_blank(row.start) and is_blank(row.stop)):
                what = f"{path}: a segment in frames, which only folder:PATH reads"
                problems.append(Problem(f"{LABELS}:{row.line}", what))
        why = find_contradiction(file_rows)
        if why:
            conflicts.add(path)
            problems += [Problem(f"{LABELS}:{row.line}", f"{path} has {why}: left out") for row, _ in file_rows]
            continue
        problems += [Problem(f"{LABELS}:{row.line}", f"{path} is listed twice") for row, _ in file_rows[1:]]
        if file_rows:
            labels[path] = {
                column: value for column, value in merge_labels(file_rows, written.columns).items() if value
            }
    return written.columns, labels, conflicts


def _class_folder(path: str, prefix: str) -> str:
    """Return the class of a listed file that is missing: its first folder below the split, or "".

    Args:
        path: path relative to the root.
        prefix: folder of the split with a slash, or "".
    """
    parts = PurePosixPath(path.removeprefix(prefix)).parts
    return parts[0] if len(parts) > 1 else ""


VIDEO_FOLDER = DataSet("video_folder", CARD, read, generic=True)
