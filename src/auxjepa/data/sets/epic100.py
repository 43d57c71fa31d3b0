"""EPIC-Kitchens-100: 89,977 actions in 700 long videos of people in their kitchens, each a verb with a noun."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import find_file, read_table
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media
from auxjepa.data.sets.unique_examples import UniqueExamples

_LISTS = "https://github.com/epic-kitchens/epic-kitchens-100-annotations"
_VIDEOS = "epic_downloader.py --videos of https://github.com/epic-kitchens/epic-kitchens-download-scripts"
_FOLDERS = ("", "epic-kitchens-100-annotations/", "annotations/")
_TIME = re.compile(r"(\d{1,3}):([0-5]?\d):([0-5]?\d(?:\.\d+)?)", re.ASCII)
_VIDEO = re.compile(r"(P\d{2})_\d{2,3}", re.ASCII)
_NUMBER = re.compile(r"(\d{1,9})(?:\.0)?", re.ASCII)
_PARTICIPANT = re.compile(r"P\d{2}", re.ASCII)
_MARKS = ("no", "yes")

CARD = Card(
    title="EPIC-Kitchens-100",
    about="Long first-person videos of unscripted work in the kitchen. An example is a segment of a video with a verb "
    "(97 classes) and a noun (300 classes). The label columns are verb, noun, action (the pair), participant, and "
    "three marks of the official metrics: unseen (the participant is in no training video), tail_verb and tail_noun "
    "(rare classes, which together have 20 % of the training segments). The narration is the text of an example.",
    obtain=f"Annotations: {_LISTS}. Videos: {_VIDEOS}, or the torrents in its README.",
    licence="Creative Commons Attribution-NonCommercial 4.0",
    cite="Damen et al.: Rescaling Egocentric Vision: Collection, Pipeline and Challenges for EPIC-KITCHENS-100 "
    "(2022), arXiv 2006.13256",
    layout="""\
EPIC-KITCHENS/P01/videos/P01_01.MP4 …            videos of 2018; or P01/videos/…, P01/…, videos/train/P01/…, videos/…
EPIC-KITCHENS/P01/videos/P01_101.MP4 …           videos of the extension of 2020, numbers from 101
EPIC_100_train.csv                               all lists may also be in epic-kitchens-100-annotations/
EPIC_100_validation.csv
EPIC_100_verb_classes.csv
EPIC_100_noun_classes.csv                        or EPIC_100_noun_classes_v2.csv
EPIC_100_test_timestamps.csv                     the test split, without labels (may be missing)
EPIC_100_tail_verbs.csv, EPIC_100_tail_nouns.csv for the marks tail_verb and tail_noun (may be missing)
EPIC_100_unseen_participant_ids_validation.csv   for the mark unseen; also …_test.csv (may be missing)""",
    sizes={"train": 67_217, "validation": 9_668, "test": 13_092},
    label="action",
    defects=(
        "Labels of the test split aren't public.",
        "The paper counts 67,219 training segments, but the published list has 67,217.",
        "Segments overlap, and many are shorter than a second.",
        "Some videos of 2018 have another frame rate than the other videos. Segments are read in seconds, so this has "
        "no effect. The columns start_frame and stop_frame count frames of the published pictures and aren't read.",
        "The verb and noun classes differ from those of EPIC-Kitchens-55. Its annotations can't be used here.",
        "The splits differ from those of 2018. The folders videos/train and videos/test of the old torrent don't match "
        "them.",
    ),
)


@dataclass(frozen=True)
class _Marks:
    """Classes and the marks of the official metrics; a mark is None if its file is missing.

    Args:
        verbs: class name by number.
        nouns: class name by number.
        tail_verbs: numbers of the rare verb classes.
        tail_nouns: numbers of the rare noun classes.
        unseen: participants without training videos, by split.
    """

    verbs: Mapping[int, str]
    nouns: Mapping[int, str]
    tail_verbs: frozenset[int] | None
    tail_nouns: frozenset[int] | None
    unseen: Mapping[str, frozenset[str] | None]

    def labels(self, split: str, participant: str, verb: int | None = None, noun: int | None = None) -> dict[str, str]:
        """Return the label columns of a segment.

        Args:
            split: split of the segment.
            participant: such as P01.
            verb: class number; None in the test split.
            noun: class number; None in the test split.
        """
        labels = {"participant": participant}
        unseen = self.unseen[split]
        if unseen is not None:
            labels["unseen"] = _MARKS[participant in unseen]
        if verb is not None and noun is not None:
            names = {"verb": self.verbs[verb], "noun": self.nouns[noun]}
            labels |= {**names, "action": f"{names['verb']} {names['noun']}"}
            if self.tail_verbs is not None:
                labels["tail_verb"] = _MARKS[verb in self.tail_verbs]
            if self.tail_nouns is not None:
                labels["tail_noun"] = _MARKS[noun in self.tail_nouns]
        return labels


def read(root: Path) -> Listing:
    """Read the splits ``train``, ``validation`` and, if its list exists, ``test``.

    The card describes the label columns. The text of an example is its narration. The actions of both labelled splits
    are classes, in the order of their verb's number and then of their noun's number.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("epic100", root)
    tables = {split: official.file(*_places(f"EPIC_100_{split}"), source=_LISTS) for split in ("train", "validation")}
    verbs = official.file(*_places("EPIC_100_verb_classes"), source=_LISTS)
    nouns = official.file(*_places("EPIC_100_noun_classes", "EPIC_100_noun_classes_v2"), source=_LISTS)
    videos = official.folder("EPIC-KITCHENS", "P01", "videos", "P02", "P03", source=_VIDEOS)
    official.check()
    test = find_file(root, *_places("EPIC_100_test_timestamps"))
    if test:
        tables["test"] = test
    tails = {column: find_file(root, *_places(f"EPIC_100_tail_{column}s")) for column in ("verb", "noun")}
    ids = {s: find_file(root, *_places(f"EPIC_100_unseen_participant_ids_{s}")) for s in ("validation", "test")}
    marks = _Marks(
        verbs=_read_classes(verbs),
        nouns=_read_classes(nouns),
        tail_verbs=_read_numbers(tails["verb"], "verb"),
        tail_nouns=_read_numbers(tails["noun"], "noun"),
        unseen={
            "train": frozenset() if ids["validation"] else None,
            **{split: _read_participants(file) for split, file in ids.items()},
        },
    )
    below = "EPIC-KITCHENS/" if videos.name == "EPIC-KITCHENS" else ""
    media, problems = _find_videos(root), list[Problem]()
    splits = {split: _read_split(table, split, marks, media, below, problems) for split, table in tables.items()}
    optional = [file for file in (*tails.values(), *ids.values()) if file]
    return Listing(splits, _values(splits, marks), (*tables.values(), verbs, nouns, *optional), tuple(problems))


