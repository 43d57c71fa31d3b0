"""Kinetics-400, -600, -700 and -700-2020: ten-second clips of human actions from YouTube, one class each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import present, read_table
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, rank

_CVDF = "https://github.com/cvdfoundation/kinetics-dataset"
_LAYOUT = """\
annotations/train.csv, val.csv, test.csv        columns label,youtube_id,time_start,time_end,split
train/0wR5jVB-WPk_000417_000427.mp4 …           or in class folders, train/abseiling/0wR5jVB-WPk_000417_000427.mp4
val/…, test/…
replacement/replacement_for_corrupted_k400/…    Kinetics-400 only"""
_GONE = (
    "Videos disappear from YouTube, so copies differ: compare scores on the same usable examples only.",
    "Editions overlap: most of the Kinetics-400 validation videos are in the training set of Kinetics-700. "
    "Never train on one edition and test on another without removing shared videos.",
)


@dataclass(frozen=True)
class ClassOverlap:
    """Classes of a new edition against those of an old one.

    Args:
        shared: class of the new edition by class of the old.
        added: only in the new one.
        dropped: only in the old one.
    """

    shared: dict[str, str]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


def compare_classes(old: Iterable[str], new: Iterable[str]) -> ClassOverlap:
    """Which classes two editions share, going by their names alone.

    Case, punctuation, underscores and spaces don't count. A class that was renamed or divided counts as dropped and
    added: look through both lists before calling a class unseen.
    """
    here = {normalised(name): name for name in new}
    there = {normalised(name): name for name in old}
    return ClassOverlap(
        shared={name: here[key] for key, name in there.items() if key in here},
        added=tuple(name for key, name in here.items() if key not in there),
        dropped=tuple(name for key, name in there.items() if key not in here),
    )


def normalised(name: str) -> str:
    """A class name in small letters with single spaces: ``passing_American_football (in game)`` and ``passing american
    football (in game)`` are one class."""
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold().replace("'", "").replace("’", "")).split())


def read_edition(edition: str, root: Path) -> Listing:
    """Splits ``train``, ``val`` and, where listed, ``test``; the label is ``action``.

    A file is named ``ID_START_STOP`` with six digits each, or ``ID`` alone. Listed videos that aren't there are
    examples all the same, at the place where they would be.

    Args:
        edition: 400, 600, 700 or 700_2020.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    name, source = f"kinetics{edition}", f"{_CVDF} or kinetics{edition}.tar.gz of DeepMind"
    official = Official(name, root)
    tables = {
        split: official.file(*_lists(edition, split), source=f"{source}: the lists, not the videos")
        for split in ("train", "val")
    }
    official.check()
    test = present(root, *_lists(edition, "test"))
    if test:
        tables["test"] = test
    folders = {split: _folders(root, split) for split in ("train", "val", "test")}
    if not any(folders.values()):
        where = ", ".join(_video_places("train")[:3])
        raise MissingFilesError(root, f"{name}: no folder of videos ({where}, the same for val, test), from {_CVDF}")
    replaced = _index([folder for folder in _replacements(root) if folder.is_dir()], root)
    problems: list[Problem] = []
    splits: dict[str, tuple[Example, ...]] = {}
    shared: dict[str, dict[str, str]] = {}
    for split, table in tables.items():
        found = _index(folders[split], root) | replaced
        place = folders[split][0] if folders[split] else root / split
        splits[split] = _examples(table, split, shared, found, _Place(place, root), problems)
        if split == "train":
            shared = {action: shared[action] for action in sorted(shared)}
    return Listing(splits, {"action": tuple(shared)}, tuple(tables.values()), tuple(problems))


class _Place:
    """Where a video would be that isn't there: in its class's folder where there are class folders."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.below = folder.relative_to(root).as_posix()
        self.nested = False
        self.classes: set[str] = set()
        if folder.is_dir():
            with os.scandir(folder) as entries:
                self.classes = {entry.name for entry in entries if entry.is_dir()}
        self.folders: dict[str, str] = {}

    def path(self, stem: str, action: str) -> str:
        if action not in self.folders:
            name = action.replace(" ", "_") if action.replace(" ", "_") in self.classes else action
            self.folders[action] = f"{self.below}/{name}" if self.classes and action else self.below
        return f"{self.folders[action]}/{stem}.mp4"


def _examples(
    table: Path,
    split: str,
    shared: dict[str, dict[str, str]],
    found: dict[str, str],
    place: _Place,
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Examples of one list. The training list adds its classes to ``shared``, other lists keep to them."""
    train, unlabelled = split == "train", {"": dict[str, str]()}
    needed = ("youtube_id", "time_start", "time_end")
    columns = (needed, ("label",)) if split == "test" else ((*needed, "label"), ())
    examples = Once(problems)
    for line, row in read_table(table, *columns):
        stem = _stem(row[0], row[1], row[2]) if row else None
        if row is None or stem is None:
            told = f"{','.join(row)!r} isn't an ID with a start and a stop in seconds" if row else "too few values"
            problems.append(Problem(f"{table.name}:{line}", told))
            continue
        action = row[3]
        if train and action:
            shared.setdefault(action, {"action": action})
        labels = shared.get(action) or (unlabelled.get(action) if split == "test" else None)
        if labels is None:
            problems.append(Problem(f"{table.name}:{line}", f"{stem}: {action!r} is no class of the training list"))
        else:
            path = found.get(stem) or found.get(row[0]) or place.path(stem, action)
            examples.add(path, f"{table.name}:{line}", Example(path, labels), stem)
    if not len(examples):
        raise AnnotationError(table, "no usable line, expected label,youtube_id,time_start,time_end,split")
    return examples.examples()


