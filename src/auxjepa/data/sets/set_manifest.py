"""Open a split of a prepared data set as a manifest, which caches, loaders and benchmarks read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from auxjepa.config import ConfigError, hint
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.manifest import Entry, Manifest
from auxjepa.data.manifest.scan import Scanned, is_current, read_scanned, scan_files
from auxjepa.data.sets.prepared_set import PreparedSet, read_set


def open_set(source: str, store: Path) -> Manifest:
    """Return the usable examples of a split, in the order of the annotation file.

    Args:
        source: ``NAME`` or ``NAME/SPLIT`` of a prepared set; ``NAME`` means its default split.
        store: ``data.root`` of the run.

    Raises:
        ConfigError: if there is no such set or split, or none of its examples can be used.
        ManifestError: if the prepared set is damaged, or the data set isn't in its folder any more.
    """
    name, _, split = source.partition("/")
    prepared = read_set(name, store)
    split = split or prepared.split
    if split not in prepared.splits:
        raise ConfigError(f"{name} has no split {split!r}{hint(split, prepared.splits)}")
    if not prepared.root.is_dir():
        command = f"auxjepa data prepare {prepared.data_set} --root PATH"
        raise ManifestError(prepared.root, f"{name} isn't here any more: prepare it from its new folder ({command})")
    folder = store / "sets" / name
    scans = folder / "files.jsonl"
    if not scans.exists():
        raise ManifestError(scans, "is missing: auxjepa data prepare writes it again")
    files = _read_files(prepared, scans)
    manifest = _read_split(folder / f"{split}.jsonl", prepared.root, files, prepared.classes)
    if not len(manifest):
        raise ConfigError(f"{name}: none of the {manifest.left_out:,} examples of {split} can be used")
    return manifest


def _read_files(prepared: PreparedSet, path: Path) -> dict[str, Scanned]:
    """Return the scanned files by path. Files that an older version scanned are scanned again.

    Raises:
        ManifestError: if the new scan counts other frames than the prepared set.
    """
    files = {file.path: file for file in read_scanned(path)}
    if all(map(is_current, files.values())):
        return files
    rescanned = scan_files(prepared.root, files, path, check=False, links=prepared.links)
    changed = [
        name
        for name, file in files.items()
        if (file.frames, file.defect) != (rescanned[name].frames, rescanned[name].defect)
    ]
    if changed:
        command = f"auxjepa data prepare {prepared.data_set} --root {prepared.root} --name {prepared.name}"
        what = f"the frame counts of {len(changed):,} files (such as {changed[0]}) changed after it was prepared"
        raise ManifestError(path.parent, f"{what}: prepare it again with {command}")
    return rescanned


def _read_split(path: Path, root: Path, files: dict[str, Scanned], classes: dict[str, list[str]]) -> Manifest:
    """Return the manifest of a split's file.

    Raises:
        ManifestError: if the file is damaged.
    """
    entries: list[Entry] = []
    labels: list[list[int]] = []
    texts: list[tuple[str, ...]] = []
    defects: dict[str, Scanned] = {}
    left_out = 0
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        header = json.loads(lines[0])
        if header["format"] != "auxjepa-split" or header["columns"] != list(classes):
            raise ValueError
        for line in lines[1:]:
            name, start, stop, numbers, captions = json.loads(line)
            file = files[name]
            if file.defect or start >= stop:
                left_out += 1
                if file.defect:
                    defects[name] = file
                continue
            if not 0 <= start < stop <= file.frames:
                raise ValueError
            entries.append(Entry(file, start, stop))
            labels.append(numbers)
            texts.append(tuple(captions))
        table = np.array(labels, dtype=np.int64).reshape(len(entries), len(classes))
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError):
        raise ManifestError(path, "is damaged: auxjepa data prepare writes it again") from None
    return Manifest(
        folder=root,
        entries=tuple(entries),
        # A column without a label in this split is left out, as in labels.csv.
        labels={column: table[:, index] for index, column in enumerate(classes) if (table[:, index] >= 0).any()},
        classes={column: tuple(values) for column, values in classes.items()},
        defects=tuple(defects.values()),
        left_out=left_out,
        texts=tuple(texts) if any(texts) else (),
    )
