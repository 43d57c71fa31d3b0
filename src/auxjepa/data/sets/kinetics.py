"""Kinetics-400, -600, -700 and -700-2020: ten-second clips of human actions from YouTube, one class each."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import find_file, read_table
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, rank_suffix
from auxjepa.data.sets.unique_examples import UniqueExamples

_CVDF = "https://github.com/cvdfoundation/kinetics-dataset"
_LAYOUT = """\
annotations/train.csv, val.csv, test.csv        columns label,youtube_id,time_start,time_end,split
train/0wR5jVB-WPk_000417_000427.mp4 …           or in class folders: train/abseiling/0wR5jVB-WPk_000417_000427.mp4
val/…, test/…
replacement/replacement_for_corrupted_k400/…    Kinetics-400 only"""
_DEFECTS = (
    "Videos disappear from YouTube, so copies differ. Compare scores only on the same usable examples.",
    "Editions overlap: most of the Kinetics-400 validation videos are in the training set of Kinetics-700. "
    "Don't train on one edition and test on another before you remove shared videos.",
)


def read_edition(edition: str, root: Path) -> Listing:
    """Read the splits ``train``, ``val`` and, if its list exists, ``test``. The label column is ``action``.

    The name of a file is ``ID_START_STOP`` with six digits for each time, or ``ID`` alone. Listed videos that are
    missing are examples too; their path is the official one.

    Args:
        edition: 400, 600, 700 or 700_2020.
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    name, source = f"kinetics{edition}", f"{_CVDF} or kinetics{edition}.tar.gz of DeepMind"
    official = OfficialFiles(name, root)
    tables = {
        split: official.file(*_lists(edition, split), source=f"{source}: the lists, not the videos")
        for split in ("train", "val")
    }
    official.check()
    test = find_file(root, *_lists(edition, "test"))
    if test:
        tables["test"] = test
    folders = {split: _folders(root, split) for split in ("train", "val", "test")}
    if not any(folders.values()):
        where = ", ".join(_video_places("train")[:3])
        raise MissingFilesError(root, f"{name}: no folder of videos ({where}, the same for val, test), from {_CVDF}")
    replacements = _find_videos([folder for folder in _replacement_folders(root) if folder.is_dir()], root)
    problems: list[Problem] = []
    splits: dict[str, tuple[Example, ...]] = {}
    labels: dict[str, dict[str, str]] = {}
    for split, table in tables.items():
        media = _find_videos(folders[split], root) | replacements
        folder = folders[split][0] if folders[split] else root / split
        splits[split] = _read_split(table, split, labels, media, _OfficialPaths(folder, root), problems)
        if split == "train":
            labels = {action: labels[action] for action in sorted(labels)}
    return Listing(splits, {"action": tuple(labels)}, tuple(tables.values()), tuple(problems))


class _OfficialPaths:
    """Official paths of missing videos: in a class folder if the split's folder has class folders.

    Args:
        folder: folder of the split's videos.
        root: root of the data set.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.below = folder.relative_to(root).as_posix()
        self.classes: set[str] = set()
        if folder.is_dir():
            with os.scandir(folder) as entries:
                self.classes = {entry.name for entry in entries if entry.is_dir()}
        self.folders: dict[str, str] = {}

    def path(self, stem: str, action: str) -> str:
        """Return the official path of a video, relative to the root."""
        if action not in self.folders:
            name = action.replace(" ", "_") if action.replace(" ", "_") in self.classes else action
            self.folders[action] = f"{self.below}/{name}" if self.classes and action else self.below
        return f"{self.folders[action]}/{stem}.mp4"


def _read_split(
    table: Path,
    split: str,
    labels: dict[str, dict[str, str]],
    media: dict[str, str],
    official: _OfficialPaths,
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Return the examples of one list.

    Args:
        table: list of the split.
        split: name of the split.
        labels: label columns by class. The training list adds its classes; other lists may only use them.
        media: path of each video by its name.
        official: paths of missing videos.
        problems: list that receives a problem for each line that can't be used.

    Raises:
        AnnotationError: if no line can be used.
    """
    train, unlabelled = split == "train", {"": dict[str, str]()}
    needed = ("youtube_id", "time_start", "time_end")
    columns = (needed, ("label",)) if split == "test" else ((*needed, "label"), ())
    examples = UniqueExamples(problems)
    for line, row in read_table(table, *columns):
        stem = _stem(row[0], row[1], row[2]) if row else None
        if row is None or stem is None:
            what = f"{','.join(row)!r} isn't an ID with a start and a stop in seconds" if row else "too few values"
            problems.append(Problem(f"{table.name}:{line}", what))
            continue
        action = row[3]
        if train and action:
            labels.setdefault(action, {"action": action})
        columns_of_clip = labels.get(action) or (unlabelled.get(action) if split == "test" else None)
        if columns_of_clip is None:
            problems.append(Problem(f"{table.name}:{line}", f"{stem}: {action!r} is no class of the training list"))
        else:
            path = media.get(stem) or media.get(row[0]) or official.path(stem, action)
            examples.add(path, f"{table.name}:{line}", Example(path, columns_of_clip), stem)
    if not len(examples):
        raise AnnotationError(table, "no usable line, expected label,youtube_id,time_start,time_end,split")
    return examples.examples()


def _stem(video: str, start: str, stop: str) -> str | None:
    """Return ``ID_START_STOP`` with six digits for each time, or None if a time is not a number."""
    try:
        return f"{video}_{int(float(start)):06d}_{int(float(stop)):06d}" if video else None
    except (ValueError, OverflowError):
        return None


