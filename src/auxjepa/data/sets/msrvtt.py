"""MSR-VTT: 10,000 web video clips, each with a category and about 20 captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import find_file, read_json, read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_PAGE = "http://ms-multimedia-challenge.com/2017/dataset (often offline)"
_LISTS = "https://github.com/ArrowLuo/CLIP4Clip/releases/download/v0.0/msrvtt_data.zip"
_COPY = "https://www.robots.ox.ac.uk/~maxbain/frozen-in-time/data/MSRVTT.zip"
_SINGLE_LISTS = ("MSRVTT_data.json", "videodatainfo_2017.json")
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
    about="Short clips of web videos. Each clip has one of 20 categories and about 20 English captions. The captions "
    "are texts in the order of the lists. In addition to the official splits, there are two splits of retrieval papers "
    "if their lists exist: test1k (1k-A, one caption a clip) and train9k (the other 9,000 clips).",
    obtain=f"{_PAGE}: train_val_videodatainfo.json, test_videodatainfo.json and the videos. Copies: {_LISTS} "
    f"(MSRVTT_data.json and the lists of retrieval papers) and {_COPY} (videos).",
    licence="none stated by the publishers; research use",
    cite="Xu, Mei, Yao, Rui: MSR-VTT: A Large Video Description Dataset for Bridging Video and Language (2016); "
    "1k-A: Yu, Kim, Kim: A Joint Sequence Fusion Model for Video Question Answering and Retrieval (2018)",
    layout="""\
TrainValVideo/video0.mp4 …      or in videos/all, videos, MSRVTT/videos/all, MSRVTT_Videos or the root
TestVideo/video7010.mp4 …
train_val_videodatainfo.json    both lists, or MSRVTT_data.json or videodatainfo_2017.json instead;
test_videodatainfo.json         all lists may also be in annotations/ or msrvtt_data/
MSRVTT_JSFUSION_test.csv        the split test1k (may be missing)
MSRVTT_train.9k.csv             the split train9k (may be missing)""",
    sizes={"train": 6_513, "validate": 497, "test": 2_990, "test1k": 1_000, "train9k": 9_000},
    label="category",
    defects=(
        "test1k is a part of test, and train9k holds the other clips of test. Don't mix the official splits with "
        "these.",
        "Many people typed the captions. Some are misspelt, and some clips have the same caption several times.",
        "The start and end times of the lists refer to the source videos on YouTube and aren't read.",
        "Some clips have no sound.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train``, ``validate``, ``test`` and, if their lists exist, ``test1k`` and ``train9k``.

    The label column is ``category``. The texts of an example are its captions.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("msrvtt", root)
    single_list = find_file(root, *_places(*_SINGLE_LISTS))
    if single_list and not find_file(root, *_places("train_val_videodatainfo.json")):
        tables = [single_list]
    else:
        names = ("train_val_videodatainfo.json", "test_videodatainfo.json")
        source = f"{_PAGE}; MSRVTT_data.json of {_LISTS} replaces both lists"
        tables = [official.file(*_places(name), source=source) for name in names]
    folders = [root / place for place in _VIDEOS if (root / place).is_dir()]
    if root.is_dir() and any(_NAME.fullmatch(stem) for stem in find_media(root, root, MOVING)):
        folders.append(root)
    elif not folders:
        official.folder(*_VIDEOS, source=_COPY)
    official.check()
    media: dict[str, str] = {}
    for folder in folders:
        media = find_media(root, folder, MOVING, "mp4") | media
    problems: list[Problem] = []
    videos = UniqueExamples(problems)
    texts: dict[str, list[str]] = {}
    labels = {name: {"category": name} for name in CATEGORIES}
    for table in tables:
        content = read_json(table, dict)
        names_of_table = _add_videos(table, content, labels, videos, problems)
        _add_captions(table, content, names_of_table, texts, problems)
    if not len(videos):
        raise AnnotationError(tables[0], f"no usable video, expected {_FORMAT}")
    examples: dict[str, Example] = {}
    members: dict[str, list[Example]] = {"train": [], "validate": [], "test": []}
    for video in videos.examples():
        name, split = video.path, video.labels[_SPLIT]
        label = labels.get(video.labels.get("category", ""), {})
        path = media.get(name) or _official_path(name, split, folders, root)
        examples[name] = Example(path, label, texts=tuple(texts.get(name, ())))
        members[split].append(examples[name])
    splits: dict[str, tuple[Example, ...]] = {split: tuple(clips) for split, clips in members.items()}
    lists = {"test1k": "MSRVTT_JSFUSION_test.csv", "train9k": "MSRVTT_train.9k.csv"}
    retrieval_tables = {split: find_file(root, *_places(name)) for split, name in lists.items()}
    for split, table in retrieval_tables.items():
        if table:
            splits[split] = tuple(_read_retrieval_split(table, split, examples, problems))
    annotations = (*tables, *(table for table in retrieval_tables.values() if table))
    splits = {split: clips for split, clips in splits.items() if clips}
    return Listing(splits, {"category": CATEGORIES}, annotations, tuple(problems))


def _places(*names: str) -> tuple[str, ...]:
    return tuple(f"{folder}{name}" for name in names for folder in ("", "annotations/", "annotation/", "msrvtt_data/"))


def _official_path(name: str, split: str, folders: list[Path], root: Path) -> str:
    """Return the official path of a missing video, relative to the root."""
    folder = next((f for f in folders if split == "test" and f.name == "TestVideo"), folders[0])
    return (folder / f"{name}.mp4").relative_to(root).as_posix()


def _entries(table: Path, content: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield number (from 1) and content of each entry of a list; None for an entry that is no object."""
    entries = content.get(key)
    if not isinstance(entries, list):
        raise AnnotationError(table, f"no list {key!r}, expected {_FORMAT}")
    for number, entry in enumerate(entries, start=1):
        yield number, entry if isinstance(entry, dict) else None


