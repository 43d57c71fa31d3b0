"""MSVD, the Microsoft Research Video Description Corpus: 1,970 YouTube clips with about 40 English captions each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auxjepa.data.errors import AnnotationError
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.media.open import MOVING
from auxjepa.data.sets.annotations import read_table, read_text
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Problem, stems

_PAGE = "https://www.cs.utexas.edu/users/ml/clamp/videoDescription"
_CSV = "https://github.com/jazzsaxmafia/video_to_sequence/files/387979/video_corpus.csv.zip"
_LISTS = "https://github.com/albanie/collaborative-experts/tree/master/misc/datasets/msvd"
_CORPUS = ("video_corpus.csv", "MSR Video Description Corpus.csv")
_LINES = "AllVideoDescriptions.txt"
_VIDEOS = ("YouTubeClips", "MSVD_Videos", "videos")
_SPLITS = {"train": "train_list.txt", "val": "val_list.txt", "test": "test_list.txt"}

CARD = Card(
    title="MSVD",
    about="Short YouTube clips of one activity each, with captions that many people wrote, which are kept as texts in "
    "the order written. A clip is named by the video's id and the seconds it was cut at. There are no labels. "
    "Captions in other languages, of which the corpus has some, aren't read.",
    obtain=f"{_PAGE}: YouTubeClips.tar and AllVideoDescriptions.txt, or the corpus as {_CSV}. Split lists: {_LISTS}.",
    licence="none stated by the publishers; research use",
    cite="Chen, Dolan: Collecting Highly Parallel Data for Paraphrase Evaluation (2011)",
    layout="""\
YouTubeClips/mv89psg6zh4_33_46.avi …          YouTubeClips.tar; also MSVD_Videos/ or videos/
AllVideoDescriptions.txt                      one of the two; lists may also lie in annotations/ or msvd_data/
video_corpus.csv                              or 'MSR Video Description Corpus.csv'
train_list.txt, val_list.txt, test_list.txt   names of clips, one a line""",
    sizes={"train": 1_200, "val": 100, "test": 670},
    label=None,
    defects=(
        "The splits are of later work, not of the corpus, which describes more clips than they list: how many is told "
        "as a problem.",
        "Some lines of video_corpus.csv have no caption; they are listed as problems.",
    ),
)


def read(root: Path) -> Listing:
    """Splits ``train``, ``val`` and ``test``; no labels, English captions as texts.

    Raises:
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
    """
    official = Official("msvd", root)
    names = (*_places(_LINES), *(place for name in _CORPUS for place in _places(name)))
    corpus = official.file(*names, source=f"{_PAGE} or {_CSV}")
    tables = {split: official.file(*_places(name), source=_LISTS) for split, name in _SPLITS.items()}
    videos = official.folder(*_VIDEOS, source=f"YouTubeClips.tar, {_PAGE}")
    official.check()
    problems: list[Problem] = []
    texts = _from_lines(corpus, problems) if corpus.name == _LINES else _from_table(corpus, problems)
    found, below = stems(root, videos, MOVING, "avi"), official.relative(videos)
    known: dict[str, str] = {}
    splits = {split: _examples(table, split, texts, found, below, known, problems) for split, table in tables.items()}
    rest = [clip for clip in texts if clip not in known]
    if rest:
        problems.append(Problem(corpus.name, f"captions of clips that are in no split: {len(rest)}, such as {rest[0]}"))
    return Listing(splits, {}, (corpus, *tables.values()), tuple(problems))


def _places(name: str) -> tuple[str, ...]:
    return name, f"annotations/{name}", f"msvd_data/{name}"


def _examples(
    table: Path,
    split: str,
    texts: Mapping[str, list[str]],
    found: Mapping[str, str],
    below: str,
    known: dict[str, str],
    problems: list[Problem],
) -> tuple[Example, ...]:
    """Clips of one list. ``known`` holds the split of clips of the lists before, and is added to."""
    examples: list[Example] = []
    for number, line in enumerate(read_text(table).split("\n"), start=1):
        clip = line.strip()
        stem, dot, suffix = clip.rpartition(".")
        clip = stem if dot and suffix.lower() in MOVING else clip
        if not clip:
            continue
        if unsafe(clip) or "/" in clip:
            problems.append(Problem(f"{table.name}:{number}", f"{clip!r} isn't a clip's name"))
        elif clip in known:
            problems.append(Problem(f"{table.name}:{number}", f"{clip} is listed in {known[clip]} already"))
        elif clip not in texts:
            problems.append(Problem(f"{table.name}:{number}", f"{clip} has no caption"))
        else:
            known[clip] = split
            examples.append(Example(found.get(clip) or f"{below}/{clip}.avi", {}, texts=tuple(texts[clip])))
    if not examples:
        raise AnnotationError(table, "no line is the name of a clip with captions, such as mv89psg6zh4_33_46")
    return tuple(examples)


def _from_lines(file: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """Captions by clip from lines ``CLIP CAPTION``; lines that begin with # are remarks."""
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


def _from_table(file: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """English captions by clip from the corpus."""
    texts: dict[str, list[str]] = {}
    for line, row in read_table(file, ("videoid", "start", "end", "language", "description")):
        clip = _clip(*row[:3]) if row else None
        if row is None or clip is None:
            told = f"{','.join(row[:3])!r} isn't an ID with a start and an end in seconds" if row else "too few values"
            problems.append(Problem(f"{file.name}:{line}", told))
        elif row[3].lower() == "english" and not row[4]:
            problems.append(Problem(f"{file.name}:{line}", f"{clip}: no caption"))
        elif row[3].lower() == "english":
            texts.setdefault(clip, []).append(row[4])
    if not texts:
        raise AnnotationError(file, "no line has an English caption")
    return texts


def _clip(video: str, start: str, end: str) -> str | None:
    try:
        return f"{video}_{int(float(start))}_{int(float(end))}" if video else None
    except (ValueError, OverflowError):
        return None


MSVD = DataSet("msvd", CARD, read)
