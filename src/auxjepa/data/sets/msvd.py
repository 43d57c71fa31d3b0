"""MSVD, the Microsoft Research Video Description Corpus: 1,970 YouTube clips with about 40 English captions each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles, find_media

_PAGE = "https://www.cs.utexas.edu/users/ml/clamp/videoDescription"
_CSV = "https://github.com/jazzsaxmafia/video_to_sequence/files/387979/video_corpus.csv.zip"
_LISTS = "https://github.com/albanie/collaborative-experts/tree/master/misc/datasets/msvd"
_CORPUS = ("video_corpus.csv", "MSR Video Description Corpus.csv")
_LINES = "AllVideoDescriptions.txt"
_VIDEOS = ("YouTubeClips", "MSVD_Videos", "videos")
_SPLITS = {"train": "train_list.txt", "val": "val_list.txt", "test": "test_list.txt"}

CARD = Card(
    title="MSVD",
    about="Short YouTube clips of one activity each. Many people wrote captions for each clip. The captions are texts "
    "in the order of the corpus. The name of a clip is the id of its video with the first and the last second. There "
    "are no labels. Captions in other languages than English aren't read.",
    obtain=f"{_PAGE}: YouTubeClips.tar and AllVideoDescriptions.txt, or the corpus as {_CSV}. Split lists: {_LISTS}.",
    licence="none stated by the publishers; research use",
    cite="Chen, Dolan: Collecting Highly Parallel Data for Paraphrase Evaluation (2011)",
    layout="""\
YouTubeClips/mv89psg6zh4_33_46.avi …          YouTubeClips.tar; the folder may also be MSVD_Videos/ or videos/
AllVideoDescriptions.txt                      this file or the next; lists may also be in annotations/ or msvd_data/
video_corpus.csv                              or 'MSR Video Description Corpus.csv'
train_list.txt, val_list.txt, test_list.txt   names of clips, one a line""",
    sizes={"train": 1_200, "val": 100, "test": 670},
    label=None,
    defects=(
        "The splits come from later papers. The corpus describes more clips than the splits list. A problem counts the "
        "clips that are in no split.",
        "Some lines of video_corpus.csv have no caption. They are listed as problems.",
    ),
)


def read(root: Path) -> Listing:
    """Read the splits ``train``, ``val`` and ``test``. There are no labels; the texts are English captions.

    Args:
        root: folder of the data set.

    Raises:
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = OfficialFiles("msvd", root)
    names = (*_places(_LINES), *(place for name in _CORPUS for place in _places(name)))
    corpus = official.file(*names, source=f"{_PAGE} or {_CSV}")
    tables = {split: official.file(*_places(name), source=_LISTS) for split, name in _SPLITS.items()}
    videos = official.folder(*_VIDEOS, source=f"YouTubeClips.tar, {_PAGE}")
    official.check()
    problems: list[Problem] = []
    texts = _read_caption_lines(corpus, problems) if corpus.name == _LINES else _read_caption_table(corpus, problems)
    media, below = find_media(root, videos, MOVING, "avi"), official.relative(videos)
    split_of: dict[str, str] = {}
    splits = {
        split: _read_split(table, split, texts, media, below, split_of, problems) for split, table in tables.items()
    }
    unlisted = [clip for clip in texts if clip not in split_of]
    if unlisted:
        what = f"captions of clips that are in no split: {len(unlisted)}, such as {unlisted[0]}"
        problems.append(Problem(corpus.name, what))
    return Listing(splits, {}, (corpus, *tables.values()), tuple(problems))


def _places(name: str) -> tuple[str, ...]:
    return name, f"annotations/{name}", f"msvd_data/{name}"


def _read_split(
    table: Path,
    split: str,
    texts: Mapping[str, list[str]],
    media: Mapping[str, str],
    below: str,
    split_of: dict[str, str],
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Return the examples of one list.

    Args:
        table: list of the split.
        split: name of the split.
        texts: captions by clip.
        media: path of each video by its name.
        below: folder of videos that are missing, relative to the root.
        split_of: split of each clip of earlier lists; the clips of this list are added.
        problems: list that receives a problem for each line that can't be used.

    Raises:
        AnnotationError: if no line can be used.
    """
    examples: list[Example] = []
    for number, line in enumerate(read_text(table).split("\n"), start=1):
        clip = line.strip()
        stem, dot, suffix = clip.rpartition(".")
        clip = stem if dot and suffix.lower() in MOVING else clip
        if not clip:
            continue
        if unsafe(clip) or "/" in clip:
            problems.append(Problem(f"{table.name}:{number}", f"{clip!r} isn't a clip's name"))
        elif clip in split_of:
            problems.append(Problem(f"{table.name}:{number}", f"{clip} is listed in {split_of[clip]} already"))
        elif clip not in texts:
            problems.append(Problem(f"{table.name}:{number}", f"{clip} has no caption"))
        else:
            split_of[clip] = split
            examples.append(Example(media.get(clip) or f"{below}/{clip}.avi", {}, texts=tuple(texts[clip])))
    if not examples:
        raise AnnotationError(table, "no line is the name of a clip with captions, such as mv89psg6zh4_33_46")
    return tuple(examples)


def _read_caption_lines(file: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """Return the captions by clip from lines ``CLIP CAPTION``; lines that begin with # are comments."""
    texts: dict[str, list[str]] = {}
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        clip, _, caption = line.strip().partition(" ")
        if not clip or clip.startswith("#"):
            continue
        if not caption.strip():
            problems.append(Problem(f"{file.name}:{number}", f"{clip!r} isn't a clip with a caption"))
        else:
            texts.setdefault(clip, []).append(caption.strip())
    if not texts:
        raise AnnotationError(file, "no line is CLIP CAPTION, such as mv89psg6zh4_33_46 A bird is bathing in a sink.")
    return texts


def _read_caption_table(file: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """Return the English captions by clip from the table of the corpus."""
    texts: dict[str, list[str]] = {}
    for line, row in read_table(file, ("videoid", "start", "end", "language", "description")):
        clip = _clip_name(*row[:3]) if row else None
        if row is None or clip is None:
            what = f"{','.join(row[:3])!r} isn't an ID with a start and an end in seconds" if row else "too few values"
            problems.append(Problem(f"{file.name}:{line}", what))
        elif row[3].lower() == "english" and not row[4]:
            problems.append(Problem(f"{file.name}:{line}", f"{clip}: no caption"))
        elif row[3].lower() == "english":
            texts.setdefault(clip, []).append(row[4])
    if not texts:
        raise AnnotationError(file, "no line has an English caption")
    return texts


def _clip_name(video: str, start: str, end: str) -> str | None:
    """Return ``VIDEO_START_END``, or None if start or end is not a number."""
    try:
        return f"{video}_{int(float(start))}_{int(float(end))}" if video else None
    except (ValueError, OverflowError):
        return None


MSVD = DataSet("msvd", CARD, read)
