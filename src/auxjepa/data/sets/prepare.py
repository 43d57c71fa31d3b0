"""From official files on disk to manifests: every listed file scanned, every split written down, coverage counted.

A prepared set is a folder of text files, ``STORE/sets/NAME``::

    set.json         where the data set lies, splits with coverage, classes, checksums of its annotation files
    files.jsonl      what is in each media file (:mod:`auxjepa.data.manifest.scan`), paths relative to the data set's
    root SPLIT.jsonl      one example a line: path, first and last frame, labels, texts
    problems.jsonl   annotation lines that give no example

Only ``set.json`` names an absolute path: a data set that has moved is prepared again with its new root, and nothing is
scanned twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from auxjepa.config import ConfigError, Typed
from auxjepa.data.errors import ManifestError, VideoError, printable
from auxjepa.data.manifest.labels import are_numbers
from auxjepa.data.manifest.paths import inside
from auxjepa.data.manifest.scan import Scanned, scan_files
from auxjepa.data.manifest.split import TRAIN
from auxjepa.data.manifest.split_folders import split_of_name
from auxjepa.data.manifest.walk import unread_line
from auxjepa.data.media.open import open_media
from auxjepa.data.sets import SETS, find
from auxjepa.data.sets.data_set import DataSet, Example, Listing, Problem
from auxjepa.data.sets.repeats import without_repeats
from auxjepa.files import write_json, write_text
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

_SLACK = 1e-6
_REASONS = 3  # named of each split
_NAME = re.compile(r"[\w-](?:[\w.-]{0,62}[\w-])?")
_TAKEN = ("world", "folder", "shards")


class Coverage(Typed):
    """How much of a split is there."""

    listed: int = Field(ge=0, description="examples that the annotation files list")
    usable: int = Field(ge=0, description="of these, examples whose file is there and sound")


class PreparedSet(Typed):
    """``set.json``: a data set that is ready to be read."""

    format: str = "auxjepa-set"
    version: int = 1
    name: str
    data_set: str = Field(description="reader that prepared it")
    root: Path = Field(description="absolute; what all paths are relative to")
    split: str = Field(description="what is meant where no split is named")
    label: str | None = Field(description="column a probe reads by default")
    links: bool = Field(description="whether links may lead out of the root")
    splits: dict[str, Coverage]
    classes: dict[str, list[str]]
    annotations: dict[str, str] = Field(description="BLAKE2b of each annotation file, by path relative to the root")
    notes: list[str] = Field(default=[], description="what was left out, and how odd lines were read")
    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"notes": []}


def prepare(
    data_set: str,
    root: Path,
    store: Path,
    *,
    name: str | None = None,
    check: bool = False,
    links: bool = False,
    workers: int = 2,
    progress: bool = True,
) -> PreparedSet:
    """Read a data set's annotation files, scan the media files they list, and write the prepared set.

    Args:
        data_set: a name of :data:`auxjepa.data.sets.SETS`.
        root: where it lies.
        store: folder of prepared sets and caches (``data.root`` of runs).
        name: what to call it; the data set's own name when None.
        check: decode every frame; without it only the list of packets and the first frame are looked at.
        links: follow links that lead out of the root.
        workers: processes, 0 for one per core.

    Raises:
        ConfigError: for an unknown data set, or a generic one without a name.
        MissingFilesError, AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        ManifestError: when not one listed file can be used.
    """
    reader = find(data_set)
    if reader.generic and name is None:
        raise ConfigError(f"{data_set} is a format: say with --name what to call this data set")
    name = data_set if name is None else name
    if not _NAME.fullmatch(name) or PureWindowsPath(name).is_reserved():
        raise ConfigError(f"a set's name has letters, digits, -, _ and inner . only, 64 at most, got {name!r}")
    if name in _TAKEN:
        raise ConfigError(f"a set's name can't be {name!r}, which means something else as data.source")
    if name in SETS and name != data_set:
        raise ConfigError(f"{name!r} is the name of another data set: say with --name what to call this one")
    root = root.expanduser().absolute()
    listing = reader.read(root)
    folder = store / "sets" / name
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "prepare.lock", "prepares this set", progress=progress):
        return _prepared(reader, listing, root, folder, check=check, links=links, workers=workers, progress=progress)


def _prepared(
    reader: DataSet,
    listing: Listing,
    root: Path,
    folder: Path,
    *,
    check: bool,
    links: bool,
    workers: int,
    progress: bool,
) -> PreparedSet:
    """Scan what is listed and write everything down."""
    listed = {example.path for examples in listing.splits.values() for example in examples}
    files = scan_files(
        root, listed, folder / "files.jsonl", workers=workers, check=check, links=links, progress=progress
    )
    if listed and all(one.defect for one in files.values()):
        first = next(iter(files.values()))
        raise ManifestError(root, f"none of the {len(listed):,} listed files can be used; {first.path}: {first.defect}")
    problems = list(listing.problems)
    numbers = {column: number_classes(values) for column, values in listing.classes.items()}
    splits = {
        split: without_repeats(split, examples, files, root, problems) for split, examples in listing.splits.items()
    }
    cuts = _cuts(root, listing, files, problems, workers, progress)
    coverage = {
        split: _write_split(folder / f"{split}.jsonl", split, examples, files, numbers, cuts, problems)
        for split, examples in splits.items()
    }
    notes = [*listing.notes, *filter(None, [unread_line(listing.unread)])]
    notes += [line for split, examples in splits.items() if (line := _unusable(split, examples, files))]
    notes += [line for split, examples in splits.items() if (line := _unlabelled(split, examples, reader.card.label))]
    write_text(folder / "problems.jsonl", "".join(_line([one.where, one.what]) for one in problems))
    prepared = PreparedSet(
        name=folder.name,
        data_set=reader.name,
        root=root,
        split=_meant_split(reader.split, list(listing.splits)),
        label=reader.card.label,
        links=links,
        splits=coverage,
        classes={column: list(values) for column, values in listing.classes.items()},
        annotations={file.relative_to(root).as_posix(): _digest(file) for file in listing.annotations},
        notes=[printable(line) for line in notes],
    )
    write_json(folder / "set.json", prepared.model_dump(mode="json"))
    return prepared


def _meant_split(wanted: str, splits: list[str]) -> str:
    """The split that is meant where none is named: the usual one, else the first that is named after training."""
    named = [wanted] if wanted in splits else [name for name in splits if split_of_name(name) == TRAIN]
    return (named or splits)[0]


def read_set(name: str, store: Path) -> PreparedSet:
    """What is written down about a prepared set.

    Raises:
        ConfigError: when no set of this name was prepared.
        ManifestError: when its ``set.json`` is damaged.
    """
    file = store / "sets" / name / "set.json"
    if not file.exists():
        known = ", ".join(sorted(path.parent.name for path in (store / "sets").glob("*/set.json")))
        there = f"prepared in {store} are: {known}" if known else f"nothing is prepared in {store}"
        how = f"auxjepa data prepare {name if name in SETS else 'NAME'} --root PATH"
        raise ConfigError(f"no data set {name!r}: {there}. {how} prepares one; folder:PATH reads any folder of videos")
    try:
        # JSON as pydantic reads it has no names of files that aren't UTF-8.
        return PreparedSet.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, RecursionError):
        raise ManifestError(file, f"damaged: auxjepa data prepare {name} --root PATH writes it anew") from None


def number_classes(values: Iterable[str]) -> dict[str, int]:
    """Numbers of a column's classes: whole numbers stay what they are, others count from 0 in the order given."""
    values = list(values)
    whole = are_numbers(values)
    return {value: int(value) if whole else place for place, value in enumerate(values)}


