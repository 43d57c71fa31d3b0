"""ImageNet-100: the pictures of 100 classes of ImageNet-1k, as videos of one frame."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.media.open import STILLS
from auxjepa.data.sets.annotations import present, read_json, read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, stems

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
    about="100 of the 1,000 classes of ImageNet (ILSVRC 2012), read from a full copy or from a copy of these classes. "
    "Without a class list in the root they are the 100 of Tian, Krishnan, Isola: Contrastive Multiview Coding, in "
    "their order; a root with imagenet100.txt, classes.txt (one id a line) or Labels.json has its own. Classes are "
    "WordNet ids, as names repeat; a name is kept as text where Labels.json or LOC_synset_mapping.txt tells it.",
    obtain=f"{_IMAGES} (account needed), or {_KAGGLE}, or a copy of 100 classes such as "
    "https://www.kaggle.com/datasets/ambityga/imagenet100 (other classes than the default).",
    licence="ImageNet's terms of access: non-commercial research and education",
    cite="Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge (2015), arXiv 1409.0575; Tian, "
    "Krishnan, Isola: Contrastive Multiview Coding (2020), arXiv 1906.05849",
    layout="""\
train/n01440764/n01440764_10026.JPEG …         or train.X1 … train.X4, or ILSVRC/Data/CLS-LOC/train
val/n01440764/ILSVRC2012_val_00000293.JPEG …   or val.X, or ILSVRC/Data/CLS-LOC/val
imagenet100.txt, classes.txt or Labels.json    the classes, where they aren't the default ones
LOC_val_solution.csv                           needed where val holds pictures without class folders
LOC_synset_mapping.txt                         class names (may be missing)""",
    sizes={"train": 126_689, "val": 5_000},
    label="object",
    defects=(
        "Papers mean different classes by ImageNet-100: scores on another list can't be compared.",
        "Among ImageNet's pictures there are a PNG and CMYK files with names in .JPEG; both are read.",
    ),
)


def read(root: Path) -> Listing:
    """Splits ``train`` and ``val``; the label is ``object``, the text the class's name where it is known.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("imagenet100", root)
    places = {split: official.folder(*names, source=_IMAGES) for split, names in _PLACES.items()}
    official.check()
    table, mapping = present(root, *_LISTS), present(root, "LOC_synset_mapping.txt")
    classes = _classes(table) if table else _named(default_classes().splitlines())
    names = (_named(read_text(mapping).splitlines()) if mapping else {}) | {k: v for k, v in classes.items() if v}
    told = {name: (names[name],) if names.get(name) else () for name in classes}
    solution = present(root, "LOC_val_solution.csv")
    problems: list[Problem] = []
    splits: dict[str, tuple[Example, ...]] = {}
    for split, place in places.items():
        tops = _tops(place)
        found = {name: [top / name for top in tops if (top / name).is_dir()] for name in classes}
        flat = split == "val" and not any(found.values()) and _is_flat(place)
        if flat and solution:
            paths = _by_solution(solution, place, classes, official, problems)
        elif flat:
            why = "its pictures have no class folders: they need LOC_val_solution.csv"
            raise MissingFilesError(place, f"{why} in {root}, from {_KAGGLE}")
        else:
            _complete(root, split, found, table)
            paths = _by_folder(found, official, problems)
        labels = {name: {"object": name} for name in classes}
        splits[split] = tuple(Example(path, labels[name], texts=told[name]) for name, path in paths)
    read_files = tuple(file for file in (table, mapping, solution) if file)
    return Listing(splits, {"object": tuple(classes)}, read_files, tuple(problems))


def default_classes() -> str:
    """The list of Contrastive Multiview Coding, one WordNet id a line."""
    return files("auxjepa.data.sets").joinpath("data/imagenet100.txt").read_text(encoding="utf-8")


def _classes(table: Path) -> dict[str, str]:
    """Class names ("" where unknown) by WordNet id, in the order of the list."""
    if table.suffix == ".json":
        content = read_json(table, dict)
        wrong = [key for key in content if not _ID.fullmatch(key)]
        if wrong:
            raise AnnotationError(table, f"not the published format: the key {wrong[0]!r} isn't a WordNet id")
        return {key: str(name) for key, name in content.items()}
    classes = _named(read_text(table).splitlines())
    if not classes:
        raise AnnotationError(table, "no line begins with a WordNet id such as n01440764")
    return classes


def _named(lines: Sequence[str]) -> dict[str, str]:
    """Lines ``n01440764`` or ``n01440764 tench, Tinca tinca``."""
    split = [line.strip().partition(" ") for line in lines]
    return {key: name.strip() for key, _, name in split if _ID.fullmatch(key)}


def _tops(place: Path) -> list[Path]:
    """A split's folder, or all parts of it in the layout train.X1 … train.X4."""
    return sorted(place.parent.glob("train.X*")) if place.name == "train.X1" else [place]


def _is_flat(place: Path) -> bool:
    return next(_pictures(place), None) is not None


def _pictures(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for name in sorted(entry.name for entry in entries):
            if name[0] != "." and name.rpartition(".")[2].lower() in STILLS:
                yield name


def _complete(root: Path, split: str, found: dict[str, list[Path]], table: Path | None) -> None:
    absent = [name for name, folders in found.items() if not folders]
    if absent:
        more = f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else ""
        which = table.name if table else "the default list (another one may lie in the root as classes.txt)"
        missing = f"{len(absent)} of the {len(found)} classes of {which} have no folder in {split}"
        raise MissingFilesError(root, f"imagenet100: {missing}: {', '.join(absent[:_SHOWN])}{more}; from {_IMAGES}")


def _by_folder(found: dict[str, list[Path]], official: Official, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Class and path of every picture, class by class."""
    for name, folders in found.items():
        for folder in folders:
            below, count = official.relative(folder), 0
            for count, picture in enumerate(_pictures(folder), start=1):  # noqa: B007
                yield name, f"{below}/{picture}"
            if not count:
                problems.append(Problem(below, "no picture in it"))


def _by_solution(
    solution: Path, place: Path, classes: dict[str, str], official: Official, problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Class and path of every picture that the table gives one of the classes."""
    below, listed = official.relative(place), Once(problems)
    found = stems(official.root, place, STILLS, "jpeg")
    for line, row in read_table(solution, ("imageid", "predictionstring")):
        name = row[1].split(" ")[0] if row else ""
        if row is None or not row[0] or not _ID.fullmatch(name):
            problems.append(Problem(f"{solution.name}:{line}", "isn't IMAGE,CLASS and boxes"))
        else:
            example = Example(found.get(row[0]) or f"{below}/{row[0]}.JPEG", {"object": name})
            listed.add(row[0], f"{solution.name}:{line}", example)
    for example in listed.examples():
        if example.labels["object"] in classes:
            yield example.labels["object"], example.path


IMAGENET100 = DataSet("imagenet100", CARD, read)
