"""A split of a prepared data set as a manifest, which caches, loaders and benchmarks read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from auxjepa.config import ConfigError, hint
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned, is_current, read_scanned, scan_files
from auxjepa.data.sets.prepare import PreparedSet, read_set


def open_set(source: str, store: Path) -> Manifest:
    """The usable examples of ``NAME`` or ``NAME/SPLIT``, in the order that the annotation file lists them.

    Args:
        source: a prepared set, with its default split where none is named.
        store: ``data.root`` of the run.

    Raises:
        ConfigError: when there is no such set or split, or none of its examples can be used.
        ManifestError: when what was prepared is damaged, or the data set isn't where it was.
    """
    name, _, split = source.partition("/")
    prepared = read_set(name, store)
    split = split or prepared.split
    if split not in prepared.splits:
        raise ConfigError(f"{name} has no split {split!r}{hint(split, prepared.splits)}")
    if not prepared.root.is_dir():
        again = f"auxjepa data prepare {prepared.data_set} --root PATH"
        raise ManifestError(prepared.root, f"{name} isn't here any more; where it is now: {again}")
    folder = store / "sets" / name
    scanned = folder / "files.jsonl"
    if not scanned.exists():
        raise ManifestError(scanned, "is missing: auxjepa data prepare writes it anew")
    files = _read_files(prepared, scanned)
    manifest = _read_split(folder / f"{split}.jsonl", prepared.root, files, prepared.classes)
    if not len(manifest):
        raise ConfigError(f"{name}: none of the {manifest.left_out:,} examples of {split} can be used")
    return manifest


def _read_files(prepared: PreparedSet, file: Path) -> dict[str, Scanned]:
    """What was found in each file; where an older version looked, looked at again."""
    files = {one.path: one for one in read_scanned(file)}
    if all(map(is_current, files.values())):
        return files
    now = scan_files(prepared.root, files, file, check=False, links=prepared.links)
    changed = [path for path, one in files.items() if (one.frames, one.defect) != (now[path].frames, now[path].defect)]
    if changed:
        again = f"auxjepa data prepare {prepared.data_set} --root {prepared.root} --name {prepared.name}"
        why = f"the frames of {len(changed):,} files ({changed[0]} for one) are counted otherwise since it was prepared"
        raise ManifestError(file.parent, f"{why}: {again}")
    return now


def _read_split(file: Path, root: Path, files: dict[str, Scanned], classes: dict[str, list[str]]) -> Manifest:
    entries: list[Entry] = []
    labels: list[list[int]] = []
    texts: list[tuple[str, ...]] = []
    defects: dict[str, Scanned] = {}
    left_out = 0
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        header = json.loads(lines[0])
        if header["format"] != "auxjepa-split" or header["columns"] != list(classes):
            raise ValueError
        for line in lines[1:]:
            path, start, stop, numbers, told = json.loads(line)
            one = files[path]
            if one.defect or start >= stop:
                left_out += 1
                if one.defect:
                    defects[path] = one
                continue
            if not 0 <= start < stop <= one.frames:
                raise ValueError
            entries.append(Entry(one, start, stop))
            labels.append(numbers)
            texts.append(tuple(told))
        table = np.array(labels, dtype=np.int64).reshape(len(entries), len(classes))
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError):
        raise ManifestError(file, "damaged: auxjepa data prepare writes it anew") from None
    return Manifest(
        folder=root,
        entries=tuple(entries),
        # A column without a single label in this split isn't there, as in labels.csv.
        labels={column: table[:, place] for place, column in enumerate(classes) if (table[:, place] >= 0).any()},
        classes={column: tuple(values) for column, values in classes.items()},
        defects=tuple(defects.values()),
        left_out=left_out,
        texts=tuple(texts) if any(texts) else (),
    )
