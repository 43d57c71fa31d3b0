"""Diving-48, version 2: 16,997 competition dives in 48 classes, each a take-off, somersaults, twists and a position."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_json
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_PAGE = "http://www.svcl.ucsd.edu/projects/resound/dataset.html"
_VIDEOS = f"Diving48_rgb.tar.gz, {_PAGE}"
_PARTS = ("takeoff", "somersault", "twist", "position")
_FORMAT = '[{"vid_name": "…", "label": 0, "start_frame": 0, "end_frame": 48}, …]'

CARD = Card(
    title="Diving-48 V2",
    about="Clips of competition dives. Scenes and divers look similar, so only the motion separates the 48 classes. "
    "A class (column dive) is a take-off, a number of somersaults, a number of twists and a position. Each of the four "
    "is also a separate label column: takeoff, somersault, twist and position.",
    obtain=f"{_PAGE}: Diving48_rgb.tar.gz, Diving48_V2_train.json, Diving48_V2_test.json, Diving48_vocab.json.",
    licence="none stated by the publishers; research use",
    cite="Li, Li, Vasconcelos: RESOUND: Towards Action Recognition without Representation Bias (2018)",
    layout="""\
rgb/2x00lRzlTVQ_00000.mp4 …    Diving48_rgb.tar.gz
Diving48_V2_train.json         these three files may also be in annotations/
Diving48_V2_test.json
Diving48_vocab.json""",
    sizes={"train": 15_027, "test": 1_970},
    label="dive",
    defects=(
        "Version 2 (30 October 2020) changed the labels and the split. Results on version 1 (Diving48_train.json and "
        "Diving48_test.json) aren't comparable, and version 1 isn't read.",
        "Each file holds one dive. The fields start_frame and end_frame count frames of that file and aren't needed.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train`` and ``test``.

    The label columns are ``dive`` and its parts ``takeoff``, ``somersault``, ``twist`` and ``position``.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("diving48", root)
    vocabulary = official.file(*_places("Diving48_vocab.json"), source=_PAGE)
    old = any((root / place).is_file() for place in _places("Diving48_train.json"))
    source = _PAGE + " (Diving48_train.json is version 1, which has other labels)" * old
    tables = {split: official.file(*_places(f"Diving48_V2_{split}.json"), source=source) for split in ("train", "test")}
    videos = official.folder("rgb", "Diving48_rgb/rgb", "Diving48_rgb", "videos", source=_VIDEOS)
    official.check()
    dives = _dives(vocabulary)
    labels = [{"dive": " ".join(dive), **dict(zip(_PARTS, dive, strict=True))} for dive in dives]
    media, below = find_media(root, videos, MOVING, "mp4"), official.relative(videos)
    problems: list[Problem] = []
    splits = {split: _read_split(table, labels, media, below, problems) for split, table in tables.items()}
    classes = {column: tuple(dict.fromkeys(label[column] for label in labels)) for column in ("dive", *_PARTS)}
    return Listing(splits, classes, (vocabulary, *tables.values()), tuple(problems))


def _places(name: str) -> tuple[str, ...]:
    return name, f"annotations/{name}"


def _dives(vocabulary: Path) -> list[list[str]]:
    """Return the four parts of each class, in the order of the class numbers."""
    dives = read_json(vocabulary, list)
    for number, dive in enumerate(dives):
        if not isinstance(dive, list) or len(dive) != 4 or not all(isinstance(part, str) and part for part in dive):
            raise AnnotationError(vocabulary, f"class {number} isn't a list [take-off, somersault, twist, position]")
    if len({tuple(dive) for dive in dives}) != len(dives) or not dives:
        raise AnnotationError(vocabulary, "classes are missing, or two are the same")
    return dives


def _read_split(
    table: Path, labels: list[dict[str, str]], media: dict[str, str], below: str, problems: list[Problem]
) -> tuple[Example, ...]:
    examples = UniqueExamples(problems)
    for number, entry in enumerate(read_json(table, list), start=1):
        entry = entry if isinstance(entry, dict) else {}
        name, label = entry.get("vid_name"), entry.get("label")
        where = f"{table.name}, entry {number}"
        if not isinstance(name, str) or not name:
            problems.append(Problem(where, 'no "vid_name"'))
        elif type(label) is not int or not 0 <= label < len(labels):
            problems.append(Problem(where, f"{name}: the label {label!r} isn't one of 0 … {len(labels) - 1}"))
        else:
            examples.add(name, where, Example(media.get(name) or f"{below}/{name}.mp4", labels[label]))
    if not len(examples):
        raise AnnotationError(table, f"no usable entry, expected {_FORMAT}")
    return examples.examples()


DIVING48 = DataSet("diving48", CARD, read)
