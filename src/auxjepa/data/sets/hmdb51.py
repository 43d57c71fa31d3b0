"""HMDB-51: 6,766 clips of 51 actions, three train/test splits."""

from __future__ import annotations

import re
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_PAGE = "https://serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database"
_LISTS = f"test_train_splits.rar, {_PAGE}"
_VIDEOS = f"hmdb51_org.rar and the archive of each class in it, {_PAGE}"
_LIST = re.compile(r"(.+)_test_split([123])\.txt")
_SIDE = "side"
_SPLITS = ("train", "test", "train2", "test2", "train3", "test3")

CARD = Card(
    title="HMDB-51",
    about="Short clips of 51 human actions from films and web videos. Each of the three official splits has 70 "
    "training clips and 30 test clips of each class. The other clips of the class aren't part of that split.",
    obtain=f"{_PAGE}: hmdb51_org.rar (2 GB) and test_train_splits.rar. hmdb51_org.rar holds one archive for each "
    "class; unpack these archives too.",
    licence="Creative Commons Attribution 4.0",
    cite="Kuehne, Jhuang, Garrote, Poggio, Serre: HMDB: A Large Video Database for Human Motion Recognition (2011)",
    layout="""\
hmdb51_org/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi …    hmdb51_org.rar
testTrainMulti_7030_splits/brush_hair_test_split1.txt …              test_train_splits.rar""",
    sizes={"train": 3570, "test": 1530, "train2": 3570, "test2": 1530, "train3": 3570, "test3": 1530},
    label="action",
    defects=("The paper counts 6,849 clips, but the published lists name 6,766.",),
)


def read(root: Path) -> Listing:
    """Read the splits ``train`` and ``test`` (official split 1), ``train2``, ``test2``, ``train3`` and ``test3``.

    The label column is ``action``. Clips with the side 0 belong neither to training nor to testing.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("hmdb51", root)
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
    _check_unpacked(videos, classes)
    splits: dict[str, list[Example]] = {split: [] for split in _SPLITS}
    problems: list[Problem] = []
    for name in classes:
        labels, class_folder = {"action": name}, videos / name
        media = find_media(root, class_folder, MOVING, "avi") if class_folder.is_dir() else {}
        for number in (1, 2, 3):
            table, suffix = tables[name, number], "" if number == 1 else number
            unique = UniqueExamples(problems)
            for clip, side, where in _read_lines(table, problems):
                path = media.get(clip.rpartition(".")[0]) or official.relative(class_folder) + f"/{clip}"
                unique.add(path, where, Example(path, labels | {_SIDE: side}), repr(clip))
            for side, split in (("1", f"train{suffix}"), ("2", f"test{suffix}")):
                splits[split] += [Example(e.path, labels) for e in unique.examples() if e.labels[_SIDE] == side]
    problems += _find_unlisted_folders(videos, root, classes)
    return Listing(
        {split: tuple(examples) for split, examples in splits.items()},
        {"action": tuple(classes)},
        tuple(tables.values()),
        tuple(problems),
    )


def _read_lines(table: Path, problems: list[Problem]) -> list[tuple[str, str, str]]:
    """Return clip, side (0 unused, 1 train, 2 test) and line number of each line ``NAME.avi SIDE``."""
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


def _check_unpacked(videos: Path, classes: list[str]) -> None:
    """Check that there is at least one class folder.

    Raises:
        MissingFilesError: if there is none.
    """
    if not any((videos / name).is_dir() for name in classes):
        packed = sum(path.suffix == ".rar" for path in videos.iterdir())
        what = f"{packed} archives that aren't unpacked yet" if packed else f"no class folder such as {classes[0]}"
        raise MissingFilesError(videos, f"hmdb51: {what}; from {_VIDEOS}")


def _find_unlisted_folders(videos: Path, root: Path, classes: list[str]) -> list[Problem]:
    """Return a problem for each class folder without lists, because its clips are in no split."""
    names = set() if videos == root else {path.name for path in videos.iterdir() if path.is_dir()} - set(classes)
    what = "a folder of clips that no split lists"
    return [Problem(f"{videos.name}/{name}", what) for name in sorted(names) if not name.startswith(".")]


HMDB51 = DataSet("hmdb51", CARD, read)
