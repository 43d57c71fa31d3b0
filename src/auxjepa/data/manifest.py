"""A folder of videos as a data set: ``folder:PATH`` scanned once into a manifest, defects listed and left out.

Files are read once
(:mod:`auxjepa.data.scanned`). Labels come from a ``labels.csv`` in the folder (``path`` and any columns; with ``start``
and ``stop`` a row is a segment of a longer file), joined when the manifest is read: a changed table needs no new scan.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from auxjepa.data.errors import ManifestError
from auxjepa.data.labels import LABELS, number_labels, read_labels
from auxjepa.data.media import MOVING
from auxjepa.data.scanned import Scanned, read_scanned, scan_files


@dataclass(frozen=True, slots=True)
class Entry:
    """One example of a manifest: frames ``start … stop - 1`` of a sound file."""

    file: Scanned
    start: int
    stop: int

    @property
    def frames(self) -> int:
        """How many frames the example has."""
        return self.stop - self.start

    @property
    def name(self) -> str:
        """The path, with the segment where it isn't the whole file."""
        whole = self.frames == self.file.frames
        return self.file.path if whole else f"{self.file.path}[{self.start}:{self.stop}]"


@dataclass(frozen=True)
class Manifest:
    """A folder of videos, scanned.

    Args:
        folder: the videos' root. entries: sound examples in the order of paths (and of labels.csv within a file).
        labels: by column, int64 ``[entries]``; -1 where labels.csv doesn't say. Whole numbers stay what they are, other
            values are numbered in alphabetic order. classes: the values of each column as written.
        defects: files left out, each with the reason. left_out: listed examples that can't be used.
        texts: captions of each entry, empty where there are none at all.
    """

    folder: Path
    entries: tuple[Entry, ...]
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    defects: tuple[Scanned, ...]
    left_out: int = 0
    texts: tuple[tuple[str, ...], ...] = ()

    @property
    def coverage(self) -> float:
        """Share of the listed examples that can be used, 0 to 1; part of every score on them."""
        return len(self) / max(1, len(self) + self.left_out)

    def __len__(self) -> int:
        return len(self.entries)

    def some(self, chosen: Sequence[int] | np.ndarray) -> Manifest:
        """The examples ``chosen``, in this order, with their labels and texts."""
        index = np.asarray(chosen, dtype=np.int64)
        return replace(
            self,
            entries=tuple(self.entries[number] for number in index.tolist()),
            labels={name: column[index] for name, column in self.labels.items()},
            texts=tuple(self.texts[number] for number in index.tolist()) if self.texts else (),
        )

    @cached_property
    def digest(self) -> str:
        """Hash (32 hex digits) of contents, segments and labels; neither the folder's place nor file times enter."""
        content = {
            "entries": [
                (e.file.path, e.file.hash, e.start, e.stop, *([e.file.reading] if e.file.reading else []))
                for e in self.entries
            ],
            "labels": {name: column.tolist() for name, column in self.labels.items()},
            "classes": self.classes,
        }
        return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def scan(
    folder: Path, file: Path | None = None, *, workers: int = 2, check: bool = True, progress: bool = True
) -> Manifest:
    """Scan a folder of videos (recursively) or bring its manifest up to date, print the defects, and return it.

    Args:
        file: where the manifest is kept; ``manifest.jsonl`` in the folder when None.
        workers: processes, 0 for one per core.
        check: decode every frame of every new file, which finds damage anywhere; without it only the list of packets
            and the first frame are looked at.

    Raises:
        ManifestError: when the folder doesn't exist or holds no sound video, or manifest or labels cannot be used.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ManifestError(folder, "no such folder of videos")
    file = folder / "manifest.jsonl" if file is None else file
    scan_files(folder, _videos(folder), file, workers=workers, check=check, progress=progress)
    manifest = load(folder, file)
    if manifest.defects and progress:
        Console(stderr=True).print(defect_table(manifest))
    if not manifest.entries:
        raise ManifestError(folder, f"no sound video in this folder ({len(manifest.defects)} defective)")
    return manifest


def load(folder: Path, file: Path | None = None) -> Manifest:
    """Read a manifest and join ``labels.csv``, without looking at the videos.

    Raises:
        ManifestError: when the manifest is missing or damaged, or labels.csv cannot be used.
    """
    folder = Path(folder)
    file = folder / "manifest.jsonl" if file is None else file
    if not file.exists():
        raise ManifestError(file, "no manifest here: scan the folder first")
    scanned = {one.path: one for one in read_scanned(file)}
    defects = [one for one in scanned.values() if one.defect]
    table = folder / LABELS
    if not table.exists():
        entries = tuple(Entry(one, 0, one.frames) for one in scanned.values() if not one.defect)
        return Manifest(folder, entries, {}, {}, tuple(defects), len(defects))
    columns, rows = read_labels(table)
    examples: list[tuple[Entry, dict[str, str]]] = []
    for name in sorted(scanned.keys() | rows.keys()):
        one = scanned.get(name) or Scanned(name, 0, 0, "", f"listed in {LABELS}, but there is no such file")
        if name not in scanned:
            defects.append(one)
        if not one.defect:
            examples += [(_entry(one, row, table), row) for row in rows.get(name, [{}])]
    labels, classes = number_labels(columns, [row for _, row in examples])
    left_out = sum(len(rows.get(one.path, [{}])) for one in defects)
    return Manifest(folder, tuple(entry for entry, _ in examples), labels, classes, tuple(defects), left_out)


def open_source(source: str, root: Path, *, workers: int = 2, check: bool = True, progress: bool = True) -> Manifest:
    """The manifest of ``folder:PATH``, kept under ``root`` so that the videos' folder may be read-only.

    Raises:
        ManifestError: see :func:`scan`. ValueError: when ``source`` isn't of the form ``folder:PATH``.
    """
    kind, _, path = source.partition(":")
    if kind != "folder" or not path:
        raise ValueError(f"expected 'folder:PATH', got {source!r}")
    folder = Path(path).expanduser().resolve()
    place = hashlib.blake2b(os.fsencode(folder), digest_size=4).hexdigest()
    file = root / "manifests" / f"{folder.name or 'root'}-{place}.jsonl"
    return scan(folder, file, workers=workers, check=check, progress=progress)


def defect_table(manifest: Manifest) -> Table:
    """The files left out, with the reason of each."""
    table = Table(
        "file", "defect", title=f"{len(manifest.defects)} left out of {manifest.folder}", title_justify="left"
    )
    for one in manifest.defects:
        table.add_row(Text(_printable(one.path)), Text(_printable(one.defect or "")))
    return table


def _printable(text: str) -> str:
    """Names that aren't UTF-8 with their odd bytes written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _videos(folder: Path) -> dict[str, Path]:
    """What is named like a video, by its path in the folder; dead links and pipes too: they become defects."""
    found = (path for path in folder.rglob("*") if path.suffix[1:].lower() in MOVING and not path.is_dir())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: named[name] for name in sorted(named) if not any(p.startswith(".") for p in name.split("/"))}


def _entry(one: Scanned, row: dict[str, str], table: Path) -> Entry:
    try:
        start, stop = int(row.get("start") or 0), int(row.get("stop") or one.frames)
    except ValueError:
        raise ManifestError(table, f"{one.path}: start and stop must be frame numbers") from None
    if not 0 <= start < stop <= one.frames:
        raise ManifestError(table, f"{one.path}: segment {start} … {stop} isn't within its {one.frames} frames")
    return Entry(one, start, stop)
