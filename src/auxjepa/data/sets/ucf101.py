"""UCF-101: 13,320 clips of 101 actions, three train/test splits."""

from __future__ import annotations

import re
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, lines, stems

_LISTS = "UCF101TrainTestSplits-RecognitionTask.zip, https://www.crcv.ucf.edu/data/UCF101.php"
_VIDEOS = "UCF101.rar, https://www.crcv.ucf.edu/data/UCF101.php"
_GROUP = re.compile(r"_g(\d+)_c\d+$")

CARD = Card(
    title="UCF-101",
    about="Short clips of 101 human actions from YouTube; the clips of a class come from 25 groups (source videos), "
    "and the official splits keep groups apart.",
    obtain="https://www.crcv.ucf.edu/data/UCF101.php: UCF101.rar (7 GB) and "
    "UCF101TrainTestSplits-RecognitionTask.zip, unpacked side by side.",
    licence="none stated by the publishers; research use",
    cite="Soomro, Zamir, Shah: UCF101: A Dataset of 101 Human Action Classes From Videos in The Wild (2012), "
    "arXiv 1212.0402",
    layout="""\
UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi …    UCF101.rar (the class folders may also lie in the root);
                                                         also re-encoded under the same names, such as ….mp4
ucfTrainTestlist/classInd.txt                            UCF101TrainTestSplits-RecognitionTask.zip
ucfTrainTestlist/trainlist01.txt … trainlist03.txt
ucfTrainTestlist/testlist01.txt … testlist03.txt""",
    sizes={"train": 9537, "test": 3783, "train2": 9586, "test2": 3734, "train3": 9624, "test3": 3696},
    label="action",
    defects=("Clips of one group are near duplicates: a split by clip leaks, the official splits don't.",),
)


def read(root: Path) -> Listing:
    """``train`` and ``test`` are split 1; labels are ``action`` and ``group`` (the source video).

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("ucf101", root)
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
    there = {action: stems(root, top / action, MOVING, "avi") for action in classes if (top / action).is_dir()}
    splits: dict[str, tuple[Example, ...]] = {}
    problems: list[Problem] = []
    for split, table in tables.items():
        examples = Once(problems)
        for where, line in lines(table):
            name, *number = line.split()  # train lists give the class number too
            action, _, clip = name.partition("/")
            stem = clip.rpartition(".")[0]
            group = _GROUP.search(stem)
            if action not in classes or group is None:
                problems.append(Problem(where, f"{name!r} isn't CLASS/v_CLASS_gNN_cNN.avi of a known class"))
            elif number and number[0] != numbers[action]:
                problems.append(Problem(where, f"{name!r} isn't of class {number[0]} in classInd.txt"))
            else:
                path = there.get(action, {}).get(stem) or below + name
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
    """Class names in the order of their numbers, which count from 1."""
    numbered: dict[int, str] = {}
    for where, line in lines(index):
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
