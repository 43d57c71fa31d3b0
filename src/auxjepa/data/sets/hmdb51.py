"""HMDB-51: 6,766 clips of 51 actions, three train/test splits."""

from __future__ import annotations

import re
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, stems

_PAGE = "https://serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database"
_LISTS = f"test_train_splits.rar, {_PAGE}"
_VIDEOS = f"hmdb51_org.rar and the archive of each class in it, {_PAGE}"
_LIST = re.compile(r"(.+)_test_split([123])\.txt")
_SIDE = "side"
_SPLITS = ("train", "test", "train2", "test2", "train3", "test3")

CARD = Card(
    title="HMDB-51",
    about="Short clips of 51 human actions from films and web videos. Each of the three official splits takes 70 clips "
    "of a class for training and 30 for testing; the others are left out of that split.",
    obtain=f"{_PAGE}: hmdb51_org.rar (2 GB; holds one archive for each class, to be unpacked too) and "
    "test_train_splits.rar.",
    licence="Creative Commons Attribution 4.0",
    cite="Kuehne, Jhuang, Garrote, Poggio, Serre: HMDB: A Large Video Database for Human Motion Recognition (2011)",
    layout="""\
hmdb51_org/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi …    hmdb51_org.rar
testTrainMulti_7030_splits/brush_hair_test_split1.txt …              test_train_splits.rar""",
    sizes={"train": 3570, "test": 1530, "train2": 3570, "test2": 1530, "train3": 3570, "test3": 1530},
    label="action",
    defects=("The paper counts 6,849 clips, the published lists name 6,766.",),
)


def read(root: Path) -> Listing:
    """``train`` and ``test`` are split 1; the label is ``action``. Clips marked 0 belong to neither side of a split.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("hmdb51", root)
    lists = official.folder(
        "testTrainMulti_7030_splits",
        "test_train_splits/testTrainMulti_7030_splits",
        "test_train_splits",
        "splits",
        source=_LISTS,
    )
    videos = official.folder("hmdb51_org", "hmdb51", "HMDB51", "videos", "brush_hair", source=_VIDEOS)
    official.check()
    videos = root if videos.name == "brush_hair" else videos
    classes = sorted({match[1] for path in lists.iterdir() if (match := _LIST.fullmatch(path.name))})
    if not classes:
        raise MissingFilesError(lists, f"hmdb51: no file CLASS_test_split1.txt here, from {_LISTS}")
    folder = official.relative(lists)
    tables = {
        (name, number): official.file(f"{folder}/{name}_test_split{number}.txt", source=_LISTS)
        for name in classes
        for number in (1, 2, 3)
    }
    official.check()
    _unpacked(videos, classes)
    splits: dict[str, list[Example]] = {split: [] for split in _SPLITS}
    problems: list[Problem] = []
    for name in classes:
        labels, place = {"action": name}, videos / name
        found = stems(root, place, MOVING, "avi") if place.is_dir() else {}
        for number in (1, 2, 3):
            table, suffix = tables[name, number], "" if number == 1 else number
            listed = Once(problems)
            for clip, side, where in _lines(table, problems):
                path = found.get(clip.rpartition(".")[0]) or official.relative(place) + f"/{clip}"
                listed.add(path, where, Example(path, labels | {_SIDE: side}), repr(clip))
            for side, split in (("1", f"train{suffix}"), ("2", f"test{suffix}")):
                splits[split] += [Example(e.path, labels) for e in listed.examples() if e.labels[_SIDE] == side]
    problems += _without_lists(videos, root, classes)
    return Listing(
        {split: tuple(examples) for split, examples in splits.items()},
        {"action": tuple(classes)},
        tuple(tables.values()),
        tuple(problems),
    )


def _lines(table: Path, problems: list[Problem]) -> list[tuple[str, str, str]]:
    """Clip, side (0 neither, 1 train, 2 test) and place of each line ``NAME.avi SIDE``."""
    usable, unusable = [], []
    for number, line in enumerate(read_text(table).splitlines(), start=1):
        clip, side = ["", "", *line.rsplit(maxsplit=1)][-2:]
        where = f"{table.name}:{number}"
        if clip and side in ("0", "1", "2"):
            usable.append((clip.strip(), side, where))
        elif line.strip():
            unusable.append(Problem(where, f"{line.strip()!r} isn't 'NAME.avi SIDE' with a side of 0, 1 or 2"))
    if not usable:
        raise AnnotationError(table, "no line is 'NAME.avi SIDE' with a side of 0 (unused), 1 (train) or 2 (test)")
    problems += unusable
    return usable


def _unpacked(videos: Path, classes: list[str]) -> None:
    if not any((videos / name).is_dir() for name in classes):
        packed = sum(path.suffix == ".rar" for path in videos.iterdir())
        what = f"{packed} archives that aren't unpacked yet" if packed else f"no class folder such as {classes[0]}"
        raise MissingFilesError(videos, f"hmdb51: {what}; from {_VIDEOS}")


def _without_lists(videos: Path, root: Path, classes: list[str]) -> list[Problem]:
    """Class folders without their lists, which would go unnoticed otherwise."""
    others = set() if videos == root else {path.name for path in videos.iterdir() if path.is_dir()} - set(classes)
    told = "a folder of clips that no split lists"
    return [Problem(f"{videos.name}/{name}", told) for name in sorted(others) if not name.startswith(".")]


HMDB51 = DataSet("hmdb51", CARD, read)
