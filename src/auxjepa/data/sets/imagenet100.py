"""ImageNet-100: the pictures of 100 classes of ImageNet-1k, as videos of one frame."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import STILLS
from auxjepa.data.sets.annotations import find_file, read_json, read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_ID = re.compile(r"n\d{8}")
_IMAGES = "ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar, https://image-net.org/challenges/LSVRC/2012"
_KAGGLE = "https://www.kaggle.com/c/imagenet-object-localization-challenge"
_LISTS = ("imagenet100.txt", "classes.txt", "Labels.json")
_PLACES = {
    "train": ("train", "train.X1", "ILSVRC/Data/CLS-LOC/train"),
    "val": ("val", "val.X", "validation", "ILSVRC/Data/CLS-LOC/val"),
}
_SHOWN = 10

CARD = Card(
    title="ImageNet-100",
    about="100 of the 1,000 classes of ImageNet (ILSVRC 2012), from a full copy or from a copy of these classes. By "
    "default, they are the 100 classes of Tian, Krishnan, Isola: Contrastive Multiview Coding, in the order of that "
    "paper. A file imagenet100.txt, classes.txt (one id a line) or Labels.json in the root lists other classes. "
    "Classes are WordNet ids, because several classes share a name. The name of a class is a text if Labels.json or "
    "LOC_synset_mapping.txt lists it.",
    obtain=f"{_IMAGES} (account needed), or {_KAGGLE}, or a copy of 100 classes such as "
    "https://www.kaggle.com/datasets/ambityga/imagenet100 (its classes differ from the default classes).",
    licence="ImageNet's terms of access: non-commercial research and education",
    cite="Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge (2015), arXiv 1409.0575; Tian, "
    "Krishnan, Isola: Contrastive Multiview Coding (2020), arXiv 1906.05849",
    layout="""\
train/n01440764/n01440764_10026.JPEG …         or train.X1 … train.X4, or ILSVRC/Data/CLS-LOC/train
val/n01440764/ILSVRC2012_val_00000293.JPEG …   or val.X, or ILSVRC/Data/CLS-LOC/val
imagenet100.txt, classes.txt or Labels.json    the classes, if they aren't the default ones
LOC_val_solution.csv                           needed if val holds pictures without class folders
LOC_synset_mapping.txt                         class names (may be missing)""",
    sizes={"train": 126_689, "val": 5_000},
    label="object",
    defects=(
        "Papers use different classes as ImageNet-100. Scores on different lists aren't comparable.",
        "Some files with names in .JPEG are a PNG or hold CMYK colours. Both kinds are read.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train`` and ``val``.

    The label column is ``object``. The text of an example is the name of its class if a file lists the name.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("imagenet100", root)
    places = {split: official.folder(*names, source=_IMAGES) for split, names in _PLACES.items()}
    official.check()
    table, mapping = find_file(root, *_LISTS), find_file(root, "LOC_synset_mapping.txt")
    classes = _read_classes(table) if table else _parse_names(read_default_classes().splitlines())
    names = _parse_names(read_text(mapping).splitlines()) if mapping else {}
    names |= {wordnet_id: name for wordnet_id, name in classes.items() if name}
    texts = {wordnet_id: (names[wordnet_id],) if names.get(wordnet_id) else () for wordnet_id in classes}
    solution = find_file(root, "LOC_val_solution.csv")
    problems: list[Problem] = []
    splits: dict[str, tuple[Example, ...]] = {}
    for split, place in places.items():
        tops = _part_folders(place)
        folders = {
            wordnet_id: [top / wordnet_id for top in tops if (top / wordnet_id).is_dir()] for wordnet_id in classes
        }
        flat = split == "val" and not any(folders.values()) and _has_pictures(place)
        if flat and solution:
            paths = _read_solution(solution, place, classes, official, problems)
        elif flat:
            why = "its pictures have no class folders: they need LOC_val_solution.csv"
            raise MissingFilesError(place, f"{why} in {root}, from {_KAGGLE}")
        else:
            _check_folders(root, split, folders, table)
            paths = _read_folders(folders, official, problems)
        labels = {wordnet_id: {"object": wordnet_id} for wordnet_id in classes}
        splits[split] = tuple(Example(path, labels[wordnet_id], texts=texts[wordnet_id]) for wordnet_id, path in paths)
    read_files = tuple(file for file in (table, mapping, solution) if file)
    return Listing(splits, {"object": tuple(classes)}, read_files, tuple(problems))


def read_default_classes() -> str:
    """Return the class list of Contrastive Multiview Coding, one WordNet id a line."""
    return files("auxjepa.data.sets").joinpath("data/imagenet100.txt").read_text(encoding="utf-8")


def _read_classes(table: Path) -> dict[str, str]:
    """Return the class names ("" if the list has no name) by WordNet id, in the order of the list."""
    if table.suffix == ".json":
        content = read_json(table, dict)
        wrong = [key for key in content if not _ID.fullmatch(key)]
        if wrong:
            raise AnnotationError(table, f"not the published format: the key {wrong[0]!r} isn't a WordNet id")
        return {key: str(name) for key, name in content.items()}
    classes = _parse_names(read_text(table).splitlines())
    if not classes:
        raise AnnotationError(table, "no line begins with a WordNet id such as n01440764")
    return classes


def _parse_names(lines: Sequence[str]) -> dict[str, str]:
    """Return class name by WordNet id from lines ``n01440764`` or ``n01440764 tench, Tinca tinca``."""
    split = [line.strip().partition(" ") for line in lines]
    return {key: name.strip() for key, _, name in split if _ID.fullmatch(key)}


def _part_folders(place: Path) -> list[Path]:
    """Return a split's folder, or all its parts in the layout train.X1 … train.X4."""
    return sorted(place.parent.glob("train.X*")) if place.name == "train.X1" else [place]