def _lists(edition: str, split: str) -> list[str]:
    names = [split, *(["validate", "validation"] if split == "val" else [])]
    folders = ("annotations", f"kinetics{edition}", f"annotations/kinetics{edition}", ".")
    places = [f"{folder}/{name}.csv" for folder in folders for name in names]
    prefixes = ("kinetics_", f"kinetics-{edition}_", f"kinetics_{edition}_", f"kinetics{edition}_")
    places += [f"{folder}/{prefix}{name}.csv" for folder in folders[::3] for prefix in prefixes for name in names]
    return [place.removeprefix("./") for place in places]


def _video_places(split: str) -> list[str]:
    names = [split, *(["validate", "validation"] if split == "val" else [])]
    forms = ("{}", "videos/{}", "videos_{}", "{}_256", "compress/{}_256")
    return [form.format(name) for form in forms for name in names]


def _folders(root: Path, split: str) -> list[Path]:
    return [root / place for place in (*_video_places(split), "videos") if (root / place).is_dir()]


def _replacement_folders(root: Path) -> list[Path]:
    name = "replacement_for_corrupted_k400"
    return [root / "replacement" / name, root / name]


def _find_videos(folders: list[Path], root: Path) -> dict[str, str]:
    """Return the videos in folders and their class folders by stem, as paths relative to the root.

    If several folders have a video, the one in the first folder is used.
    """
    media: dict[str, str] = {}
    for folder in folders:
        for class_folder in sorted(folder / name for name in _add_videos(folder, media, root)):
            _add_videos(class_folder, media, root)
    return media


def _add_videos(folder: Path, media: dict[str, str], root: Path) -> list[str]:
    """Add the videos directly in a folder, and return the names of its subfolders."""
    below, subfolders = folder.relative_to(root).as_posix(), []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: (rank_suffix(entry.name, "mp4"), entry.name)):
            stem, _, suffix = entry.name.rpartition(".")
            if stem and suffix.lower() in MOVING and entry.name[0] != ".":
                media.setdefault(stem, f"{below}/{entry.name}")
            elif entry.name[0] != "." and entry.is_dir():
                subfolders.append(entry.name)
    return subfolders


def _make_set(edition: str, title: str, sizes: dict[str, int], paper: str, *defects: str) -> DataSet:
    """Return the data set of one edition.

    Args:
        edition: 400, 600, 700 or 700_2020.
        title: full name.
        sizes: official number of examples by split.
        paper: citation.
        defects: known defects of this edition; those of all editions are added.
    """
    classes = edition.partition("_")[0]
    card = Card(
        title=title,
        about=f"Clips of about ten seconds from YouTube. Each clip shows one of {classes} human actions. All clips of "
        "a class come from different videos.",
        obtain=f"{_CVDF}: the Common Visual Data Foundation hosts the lists and videos. Its scripts are "
        f"k{edition if edition != '700' else '700_2020'}_downloader.sh and _extractor.sh. The lists alone: "
        f"https://storage.googleapis.com/deepmind-media/Datasets/kinetics{edition}.tar.gz.",
        licence="lists: Creative Commons Attribution 4.0 (Google); videos: the rights of their uploaders",
        cite=paper,
        layout=_LAYOUT if edition == "400" else "\n".join(_LAYOUT.splitlines()[:-1]),
        sizes=sizes,
        label="action",
        defects=(*defects, *_DEFECTS),
    )
    return DataSet(f"kinetics{edition}", card, partial(read_edition, edition))


KINETICS = (
    _make_set(
        "400",
        "Kinetics-400",
        {"train": 246_534, "val": 19_906, "test": 39_805},
        "Kay et al.: The Kinetics Human Action Video Dataset (2017), arXiv 1705.06950",
        "About 1,400 training files of the hosted copy are corrupted. replacement_for_corrupted_k400.tgz holds "
        "replacements for most of them. If you unpack it, the replacements are used.",
        "DeepMind's later lists are shorter (219,782, 18,035 and 35,357) because videos had disappeared.",
    ),
    _make_set(
        "600",
        "Kinetics-600",
        {"train": 427_549, "val": 29_793, "test": 72_924},
        "Carreira, Noland, Banki-Horvath, Hillier, Zisserman: A Short Note about Kinetics-600 (2018), arXiv 1808.01340",
        "The hosted train.csv and val.csv are marked incomplete, and the hosted test.csv has no labels. "
        "kinetics600.tar.gz of DeepMind has complete lists and the labels. DeepMind's later lists are shorter "
        "(370,582, 28,313 and 56,618).",
    ),
    _make_set(
        "700",
        "Kinetics-700",
        {},
        "Carreira, Noland, Hillier, Zisserman: A Short Note on the Kinetics-700 Human Action Dataset (2019), "
        "arXiv 1907.06987",
        "The labels of the test split aren't public, so its examples have no label.",
        "One folder holds its videos and those of Kinetics-700-2020.",
    ),
    _make_set(
        "700_2020",
        "Kinetics-700-2020",
        {"train": 542_352, "val": 34_125, "test": 67_433},
        "Smaira, Carreira, Noland, Clancy, Wu, Zisserman: A Short Note on the Kinetics-700-2020 Human Action Dataset "
        "(2020), arXiv 2010.10864",
        "The labels of the test split aren't public, so its examples have no label.",
        "The hosted copy has fewer videos (534,073, 33,914 and 64,260). About 5 % of its test videos are shorter "
        "than 9 s.",
    ),
)
