"""MSR-VTT: 10,000 web video clips, each with a category and about 20 captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import present, read_json, read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem, stems

_PAGE = "http://ms-multimedia-challenge.com/2017/dataset (often offline)"
_LISTS = "https://github.com/ArrowLuo/CLIP4Clip/releases/download/v0.0/msrvtt_data.zip"
_COPY = "https://www.robots.ox.ac.uk/~maxbain/frozen-in-time/data/MSRVTT.zip"
_WHOLE = ("MSRVTT_data.json", "videodatainfo_2017.json")
_VIDEOS = ("TrainValVideo", "TestVideo", "videos/all", "videos", "MSRVTT/videos/all", "MSRVTT_Videos")
_SPLIT = "split"
_SPLITS = {"train": "train", "validate": "validate", "val": "validate", "validation": "validate", "test": "test"}
_NAME = re.compile(r"video\d{1,9}", re.ASCII)
_FORMAT = '{"videos": [{"video_id": "video0", "category": 9, "split": "train", …}, …], "sentences": […]}'
CATEGORIES = (
    "music",
    "people",
    "gaming",
    "sports/actions",
    "news/events/politics",
    "education",
    "tv shows",
    "movie/comedy",
    "animation",
    "vehicles/autos",
    "howto",
    "travel",
    "science/technology",
    "animals/pets",
    "kids/family",
    "documentary",
    "food/drink",
    "cooking",
    "beauty/fashion",
    "advertisement",
)

CARD = Card(
    title="MSR-VTT",
    about="Short clips of web videos, each with one of 20 categories and about 20 English captions, which "
    "are kept as texts in the order written. Beside the official splits there are those of retrieval papers, where "
    "their lists are there: test1k (1k-A, one caption a clip) and train9k (the other 9,000 clips).",
    obtain=f"{_PAGE}: train_val_videodatainfo.json, test_videodatainfo.json and the videos. Today they are had from "
    f"{_LISTS} (MSRVTT_data.json and the lists of retrieval papers) and {_COPY} (videos).",
    licence="none stated by the publishers; research use",
    cite="Xu, Mei, Yao, Rui: MSR-VTT: A Large Video Description Dataset for Bridging Video and Language (2016); "
    "1k-A: Yu, Kim, Kim: A Joint Sequence Fusion Model for Video Question Answering and Retrieval (2018)",
    layout="""\
TrainValVideo/video0.mp4 …      also videos/all, videos, MSRVTT/videos/all, MSRVTT_Videos or the root
TestVideo/video7010.mp4 …
train_val_videodatainfo.json    both, or MSRVTT_data.json or videodatainfo_2017.json in their place;
test_videodatainfo.json         all lists may also lie in annotations/ or msrvtt_data/
MSRVTT_JSFUSION_test.csv        the split test1k (may be missing)
MSRVTT_train.9k.csv             the split train9k (may be missing)""",
    sizes={"train": 6_513, "validate": 497, "test": 2_990, "test1k": 1_000, "train9k": 9_000},
    label="category",
    defects=(
        "test1k lies within test, and train9k holds the rest of test: never mix the two families of splits.",
        "Captions were typed by many hands: misspellings, and the same caption more than once for a clip.",
        "Start and end times of the lists refer to the videos on YouTube the clips were cut from, and aren't read.",
        "Some clips have no sound.",
    ),
)


def read(root: Path) -> Listing:
    """Splits ``train``, ``validate``, ``test``, and ``test1k`` and ``train9k`` where listed.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("msrvtt", root)
    whole = present(root, *_places(*_WHOLE))
    if whole and not present(root, *_places("train_val_videodatainfo.json")):
        tables = [whole]
    else:
        names = ("train_val_videodatainfo.json", "test_videodatainfo.json")
        either = f"{_PAGE}; MSRVTT_data.json of {_LISTS} does for both"
        tables = [official.file(*_places(name), source=either) for name in names]
    folders = [root / place for place in _VIDEOS if (root / place).is_dir()]
    if root.is_dir() and any(_NAME.fullmatch(stem) for stem in stems(root, root, MOVING)):
        folders.append(root)
    elif not folders:
        official.folder(*_VIDEOS, source=_COPY)
    official.check()
    found: dict[str, str] = {}
    for folder in folders:
        found = stems(root, folder, MOVING, "mp4") | found
    problems: list[Problem] = []
    videos = Once(problems)
    texts: dict[str, list[str]] = {}
    labels = {name: {"category": name} for name in CATEGORIES}
    for table in tables:
        content = read_json(table, dict)
        listed = _videos(table, content, labels, videos, problems)
        _captions(table, content, listed, texts, problems)
    if not len(videos):
        raise AnnotationError(tables[0], f"no usable video, expected {_FORMAT}")
    examples: dict[str, Example] = {}
    members: dict[str, list[Example]] = {"train": [], "validate": [], "test": []}
    for video in videos.examples():
        name, split = video.path, video.labels[_SPLIT]
        label = labels.get(video.labels.get("category", ""), {})
        path = found.get(name) or _missing(name, split, folders, root)
        examples[name] = Example(path, label, texts=tuple(texts.get(name, ())))
        members[split].append(examples[name])
    splits: dict[str, tuple[Example, ...]] = {split: tuple(mine) for split, mine in members.items()}
    lists = {"test1k": "MSRVTT_JSFUSION_test.csv", "train9k": "MSRVTT_train.9k.csv"}
    more = {split: present(root, *_places(name)) for split, name in lists.items()}
    for split, table in more.items():
        if table:
            splits[split] = tuple(_listed(table, split, examples, problems))
    read_files = (*tables, *(table for table in more.values() if table))
    kept = {split: content for split, content in splits.items() if content}
    return Listing(kept, {"category": CATEGORIES}, read_files, tuple(problems))