def parse_time(timestamp: str) -> float | None:
    """Return a time in seconds, 62.5 for ``00:01:02.50``; None if it isn't hours, minutes and seconds."""
    match = _TIME.fullmatch(timestamp)
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None


def _read_split(
    table: Path, split: str, marks: _Marks, media: Mapping[str, str], below: str, problems: list[Problem]
) -> tuple[Example, ...]:
    """Return the examples of one list.

    Args:
        table: list of the split.
        split: name of the split.
        marks: classes and marks of the official metrics.
        media: path of each video by its name.
        below: folder of videos that are missing, relative to the root, with a slash.
        problems: list that receives a problem for each line that can't be used.

    Raises:
        AnnotationError: if no line can be used.
    """
    labelled = split != "test"
    needed = ["narration_id", "video_id", "start_timestamp", "stop_timestamp"]
    needed += ["narration", "verb_class", "noun_class"] if labelled else []
    examples = UniqueExamples(problems)
    labels: dict[tuple[str, int | None, int | None], dict[str, str]] = {}  # equal labels share one dict
    for line, row in read_table(table, needed):
        why, verb, noun = "fewer values than columns", None, None
        if row is not None:
            name, video, start, stop = row[0], _VIDEO.fullmatch(row[1]), parse_time(row[2]), parse_time(row[3])
            if labelled:
                verb, noun = _number(row[5]), _number(row[6])
            why = ""
            if not name:
                why = "no narration_id"
            elif video is None:
                why = f"{name}: the video_id {row[1]!r} isn't like P01_01"
            elif start is None or stop is None:
                why = f"{name}: {row[2]!r} … {row[3]!r} aren't two times like 00:01:02.50"
            elif stop <= start:
                why = f"{name}: it stops at {row[3]}, before it starts at {row[2]}"
            elif labelled and (verb not in marks.verbs or noun not in marks.nouns):
                why = f"{name}: verb {row[5]!r} and noun {row[6]!r} aren't both numbers of listed classes"
            else:
                key = (video[1], verb, noun)
                if key not in labels:
                    labels[key] = marks.labels(split, *key)
                path = media.get(row[1]) or f"{below}{video[1]}/videos/{row[1]}.MP4"
                texts = (row[4],) if labelled and row[4] else ()
                examples.add(name, f"{table.name}:{line}", Example(path, labels[key], start, stop, texts))
        if why:
            problems.append(Problem(f"{table.name}:{line}", why))
    if not len(examples):
        raise AnnotationError(table, f"no usable line, expected {','.join(needed)} and others")
    return examples.examples()