def _add_videos(
    table: Path,
    content: Mapping[str, Any],
    labels: Mapping[str, dict[str, str]],
    videos: UniqueExamples,
    problems: list[Problem],
) -> set[str]:
    """Add the videos of one file with their split and labels to ``videos``, and return their names."""
    names: set[str] = set()
    for number, entry in _entries(table, content, "videos"):
        name, split, category = (entry.get(key) for key in ("video_id", "split", "category")) if entry else [None] * 3
        why = ""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            why = f"the video_id {name!r} isn't like 'video0'"
        elif not isinstance(split, str) or split not in _SPLITS:
            why = f"{name}: the split {split!r} isn't train, validate or test"
        elif category is not None and (type(category) is not int or not 0 <= category < len(CATEGORIES)):
            why = f"{name}: the category {category!r} isn't one of 0 … {len(CATEGORIES) - 1}"
        else:
            columns = {} if category is None else labels[CATEGORIES[category]]
            videos.add(name, f"{table.name}, videos {number}", Example(name, {_SPLIT: _SPLITS[split], **columns}))
            names.add(name)
        if why:
            problems.append(Problem(f"{table.name}, videos {number}", why))
    return names


def _add_captions(
    table: Path,
    content: Mapping[str, Any],
    names: set[str],
    texts: dict[str, list[str]],
    problems: list[Problem],
) -> None:
    """Add the captions of one file to ``texts``, for the videos ``names``."""
    keys: set[int | str] = set()
    for number, entry in _entries(table, content, "sentences"):
        name, caption, key = (entry.get(k) for k in ("video_id", "caption", "sen_id")) if entry else [None] * 3
        caption = caption.strip() if isinstance(caption, str) else ""
        why = ""
        if not isinstance(name, str) or name not in names:
            why = f"a caption of {name!r}, which isn't a usable video of this file"
        elif not caption:
            why = f"{name}: no caption"
        elif isinstance(key, int | str) and key in keys:
            why = f"{name}: the sen_id {key} is listed twice"
        else:
            texts.setdefault(name, []).append(caption)
        if why:
            problems.append(Problem(f"{table.name}, sentences {number}", why))
        if isinstance(key, int | str):
            keys.add(key)


def _read_retrieval_split(
    table: Path, split: str, examples: Mapping[str, Example], problems: list[Problem]
) -> Iterator[Example]:
    """Yield the examples of a list of retrieval papers; the list of test1k has one caption for each clip."""
    header = read_text(table).split("\n", 1)[0]
    columns = ("video_id", "sentence") if split == "test1k" else ("video_id",)
    delimiter = ";" if "," not in header and ";" in header else ","
    names: set[str] = set()
    for line, row in read_table(table, columns, delimiter=delimiter):
        name = row[0] if row else ""
        if row is None or name not in examples:
            problems.append(
                Problem(f"{table.name}:{line}", f"{name!r} isn't a usable video of the lists with captions")
            )
        elif name in names:
            problems.append(Problem(f"{table.name}:{line}", f"{name} is listed twice"))
        elif not row[-1]:
            problems.append(Problem(f"{table.name}:{line}", f"{name}: no caption"))
        else:
            names.add(name)
            example = examples[name]
            yield example if split == "train9k" else Example(example.path, example.labels, texts=(row[-1],))
    if not names:
        raise AnnotationError(table, f"no usable line, expected {','.join(columns)}")


MSRVTT = DataSet("msrvtt", CARD, read)
