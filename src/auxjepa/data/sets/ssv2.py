"""Something-Something V2: 220,847 clips of hands doing 174 things with objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.text_files import TextFileError, records
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import present, read_json, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, stems

_PAGE = "https://www.qualcomm.com/developer/software/something-something-v-2-dataset"
_LABELS = f"the package of labels, {_PAGE} (account needed)"
_VIDEOS = f"20bn-something-something-v2-00 and following, joined with cat and unpacked with tar, {_PAGE}"

CARD = Card(
    title="Something-Something V2",
    about="Short clips of a person doing one of 174 basic things with everyday objects, such as 'Pushing [something] "
    "from left to right'. Each clip has its description with the objects named, which is kept as text.",
    obtain=f"{_PAGE}, after signing in and accepting the licence: the label package and the parts of the videos, "
    "`cat 20bn-something-something-v2-?? | tar zx`.",
    licence="Qualcomm's research licence, to be accepted before downloading",
    cite='Goyal et al.: The "something something" video database for learning and evaluating visual common sense '
    "(2017), arXiv 1706.04261",
    layout="""\
20bn-something-something-v2/1.webm …          or re-encoded under the same numbers, such as 1.mp4
something-something-v2-labels.json            also as labels/labels.json, as in the newer package
something-something-v2-train.json             labels/train.json
something-something-v2-validation.json        labels/validation.json
something-something-v2-test.json              labels/test.json (may be missing)
labels/test-answers.csv                       labels of the test split (may be missing)""",
    sizes={"train": 168_913, "validation": 24_777, "test": 27_157},
    label="action",
    defects=(
        "Older packages come without labels of the test split; with them it is listed without labels.",
        "Templates hold brackets, as in 'Holding [something]', the class list doesn't.",
    ),
)


def read(root: Path) -> Listing:
    """Splits ``train``, ``validation`` and, where listed, ``test``; the label is ``action``, the text the description.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("ssv2", root)
    index = official.file(*_places("labels"), source=_LABELS)
    tables = {split: official.file(*_places(split), source=_LABELS) for split in ("train", "validation")}
    videos = official.folder(
        "20bn-something-something-v2", "videos/20bn-something-something-v2", "videos", source=_VIDEOS
    )
    official.check()
    classes = _classes(index)
    test = present(root, *_places("test"))
    answers = test and present(root, "test-answers.csv", "labels/test-answers.csv", "annotations/test-answers.csv")
    if test:
        tables["test"] = test
    problems: list[Problem] = []
    told = _answers(answers, classes, problems) if answers else {}
    found, below = stems(root, videos, MOVING, "webm"), official.relative(videos)
    shared = {name: {"action": name} for name in classes}
    splits = {
        split: _examples(table, shared, told if split == "test" else None, found, below, problems)
        for split, table in tables.items()
    }
    read_files = (index, *tables.values(), *([answers] if answers else []))
    return Listing(splits, {"action": classes}, read_files, tuple(problems))


def _places(what: str) -> tuple[str, ...]:
    old = f"something-something-v2-{what}.json"
    return old, f"labels/{what}.json", f"labels/{old}", f"annotations/{old}", f"annotations/{what}.json", f"{what}.json"


def _classes(index: Path) -> tuple[str, ...]:
    """Class names in the order of their numbers, which count from 0."""
    listed = read_json(index, dict)
    try:
        numbered = {int(number): _plain(name) for name, number in listed.items()}
    except (TypeError, ValueError):
        raise AnnotationError(index, 'not the published format: {"Approaching something…": "0", …}') from None
    if sorted(numbered) != list(range(len(listed))) or not numbered:
        raise AnnotationError(index, "class numbers don't count from 0 without a gap, each once")
    return tuple(numbered[number] for number in range(len(numbered)))


def _examples(
    table: Path,
    shared: Mapping[str, dict[str, str]],
    answers: Mapping[str, str] | None,
    found: Mapping[str, str],
    below: str,
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Entries of one split; those of the test split take their label from ``answers``, where it is known."""
    examples = Once(problems)
    for number, entry in enumerate(read_json(table, list), start=1):
        name = str(entry["id"]) if isinstance(entry, dict) and isinstance(entry.get("id"), str | int) else ""
        template = _template(entry) if name else ""
        action = _plain(template) if answers is None else answers.get(name, "")
        if not name:
            problems.append(Problem(f"{table.name}, entry {number}", 'no "id"'))
        elif action not in shared and (action or answers is None):
            problems.append(Problem(f"{table.name}, entry {number}", f"{name}: {action!r} is no known class"))
        else:
            text = _description(entry, template)
            path = found.get(name) or f"{below}/{name}.webm"
            example = Example(path, shared.get(action, {}), texts=(text,) if text else ())
            examples.add(name, f"{table.name}, entry {number}", example)
    if not len(examples):
        raise AnnotationError(table, 'no usable entry, expected [{"id": "1", "template": "Holding [something]", …}, …]')
    return examples.examples()


def _template(entry: Mapping[str, Any]) -> str:
    template = entry.get("template")
    return template if isinstance(template, str) else ""


def _plain(template: str) -> str:
    return template.replace("[", "").replace("]", "").strip()


def _description(entry: Mapping[str, Any], template: str) -> str:
    """The label text, or where it is missing the template with its placeholders filled in."""
    label = entry.get("label")
    if isinstance(label, str) and label:
        return label
    before, *after = template.split("[something")
    objects = entry.get("placeholders")
    if not isinstance(objects, list) or len(objects) != len(after):
        return _plain(template)
    return before + "".join(str(name) + rest.partition("]")[2] for name, rest in zip(objects, after, strict=True))


def _answers(path: Path, classes: tuple[str, ...], problems: list[Problem]) -> dict[str, str]:
    """Classes of the test split from lines ``ID;CLASS``."""
    known, answers, contradicted = set(classes), dict[str, str](), set[str]()
    try:
        for row in records(read_text(path), ";"):
            if len(row.cells) != 2 or _plain(row.cells[1]) not in known:
                what = f"{';'.join(row.cells)!r} isn't ID;CLASS of a known class"
                problems.append(Problem(f"{path.name}:{row.line}", what))
                continue
            name, action = row.cells[0], _plain(row.cells[1])
            if answers.setdefault(name, action) != action:
                contradicted.add(name)
                what = f"{name} is listed twice with different content ({answers[name]} and {action}): it has no label"
                problems.append(Problem(f"{path.name}:{row.line}", what))
    except TextFileError as error:
        raise AnnotationError(path, str(error)) from None
    if not answers:
        raise AnnotationError(path, "no line is ID;CLASS of a known class")
    return {name: action for name, action in answers.items() if name not in contradicted}


SSV2 = DataSet("ssv2", CARD, read)