def _write_split(
    file: Path,
    split: str,
    examples: tuple[Example, ...],
    files: dict[str, Scanned],
    numbers: dict[str, dict[str, int]],
    cuts: dict[tuple[str, float | None, float | None], tuple[int, int]],
    problems: list[Problem],
) -> Coverage:
    header = {"format": "auxjepa-split", "version": 1, "columns": list(numbers)}
    out, usable = [_line(header)], 0
    for example in examples:
        one = files[example.path]
        labels = [number.get(example.labels.get(column, ""), -1) for column, number in numbers.items()]
        start, stop = 0, one.frames
        if not one.defect and (example.start is not None or example.stop is not None):
            start, stop = cuts.get((example.path, example.start, example.stop), (0, 0))
            if start == stop:
                told = f"the segment {example.start} … {example.stop} s isn't within its {one.duration:.2f} s"
                problems.append(Problem(f"{split}, {example.path}", told))
        usable += start < stop
        out.append(_line([example.path, start, stop, labels, list(example.texts)]))
    write_text(file, "".join(out))
    return Coverage(listed=len(examples), usable=usable)


def _unusable(split: str, examples: tuple[Example, ...], files: dict[str, Scanned]) -> str:
    """How many examples have no sound file, and why; "" where all have one."""
    reasons: dict[str, list[str]] = {}
    for example in examples:
        defect = files[example.path].defect
        if defect:
            reasons.setdefault(defect, []).append(example.path)
    ranked = sorted(reasons.items(), key=lambda item: -len(item[1]))
    whys = [f"{len(paths):,} {why} (such as {paths[0]})" for why, paths in ranked[:_REASONS]]
    rest = sum(len(paths) for _, paths in ranked[_REASONS:])
    total = sum(map(len, reasons.values()))
    more = [f"{rest:,} for other reasons"] if rest else []
    return f"{split}: {total:,} of {len(examples):,} examples can't be used: {'; '.join(whys + more)}" if total else ""