def _has_pictures(folder: Path) -> bool:
    return next(_list_pictures(folder), None) is not None


def _list_pictures(folder: Path) -> Iterator[str]:
    """Yield the names of the pictures directly in a folder, in alphabetical order."""
    with os.scandir(folder) as entries:
        for name in sorted(entry.name for entry in entries):
            if name[0] != "." and name.rpartition(".")[2].lower() in STILLS:
                yield name


def _check_folders(root: Path, split: str, folders: dict[str, list[Path]], table: Path | None) -> None:
    """Check that every class has a folder.

    Raises:
        MissingFilesError: if a class has none; the message names the first of them.
    """
    missing = [wordnet_id for wordnet_id, class_folders in folders.items() if not class_folders]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        which = table.name if table else "the default list (a classes.txt in the root can list other classes)"
        what = f"{len(missing)} of the {len(folders)} classes of {which} have no folder in {split}"
        raise MissingFilesError(root, f"imagenet100: {what}: {', '.join(missing[:_SHOWN])}{more}; from {_IMAGES}")


def _read_folders(
    folders: dict[str, list[Path]], official: OfficialFiles, problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield class and path of every picture in class folders, class by class."""
    for wordnet_id, class_folders in folders.items():
        for folder in class_folders:
            below, count = official.relative(folder), 0
            for count, picture in enumerate(_list_pictures(folder), start=1):  # noqa: B007
                yield wordnet_id, f"{below}/{picture}"
            if not count:
                problems.append(Problem(below, "no picture in this folder"))


def _read_solution(
    solution: Path, place: Path, classes: dict[str, str], official: OfficialFiles, problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield class and path of every picture that the table lists with one of the classes."""
    below, unique = official.relative(place), UniqueExamples(problems)
    media = find_media(official.root, place, STILLS, "jpeg")
    for line, row in read_table(solution, ("imageid", "predictionstring")):
        wordnet_id = row[1].split(" ")[0] if row else ""
        if row is None or not row[0] or not _ID.fullmatch(wordnet_id):
            problems.append(Problem(f"{solution.name}:{line}", "the line isn't IMAGE,CLASS with boxes"))
        else:
            example = Example(media.get(row[0]) or f"{below}/{row[0]}.JPEG", {"object": wordnet_id})
            unique.add(row[0], f"{solution.name}:{line}", example)
    for example in unique.examples():
        if example.labels["object"] in classes:
            yield example.labels["object"], example.path


IMAGENET100 = DataSet("imagenet100", CARD, read)