def _values(splits: Mapping[str, tuple[Example, ...]], marks: _Marks) -> dict[str, tuple[str, ...]]:
    """Return the values of each label column; a mark has a column if its file exists."""
    rows = [example.labels for examples in splits.values() for example in examples]
    actions = {labels["action"]: (labels["verb"], labels["noun"]) for labels in rows if "action" in labels}
    verbs, nouns = ({name: number for number, name in names.items()} for names in (marks.verbs, marks.nouns))
    ordered = sorted(actions, key=lambda action: (verbs[actions[action][0]], nouns[actions[action][1]]))
    available = {
        "unseen": any(ids is not None for ids in marks.unseen.values()),
        "tail_verb": marks.tail_verbs is not None,
        "tail_noun": marks.tail_nouns is not None,
    }
    return {
        "verb": tuple(marks.verbs.values()),
        "noun": tuple(marks.nouns.values()),
        "action": tuple(ordered),
        "participant": tuple(sorted({labels["participant"] for labels in rows})),
        **{column: _MARKS for column, exists in available.items() if exists},
    }


def _places(*names: str) -> tuple[str, ...]:
    return tuple(f"{folder}{name}.csv" for name in names for folder in _FOLDERS)


def _find_videos(root: Path) -> dict[str, str]:
    """Return the videos by their name without suffix.

    Folders of pictures next to the videos hold millions of files, so only the folders of videos are searched.
    """
    tops = [root / name for name in ("EPIC-KITCHENS", ".", "videos", "videos/train", "videos/test")]
    media: dict[str, str] = {}
    for top in (folder for folder in tops if folder.is_dir()):
        people = sorted(path for path in top.iterdir() if _PARTICIPANT.fullmatch(path.name))
        for folder in [top, *(subfolder for person in people for subfolder in (person / "videos", person))]:
            if folder.is_dir():
                for stem, path in find_media(root, folder, MOVING, "mp4").items():
                    media.setdefault(stem, path)
    return media


def _read_classes(table: Path) -> dict[int, str]:
    """Return the class names by number, in the order of the numbers, which count from 0."""
    numbered: dict[int, str] = {}
    for line, row in read_table(table, ("id", "key")):
        number = _number(row[0]) if row else None
        if row is None or number is None or not row[1] or number in numbered:
            raise AnnotationError(table, f"line {line} isn't a new number with a class name (id,key,…)")
        numbered[number] = row[1]
    if sorted(numbered) != list(range(len(numbered))) or not numbered or len(set(numbered.values())) < len(numbered):
        raise AnnotationError(table, "class numbers don't count from 0 without a gap, or two names are the same")
    return {number: numbered[number] for number in range(len(numbered))}


def _read_column(table: Path, column: str) -> Iterator[tuple[int, str]]:
    """Yield line number and value of each line that has a value in the column."""
    for line, row in read_table(table, (column,)):
        if row is not None and row[0]:
            yield line, row[0]


def _read_numbers(table: Path | None, column: str) -> frozenset[int] | None:
    """Return the class numbers of a column; None without a file."""
    if table is None:
        return None
    numbers = {line: _number(value) for line, value in _read_column(table, column)}
    wrong = [line for line, number in numbers.items() if number is None]
    if wrong or not numbers:
        raise AnnotationError(table, f"line {wrong[0] if wrong else 1}: expected numbers of {column} classes")
    return frozenset(number for number in numbers.values() if number is not None)


def _read_participants(table: Path | None) -> frozenset[str] | None:
    """Return the participants of a list; None without a file."""
    if table is None:
        return None
    people = {value: line for line, value in _read_column(table, "participant_id")}
    wrong = [f"line {line}: {value!r}" for value, line in people.items() if not _PARTICIPANT.fullmatch(value)]
    if wrong or not people:
        raise AnnotationError(table, f"{wrong[0] if wrong else 'no line'} is a participant such as P18")
    return frozenset(people)


def _number(value: str) -> int | None:
    match = _NUMBER.fullmatch(value)
    return int(match[1]) if match else None


EPIC100 = DataSet("epic100", CARD, read)