def _places(*names: str) -> tuple[str, ...]:
    return tuple(f"{folder}{name}" for name in names for folder in ("", "annotations/", "annotation/", "msrvtt_data/"))


def _missing(name: str, split: str, folders: list[Path], root: Path) -> str:
    """Where a video would be that isn't there."""
    folder = next((f for f in folders if split == "test" and f.name == "TestVideo"), folders[0])
    return (folder / f"{name}.mp4").relative_to(root).as_posix()


def _records(table: Path, content: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Entries of a list with their numbers, from 1; None for one that is no object."""
    entries = content.get(key)
    if not isinstance(entries, list):
        raise AnnotationError(table, f"no list {key!r}, expected {_FORMAT}")
    for number, entry in enumerate(entries, start=1):
        yield number, entry if isinstance(entry, dict) else None


def _videos(
    table: Path,
    content: Mapping[str, Any],
    labels: Mapping[str, dict[str, str]],
    videos: Once,
    problems: list[Problem],
) -> set[str]:
    """Add the videos of one file with their split and labels; returns their names."""
    listed: set[str] = set()
    for number, entry in _records(table, content, "videos"):
        name, split, category = (entry.get(key) for key in ("video_id", "split", "category")) if entry else [None] * 3
        why = ""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            why = f"the video_id {name!r} isn't like 'video0'"
        elif not isinstance(split, str) or split not in _SPLITS:
            why = f"{name}: the split {split!r} isn't train, validate or test"
        elif category is not None and (type(category) is not int or not 0 <= category < len(CATEGORIES)):
            why = f"{name}: the category {category!r} isn't one of 0 … {len(CATEGORIES) - 1}"
        else:
            its = {} if category is None else labels[CATEGORIES[category]]
            videos.add(name, f"{table.name}, videos {number}", Example(name, {_SPLIT: _SPLITS[split], **its}))
            listed.add(name)
        if why:
            problems.append(Problem(f"{table.name}, videos {number}", why))
    return listed


def _captions(
    table: Path,
    content: Mapping[str, Any],
    listed: set[str],
    texts: dict[str, list[str]],
    problems: list[Problem],
) -> None:
    """Add the captions of one file to ``texts``."""
    seen: set[int | str] = set()
    for number, entry in _records(table, content, "sentences"):
        name, caption, key = (entry.get(k) for k in ("video_id", "caption", "sen_id")) if entry else [None] * 3
        caption = caption.strip() if isinstance(caption, str) else ""
        why = ""
        if not isinstance(name, str) or name not in listed:
            why = f"a caption of {name!r}, which isn't a usable video of this file"
        elif not caption:
            why = f"{name}: no caption"
        elif isinstance(key, int | str) and key in seen:
            why = f"{name}: the sen_id {key} is listed twice"
        else:
            texts.setdefault(name, []).append(caption)
        if why:
            problems.append(Problem(f"{table.name}, sentences {number}", why))
        if isinstance(key, int | str):
            seen.add(key)


def _listed(table: Path, split: str, examples: Mapping[str, Example], problems: list[Problem]) -> Iterator[Example]:
    """Examples of a list of retrieval papers; that of test1k has a caption of its own for each."""
    header = read_text(table).split("\n", 1)[0]
    columns = ("video_id", "sentence") if split == "test1k" else ("video_id",)
    delimiter = ";" if "," not in header and ";" in header else ","
    seen: set[str] = set()
    for line, row in read_table(table, columns, delimiter=delimiter):
        name = row[0] if row else ""
        if row is None or name not in examples:
            problems.append(
                Problem(f"{table.name}:{line}", f"{name!r} isn't a usable video of the lists with captions")
            )
        elif name in seen:
            problems.append(Problem(f"{table.name}:{line}", f"{name} is listed twice"))
        elif not row[-1]:
            problems.append(Problem(f"{table.name}:{line}", f"{name}: no caption"))
        else:
            seen.add(name)
            whole = examples[name]
            yield whole if split == "train9k" else Example(whole.path, whole.labels, texts=(row[-1],))
    if not seen:
        raise AnnotationError(table, f"no usable line, expected {','.join(columns)}")


MSRVTT = DataSet("msrvtt", CARD, read)
