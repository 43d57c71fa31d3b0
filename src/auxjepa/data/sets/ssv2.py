"""Something-Something V2: 220,847 clips of hands doing 174 things with objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.text_files import TextFileError, records
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import find_file, read_json, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_PAGE = "https://www.qualcomm.com/developer/software/something-something-v-2-dataset"
_LABELS = f"the package of labels, {_PAGE} (account needed)"
_VIDEOS = f"20bn-something-something-v2-00 and following, joined with cat and unpacked with tar, {_PAGE}"

CARD = Card(
    title="Something-Something V2",
    about="Short clips of a person who does one of 174 basic actions with everyday objects, such as 'Pushing "
    "[something] from left to right'. Each clip has a description that names the objects. The description is a text.",
    obtain=f"{_PAGE}: sign in, accept the licence, and download the label package and the parts of the videos. Unpack "
    "the videos with `cat 20bn-something-something-v2-?? | tar zx`.",
    licence="Qualcomm's research licence; accept it before you download",
    cite='Goyal et al.: The "something something" video database for learning and evaluating visual common sense '
    "(2017), arXiv 1706.04261",
    layout="""\
20bn-something-something-v2/1.webm …          files may be re-encoded under the same numbers, such as 1.mp4
something-something-v2-labels.json            in the newer package: labels/labels.json
something-something-v2-train.json             labels/train.json
something-something-v2-validation.json        labels/validation.json
something-something-v2-test.json              labels/test.json (may be missing)
labels/test-answers.csv                       labels of the test split (may be missing)""",
    sizes={"train": 168_913, "validation": 24_777, "test": 27_157},
    label="action",
    defects=(
        "Older packages have no labels of the test split. Its examples then have no label.",
        "Templates hold brackets, as in 'Holding [something]', but the class list doesn't.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train``, ``validation`` and, if its list exists, ``test``.

    The label column is ``action``. The text of an example is its description.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("ssv2", root)
    index = official.file(*_places("labels"), source=_LABELS)
    tables = {split: official.file(*_places(split), source=_LABELS) for split in ("train", "validation")}
    videos = official.folder(
        "20bn-something-something-v2", "videos/20bn-something-something-v2", "videos", source=_VIDEOS
    )
    official.check()
    classes = _classes(index)
    test = find_file(root, *_places("test"))
    answers = test and find_file(root, "test-answers.csv", "labels/test-answers.csv", "annotations/test-answers.csv")
    if test:
        tables["test"] = test
    problems: list[Problem] = []
    test_actions = _read_answers(answers, classes, problems) if answers else {}
    media, below = find_media(root, videos, MOVING, "webm"), official.relative(videos)
    labels = {name: {"action": name} for name in classes}
    splits = {
        split: _read_split(table, labels, test_actions if split == "test" else None, media, below, problems)
        for split, table in tables.items()
    }
    read_files = (index, *tables.values(), *([answers] if answers else []))
    return Listing(splits, {"action": classes}, read_files, tuple(problems))


def _places(what: str) -> tuple[str, ...]:
    old = f"something-something-v2-{what}.json"
    return old, f"labels/{what}.json", f"labels/{old}", f"annotations/{old}", f"annotations/{what}.json", f"{what}.json"


def _classes(index: Path) -> tuple[str, ...]:
    """Return the class names in the order of their numbers, which count from 0."""
    content = read_json(index, dict)
    try:
        numbered = {int(number): _remove_brackets(name) for name, number in content.items()}
    except (TypeError, ValueError):
        raise AnnotationError(index, 'not the published format: {"Approaching something…": "0", …}') from None
    if sorted(numbered) != list(range(len(content))) or not numbered:
        raise AnnotationError(index, "class numbers don't count from 0 without a gap, each once")
    return tuple(numbered[number] for number in range(len(numbered)))


def _read_split(
    table: Path,
    labels: Mapping[str, dict[str, str]],
    test_actions: Mapping[str, str] | None,
    media: Mapping[str, str],
    below: str,
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Return the examples of one split.

    Args:
        table: list of the split.
        labels: label columns by class.
        test_actions: class by name for the test split, whose list has no classes; None for other splits.
        media: path of each video by its name.
        below: folder of videos that are missing, relative to the root.
        problems: list that receives a problem for each entry that can't be used.

    Raises:
        AnnotationError: if no entry can be used.
    """
    examples = UniqueExamples(problems)
    for number, entry in enumerate(read_json(table, list), start=1):
        name = str(entry["id"]) if isinstance(entry, dict) and isinstance(entry.get("id"), str | int) else ""
        template = _template(entry) if name else ""
        action = _remove_brackets(template) if test_actions is None else test_actions.get(name, "")
        if not name:
            problems.append(Problem(f"{table.name}, entry {number}", 'no "id"'))
        elif action not in labels and (action or test_actions is None):
            problems.append(Problem(f"{table.name}, entry {number}", f"{name}: {action!r} is not a listed class"))
        else:
            text = _description(entry, template)
            path = media.get(name) or f"{below}/{name}.webm"
            example = Example(path, labels.get(action, {}), texts=(text,) if text else ())
            examples.add(name, f"{table.name}, entry {number}", example)
    if not len(examples):
        raise AnnotationError(table, 'no usable entry, expected [{"id": "1", "template": "Holding [something]", …}, …]')
    return examples.examples()


def _template(entry: Mapping[str, Any]) -> str:
    template = entry.get("template")
    return template if isinstance(template, str) else ""


def _remove_brackets(template: str) -> str:
    return template.replace("[", "").replace("]", "").strip()


def _description(entry: Mapping[str, Any], template: str) -> str:
    """Return the label text; if it is missing, the template with the names of its objects."""
    label = entry.get("label")
    if isinstance(label, str) and label:
        return label
    before, *after = template.split("[something")
    objects = entry.get("placeholders")
    if not isinstance(objects, list) or len(objects) != len(after):
        return _remove_brackets(template)
    return before + "".join(str(name) + part.partition("]")[2] for name, part in zip(objects, after, strict=True))


def _read_answers(path: Path, classes: tuple[str, ...], problems: list[Problem]) -> dict[str, str]:
    """Return the class of each test clip from lines ``ID;CLASS``; clips with two classes are left out."""
    answers, conflicts = dict[str, str](), set[str]()
    try:
        for row in records(read_text(path), ";"):
            if len(row.cells) != 2 or _remove_brackets(row.cells[1]) not in classes:
                what = f"{';'.join(row.cells)!r} isn't ID;CLASS of a listed class"
                problems.append(Problem(f"{path.name}:{row.line}", what))
                continue
            name, action = row.cells[0], _remove_brackets(row.cells[1])
            if answers.setdefault(name, action) != action:
                conflicts.add(name)
                what = f"{name} is listed twice with different content ({answers[name]} and {action}): it has no label"
                problems.append(Problem(f"{path.name}:{row.line}", what))
    except TextFileError as error:
        raise AnnotationError(path, str(error)) from None
    if not answers:
        raise AnnotationError(path, "no line is ID;CLASS of a listed class")
    return {name: action for name, action in answers.items() if name not in conflicts}


SSV2 = DataSet("ssv2", CARD, read)