def _unlabelled(split: str, examples: tuple[Example, ...], label: str | None) -> str:
    """How many examples of a split have no label where others have one, "" where all or none have."""
    missing = sum(label not in example.labels for example in examples) if label else 0
    some = 0 < missing < len(examples)
    return f"{split}: {missing:,} of {len(examples):,} examples have no label {label}" if some else ""


def _cuts(
    root: Path, listing: Listing, files: dict[str, Scanned], problems: list[Problem], workers: int, progress: bool
) -> dict[tuple[str, float | None, float | None], tuple[int, int]]:
    """First and last-plus-one frame of every segment given in seconds, exact at variable frame rates."""
    wanted: dict[str, set[tuple[float | None, float | None]]] = {}
    for examples in listing.splits.values():
        for example in examples:
            if (example.start is not None or example.stop is not None) and not files[example.path].defect:
                wanted.setdefault(example.path, set()).add((example.start, example.stop))
    jobs = [(path, tuple(segments)) for path, segments in wanted.items()]

    def died(job: _Job, how: str) -> list[tuple[int, int]]:
        problems.append(Problem(job[0], f"the process that reads it dies ({how}): its segments are left out"))
        return [(0, 0)] * len(job[1])

    found = run_jobs(partial(_cut_file, root), jobs, workers, "cutting segments", died=died, progress=progress)
    return {
        (path, *segment): cut for (path, segments), cuts in found for segment, cut in zip(segments, cuts, strict=True)
    }


_Job = tuple[str, tuple[tuple[float | None, float | None], ...]]
"""A file, and the seconds at which its segments begin and end."""


def _cut_file(root: Path, job: _Job) -> list[tuple[int, int]]:
    path, segments = job
    try:
        with open_media(inside(root, path, links=True)) as media:
            times = media.times
    except VideoError:  # changed since the scan: its segments count as unusable
        return [(0, 0)] * len(segments)
    return [frames_between(times, start, stop) for start, stop in segments]


def frames_between(times: np.ndarray, start: float | None, stop: float | None) -> tuple[int, int]:
    """Frames on show between two instants as a half-open range; (0, 0) where there are none.

    Args:
        times: seconds at which each frame appears, increasing, float64 ``[frames]``.
        start, stop: seconds, None for the ends.
    """
    first = 0 if start is None else max(0, int(np.searchsorted(times, start + _SLACK, side="right")) - 1)
    last = len(times) if stop is None else int(np.searchsorted(times, stop - _SLACK, side="left"))
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    if first >= last or (start is not None and start > times[-1] + step):
        return 0, 0
    return first, last


def _digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _line(content: Any) -> str:
    return json.dumps(content) + "\n"
