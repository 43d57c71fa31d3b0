"""UCF-101: 13,320 clips of 101 actions, three train/test splits."""

from __future__ import annotations

import re
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_nonblank_lines
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_LISTS = "UCF101TrainTestSplits-RecognitionTask.zip, https://www.crcv.ucf.edu/data/UCF101.php"
_VIDEOS = "UCF101.rar, https://www.crcv.ucf.edu/data/UCF101.php"
_GROUP = re.compile(r"_g(\d+)_c\d+$")

CARD = Card(
    title="UCF-101",
    about="Short clips of 101 human actions from YouTube. The clips of a class come from 25 groups (source videos). "
    "The official splits never divide a group.",
    obtain="https://www.crcv.ucf.edu/data/UCF101.php: UCF101.rar (7 GB) and "
    "UCF101TrainTestSplits-RecognitionTask.zip, unpacked into one folder.",
    licence="none stated by the publishers; research use",
    cite="Soomro, Zamir, Shah: UCF101: A Dataset of 101 Human Action Classes From Videos in The Wild (2012), "
    "arXiv 1212.0402",
    layout="""\
UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi …    UCF101.rar (the class folders may also be in the root);
                                                         files may be re-encoded under the same names, such as ….mp4
ucfTrainTestlist/classInd.txt                            UCF101TrainTestSplits-RecognitionTask.zip
ucfTrainTestlist/trainlist01.txt … trainlist03.txt
ucfTrainTestlist/testlist01.txt … testlist03.txt""",
    sizes={"train": 9537, "test": 3783, "train2": 9586, "test2": 3734, "train3": 9624, "test3": 3696},
    label="action",
    defects=(
        "Clips of one group are near-duplicates, so a random split of the clips leaks. The official splits don't.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train`` and ``test`` (official split 1), ``train2``, ``test2``, ``train3`` and ``test3``.

    The label columns are ``action`` and ``group`` (the source video).

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("ucf101", root)
    index = official.file("ucfTrainTestlist/classInd.txt", "classInd.txt", source=_LISTS)
    tables = {
        f"{split}{'' if number == 1 else number}": official.file(
            f"ucfTrainTestlist/{split}list{number:02d}.txt", f"{split}list{number:02d}.txt", source=_LISTS
        )
        for number in (1, 2, 3)
        for split in ("train", "test")
    }
    videos = official.folder("UCF-101", "UCF101", "ApplyEyeMakeup", source=_VIDEOS)
    official.check()
    below = "" if videos.name == "ApplyEyeMakeup" else f"{videos.name}/"
    top = root if videos.name == "ApplyEyeMakeup" else videos
    classes = _classes(index)
    numbers = {name: str(number) for number, name in enumerate(classes, start=1)}
    media = {action: find_media(root, top / action, MOVING, "avi") for action in classes if (top / action).is_dir()}
    splits: dict[str, tuple[Example, ...]] = {}
    problems: list[Problem] = []
    for split, table in tables.items():
        examples = UniqueExamples(problems)
        for where, line in read_nonblank_lines(table):
            name, *number = line.split()  # train lists also have the class number
            action, _, clip = name.partition("/")
            stem = clip.rpartition(".")[0]
            group = _GROUP.search(stem)
            if action not in classes or group is None:
                problems.append(Problem(where, f"{name!r} isn't CLASS/v_CLASS_gNN_cNN.avi of a listed class"))
            elif number and number[0] != numbers[action]:
                problems.append(Problem(where, f"{name!r} isn't of class {number[0]} in classInd.txt"))
            else:
                path = media.get(action, {}).get(stem) or below + name
                labels = {"action": action, "group": f"{action} {group[1]}"}
                examples.add(name, where, Example(path, labels), repr(name))
        if not len(examples):
            raise AnnotationError(
                table, "no usable line, expected CLASS/v_CLASS_gNN_cNN.avi of classes in classInd.txt"
            )
        splits[split] = examples.examples()
    groups = sorted({example.labels["group"] for examples in splits.values() for example in examples})
    return Listing(splits, {"action": classes, "group": tuple(groups)}, (index, *tables.values()), tuple(problems))


def _classes(index: Path) -> tuple[str, ...]:
    """Return the class names in the order of their numbers, which count from 1."""
    numbered: dict[int, str] = {}
    for where, line in read_nonblank_lines(index):
        number, _, name = line.partition(" ")
        if not number.isdecimal() or len(number) > 9 or not name.strip():
            raise AnnotationError(index, f"{where} isn't 'NUMBER CLASS' but {line!r}")
        if int(number) in numbered or name.strip() in numbered.values():
            raise AnnotationError(index, f"{where}: the number {number} or the class {name.strip()!r} comes twice")
        numbered[int(number)] = name.strip()
    if sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise AnnotationError(index, "class numbers don't count from 1 without a gap")
    return tuple(numbered[number] for number in sorted(numbered))


UCF101 = DataSet("ucf101", CARD, read)
