"""Write a prepared data set: scan every listed file, write every split and count its usable examples.

A prepared set is a folder of text files, ``STORE/sets/NAME``::

    set.json         path of the data set, splits with coverage, classes, checksums of its annotation files
    files.jsonl      content of each media file (:mod:`auxjepa.data.manifest.scan`), paths relative to the root
    SPLIT.jsonl      one example a line: path, first and last frame, labels, texts
    problems.jsonl   annotation lines that give no example

Only ``set.json`` holds an absolute path. If a data set has moved, it is prepared again with its new root, and no file
is scanned a second time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from auxjepa.config import ConfigError
from auxjepa.console import printable
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.scan import Scanned, scan_files
from auxjepa.data.manifest.split import TRAIN
from auxjepa.data.manifest.split_folders import split_of_name
from auxjepa.data.manifest.walk import unread_line
from auxjepa.data.sets.data_set import DataSet, Example, Listing, Problem
from auxjepa.data.sets.prepared_set import Coverage, PreparedSet, number_classes
from auxjepa.data.sets.registry import SETS, find_set
from auxjepa.data.sets.repeats import merge_links
from auxjepa.data.sets.segments import find_frame_ranges
from auxjepa.files import write_json, write_text
from auxjepa.processes.lock import locked

_REASONS = 3  # reasons that a note names for each split
_NAME = re.compile(r"[\w-](?:[\w.-]{0,62}[\w-])?")
_SOURCES = ("world", "folder", "shards")  # other values of data.source


def prepare_set(
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
        root: folder of the data set.
        store: folder of prepared sets and caches (``data.root`` of runs).
        name: name of the prepared set; None for the data set's name.
        check: decode every frame; otherwise only the list of packets and the first frame are read.
        links: follow links that lead out of the root.
        workers: number of processes, 0 for one per core.
        progress: show the progress on standard error.

    Raises:
        ConfigError: if the data set is unknown, or a format without a name.
        MissingFilesError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        AnnotationError: see :class:`auxjepa.data.sets.data_set.DataSet`.
        ManifestError: if no listed file can be used.
    """
    reader = find_set(data_set)
    if reader.generic and name is None:
        raise ConfigError(f"{data_set} is a format: choose a name for this data set with --name")
    name = data_set if name is None else name
    if not _NAME.fullmatch(name) or PureWindowsPath(name).is_reserved():
        raise ConfigError(f"a set's name has letters, digits, -, _ and inner . only, 64 at most, got {name!r}")
    if name in _SOURCES:
        raise ConfigError(f"a set's name can't be {name!r}, which means something else as data.source")
    if name in SETS and name != data_set:
        raise ConfigError(f"{name!r} is the name of another data set: choose another name with --name")
    root = root.expanduser().absolute()
    listing = reader.read(root)
    folder = store / "sets" / name
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "prepare.lock", "prepares this set", progress=progress):
        return _write_set(reader, listing, root, folder, check=check, links=links, workers=workers, progress=progress)


def _write_set(
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
    """Scan the listed files and write all files of the prepared set."""
    paths = {example.path for examples in listing.splits.values() for example in examples}
    files = scan_files(
        root, paths, folder / "files.jsonl", workers=workers, check=check, links=links, progress=progress
    )
    if paths and all(file.defect for file in files.values()):
        first = next(iter(files.values()))
        raise ManifestError(root, f"none of the {len(paths):,} listed files can be used; {first.path}: {first.defect}")
    problems = list(listing.problems)
    numbers = {column: number_classes(values) for column, values in listing.classes.items()}
    splits = {split: merge_links(split, examples, files, root, problems) for split, examples in listing.splits.items()}
    ranges = find_frame_ranges(root, listing, files, problems, workers, progress)
    coverage = {
        split: _write_split(folder / f"{split}.jsonl", split, examples, files, numbers, ranges, problems)
        for split, examples in splits.items()
    }
    notes = [*listing.notes, *filter(None, [unread_line(listing.unread)])]
    notes += [note for split, examples in splits.items() if (note := _note_unusable(split, examples, files))]
    label = reader.card.label
    notes += [note for split, examples in splits.items() if (note := _note_unlabelled(split, examples, label))]
    write_text(folder / "problems.jsonl", "".join(_line([problem.where, problem.what]) for problem in problems))
    prepared = PreparedSet(
        name=folder.name,
        data_set=reader.name,
        root=root,
        split=_default_split(reader.split, list(listing.splits)),
        label=label,
        links=links,
        splits=coverage,
        classes={column: list(values) for column, values in listing.classes.items()},
        annotations={file.relative_to(root).as_posix(): _digest(file) for file in listing.annotations},
        notes=[printable(note) for note in notes],
    )
    write_json(folder / "set.json", prepared.model_dump(mode="json"))
    return prepared


def _default_split(usual: str, splits: list[str]) -> str:
    """Return the data set's usual split if it exists, else the first split named after training, else the first."""
    named = [usual] if usual in splits else [name for name in splits if split_of_name(name) == TRAIN]
    return (named or splits)[0]


def _write_split(
    path: Path,
    split: str,
    examples: tuple[Example, ...],
    files: dict[str, Scanned],
    numbers: dict[str, dict[str, int]],
    ranges: Mapping[tuple[str, float | None, float | None], tuple[int, int]],
    problems: list[Problem],
) -> Coverage:
    """Write the examples of a split and return how many of them are usable."""
    header = {"format": "auxjepa-split", "version": 1, "columns": list(numbers)}
    lines, usable = [_line(header)], 0
    for example in examples:
        file = files[example.path]
        labels = [number.get(example.labels.get(column, ""), -1) for column, number in numbers.items()]
        start, stop = 0, file.frames
        if not file.defect and (example.start is not None or example.stop is not None):
            start, stop = ranges.get((example.path, example.start, example.stop), (0, 0))
            if start == stop:
                what = f"the segment {example.start} … {example.stop} s isn't within its {file.duration:.2f} s"
                problems.append(Problem(f"{split}, {example.path}", what))
        usable += start < stop
        lines.append(_line([example.path, start, stop, labels, list(example.texts)]))
    write_text(path, "".join(lines))
    return Coverage(listed=len(examples), usable=usable)


def _note_unusable(split: str, examples: tuple[Example, ...], files: dict[str, Scanned]) -> str:
    """Return a note on the examples without a sound file and the reasons, "" if there are none."""
    paths_by_reason: dict[str, list[str]] = {}
    for example in examples:
        defect = files[example.path].defect
        if defect:
            paths_by_reason.setdefault(defect, []).append(example.path)
    ranked = sorted(paths_by_reason.items(), key=lambda item: -len(item[1]))
    reasons = [f"{len(paths):,} {reason} (such as {paths[0]})" for reason, paths in ranked[:_REASONS]]
    remaining = sum(len(paths) for _, paths in ranked[_REASONS:])
    if remaining:
        reasons.append(f"{remaining:,} for other reasons")
    total = sum(map(len, paths_by_reason.values()))
    return f"{split}: {total:,} of {len(examples):,} examples can't be used: {'; '.join(reasons)}" if total else ""


def _note_unlabelled(split: str, examples: tuple[Example, ...], label: str | None) -> str:
    """Return a note on the examples without a label; "" if all examples or no examples have one."""
    missing = sum(label not in example.labels for example in examples) if label else 0
    is_mixed = 0 < missing < len(examples)
    return f"{split}: {missing:,} of {len(examples):,} examples have no label {label}" if is_mixed else ""


def _digest(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _line(content: Any) -> str:
    return json.dumps(content) + "\n"