def _stem(video: str, start: str, stop: str) -> str | None:
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


def _replacements(root: Path) -> list[Path]:
    name = "replacement_for_corrupted_k400"
    return [root / "replacement" / name, root / name]


def _index(folders: list[Path], root: Path) -> dict[str, str]:
    """Videos in folders and their class folders by stem, as paths relative to the root; earlier folders come first."""
    found: dict[str, str] = {}
    for folder in folders:
        for inner in [folder, *sorted(folder / name for name in _scan(folder, found, root))]:
            if inner != folder:
                _scan(inner, found, root)
    return found


def _scan(folder: Path, found: dict[str, str], root: Path) -> list[str]:
    """Add the videos directly in a folder, and return the names of its folders."""
    below, inner = folder.relative_to(root).as_posix(), []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: (rank(entry.name, "mp4"), entry.name)):
            stem, _, suffix = entry.name.rpartition(".")
            if stem and suffix.lower() in MOVING and entry.name[0] != ".":
                found.setdefault(stem, f"{below}/{entry.name}")
            elif entry.name[0] != "." and entry.is_dir():
                inner.append(entry.name)
    return inner


def _edition(edition: str, title: str, sizes: dict[str, int], paper: str, *defects: str) -> DataSet:
    classes = edition.partition("_")[0]
    card = Card(
        title=title,
        about=f"Clips of about ten seconds from YouTube, each with one of {classes} human actions; all clips of a "
        "class come from different videos.",
        obtain=f"{_CVDF}: lists and videos as the Common Visual Data Foundation hosts them "
        f"(its k{edition if edition != '700' else '700_2020'}_downloader.sh and _extractor.sh). Lists alone: "
        f"https://storage.googleapis.com/deepmind-media/Datasets/kinetics{edition}.tar.gz.",
        licence="lists: Creative Commons Attribution 4.0 (Google); videos: the rights of their uploaders",
        cite=paper,
        layout=_LAYOUT if edition == "400" else "\n".join(_LAYOUT.splitlines()[:-1]),
        sizes=sizes,
        label="action",
        defects=(*defects, *_GONE),
    )
    return DataSet(f"kinetics{edition}", card, partial(read_edition, edition))


KINETICS = (
    _edition(
        "400",
        "Kinetics-400",
        {"train": 246_534, "val": 19_906, "test": 39_805},
        "Kay et al.: The Kinetics Human Action Video Dataset (2017), arXiv 1705.06950",
        "About 1,400 training files of the hosted copy are corrupted; replacements for most of them come as "
        "replacement_for_corrupted_k400.tgz and are taken in their place when they are there.",
        "DeepMind's later lists are shorter (219,782, 18,035 and 35,357), as videos had gone.",
    ),
    _edition(
        "600",
        "Kinetics-600",
        {"train": 427_549, "val": 29_793, "test": 72_924},
        "Carreira, Noland, Banki-Horvath, Hillier, Zisserman: A Short Note about Kinetics-600 (2018), arXiv 1808.01340",
        "The hosted train.csv and val.csv are marked incomplete, and its test.csv names no labels; kinetics600.tar.gz "
        "of DeepMind has them. DeepMind's later lists are shorter (370,582, 28,313 and 56,618).",
    ),
    _edition(
        "700",
        "Kinetics-700",
        {},
        "Carreira, Noland, Hillier, Zisserman: A Short Note on the Kinetics-700 Human Action Dataset (2019), "
        "arXiv 1907.06987",
        "The labels of the test split aren't public; it is listed without.",
        "Its videos are hosted with those of Kinetics-700-2020, in one folder.",
    ),
    _edition(
        "700_2020",
        "Kinetics-700-2020",
        {"train": 542_352, "val": 34_125, "test": 67_433},
        "Smaira, Carreira, Noland, Clancy, Wu, Zisserman: A Short Note on the Kinetics-700-2020 Human Action Dataset "
        "(2020), arXiv 2010.10864",
        "The labels of the test split aren't public; it is listed without.",
        "The hosted copy has fewer videos (534,073, 33,914 and 64,260); about 5 % of its test videos are shorter "
        "than 9 s.",
    ),
)
