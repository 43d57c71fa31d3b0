"""A folder of videos as a data set: ``folder:PATH`` is scanned once into a manifest, and files that aren't used are
listed.

Files are read once (:mod:`auxjepa.data.manifest.scan`). Labels come from a ``labels.csv`` in the folder (``path`` and
any columns; a row with ``start`` and ``stop`` is a segment of a longer file). They are joined whenever the manifest is
read, so that a changed table needs no new scan.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int
from rich.table import Table
from rich.text import Text

from auxjepa.console import print_note, printable, stderr_console
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest.entry import Entry
from auxjepa.data.manifest.labelling import join_labels
from auxjepa.data.manifest.labels import LABELS, LabelTable, number_meanings, read_labels
from auxjepa.data.manifest.order import hash_ranks
from auxjepa.data.manifest.scan import Scanned, read_scanned, scan_files
from auxjepa.data.manifest.walk import Unread, unread_line, unread_table, walk
from auxjepa.data.media.open import MOVING

__all__ = ["Entry", "Manifest", "defect_table", "load", "manifest_file", "open_source", "print_omissions", "scan"]

MANIFEST = "manifest.jsonl"
"""Name of the file that a scan writes into a folder."""
OWN_FILES = (LABELS, *(MANIFEST + end for end in ("", ".lock", ".partial")))
_LONGEST_NAME = 150  # bytes; file names have at most 255, and several file names extend this one


@dataclass(frozen=True)
class Manifest:
    """A scanned folder of videos.

    Args:
        folder: the root of the videos.
        entries: usable examples in the order of paths (and of labels.csv within a file).
        labels: labels by column, int64 ``[entries]``; -1 for no label. Whole numbers are kept, and other values are
            numbered in alphabetic order.
        classes: the values of each column as written.
        defects: files that are left out, each with the reason.
        left_out: number of listed examples that can't be used.
        texts: captions of each entry; empty if no entry has captions.
        notes: how odd labels were handled, one line each.
        unread: other files of the folder, by the reason. They don't count for the coverage.
        places: path of each entry in its original folder, if that isn't its path here (samples of shards).
    """

    folder: Path
    entries: tuple[Entry, ...]
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    defects: tuple[Scanned, ...]
    left_out: int = 0
    texts: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)
    places: tuple[str, ...] = field(default=(), compare=False)

    @property
    def coverage(self) -> float:
        """Share of the listed examples that can be used, 0 to 1. Every score on them states it."""
        return len(self) / max(1, len(self) + self.left_out)

    @property
    def folder_paths(self) -> tuple[str, ...]:
        """The path of each entry whose folders name its class and its split."""
        return self.places or tuple(entry.file.path for entry in self.entries)

    @property
    def video_names(self) -> tuple[str, ...]:
        """The name of each entry's video for dividing videos. It is the same for a folder and for shards of that
        folder.
        """
        paths = self.folder_paths
        return paths if len(set(paths)) == len(paths) else tuple(entry.file.path for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def subset(self, chosen: Sequence[int] | np.ndarray) -> Manifest:
        """Return the manifest of some examples, with their labels and texts.

        Args:
            chosen: numbers of the examples, ``[k]``, in the order wanted.
        """
        index = np.asarray(chosen, dtype=np.int64)
        return replace(
            self,
            entries=tuple(self.entries[number] for number in index.tolist()),
            labels={name: column[index] for name, column in self.labels.items()},
            texts=tuple(self.texts[number] for number in index.tolist()) if self.texts else (),
            places=tuple(self.places[number] for number in index.tolist()) if self.places else (),
        )

    def hash_ranks(self, digest_size: int = 64) -> Int[np.ndarray, " n"]:
        """Return the rank of each example in an order that follows from the names of the examples alone.

        Args:
            digest_size: see :func:`auxjepa.data.manifest.order.hash_ranks`.
        """
        return hash_ranks([entry.name for entry in self.entries], digest_size)

    @cached_property
    def digest(self) -> str:
        """Hash (32 hex digits) of contents, segments and labels. It doesn't depend on the folder's path or on file
        times.
        """
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
    folder: Path,
    file: Path | None = None,
    *,
    workers: int = 2,
    check: bool = True,
    progress: bool = True,
    quiet: bool = False,
    begin: Path | None = None,
) -> Manifest:
    """Scan a folder of videos (recursively) or bring its manifest up to date, print the omitted files, and return it.

    Args:
        folder: the root of the videos.
        file: where the manifest is stored; ``manifest.jsonl`` in the folder if None.
        workers: processes, 0 for one per core.
        check: decode every frame of every new file, so that damage anywhere is detected. Otherwise only the list of
            packets and the first frame are read.
        progress: whether to show progress on standard error.
        quiet: whether not to print the omitted files.
        begin: another manifest of this folder, which is copied if ``file`` doesn't exist.

    Raises:
        ManifestError: when the folder doesn't exist or holds no readable video, or when the manifest or the labels
            cannot be used.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ManifestError(folder, "no such folder of videos")
    file = folder / MANIFEST if file is None else file
    table = _table(folder)  # errors in it are raised before anything is scanned
    try:
        listing = walk(folder, MOVING, "a video", known=OWN_FILES)
    except OSError as error:
        raise ManifestError(folder, f"cannot be listed: {error.strerror}") from None
    records = scan_files(folder, listing.files, file, workers=workers, check=check, progress=progress, begin=begin)
    manifest = replace(_join(folder, records, table), unread=listing.unread)
    if progress and not quiet:
        print_omissions(manifest)
    if not manifest.entries:
        why = f"no readable video in this folder ({len(manifest.defects)} defective)"
        raise ManifestError(folder, f"{why}; {line}" if (line := unread_line(manifest.unread)) else why)
    return manifest


def load(folder: Path, file: Path | None = None) -> Manifest:
    """Read a manifest and join ``labels.csv``, without opening the videos.

    Raises:
        ManifestError: when the manifest is missing or damaged, or labels.csv cannot be used.
    """
    folder = Path(folder)
    file = folder / MANIFEST if file is None else file
    if not file.exists():
        raise ManifestError(file, "no manifest here: scan the folder first")
    return _join(folder, {record.path: record for record in read_scanned(file)}, _table(folder))


def _table(folder: Path) -> LabelTable | None:
    return read_labels(folder / LABELS) if (folder / LABELS).exists() else None


def _join(folder: Path, records: Mapping[str, Scanned], table: LabelTable | None) -> Manifest:
    if table is None:
        defects = tuple(record for record in records.values() if record.defect)
        entries = tuple(Entry(record, 0, record.frames) for record in records.values() if not record.defect)
        return Manifest(folder, entries, {}, {}, defects, len(defects))
    joined = join_labels(records, table, folder)
    labels, classes = number_meanings(table.columns, joined.labels)
    return Manifest(
        folder,
        tuple(joined.entries),
        labels,
        classes,
        tuple(joined.defects),
        joined.left_out,
        notes=(*joined.notes, *unlabelled(labels)),
    )


def unlabelled(labels: Mapping[str, np.ndarray]) -> list[str]:
    """Return one line for each column in which some examples have no label, with their number."""
    missing = {name: int((column < 0).sum()) for name, column in labels.items()}
    return [
        f"{name}: {count:,} of {len(labels[name]):,} examples have no label; no probe of {name} reads them"
        for name, count in missing.items()
        if count
    ]


def open_source(source: str, root: Path, *, workers: int = 2, check: bool = True, progress: bool = True) -> Manifest:
    """Return the manifest of ``folder:PATH``. It is stored under ``root``, so that the videos' folder may be read-only.

    Raises:
        ManifestError: see :func:`scan`.
        ValueError: when ``source`` isn't of the form ``folder:PATH``.
    """
    kind, _, path = source.partition(":")
    if kind != "folder" or not path:
        raise ValueError(f"expected 'folder:PATH', got {source!r}")
    folder = Path(path).expanduser().resolve()
    file, begin = manifest_file(folder, root), folder / MANIFEST
    return scan(folder, file, workers=workers, check=check, progress=progress, begin=begin)


def manifest_file(folder: Path, root: Path) -> Path:
    """Return the file under ``root`` that stores the manifest of a folder (an absolute path)."""
    place = hashlib.blake2b(os.fsencode(folder), digest_size=4).hexdigest()
    name = os.fsdecode(os.fsencode(folder.name or "root")[:_LONGEST_NAME])
    return root / "manifests" / f"{name}-{place}.jsonl"


def print_omissions(manifest: Manifest, *, as_table: bool = False) -> None:
    """Print on standard error which files of a manifest's folder are left out, and how odd labels were handled.

    Args:
        manifest: the scanned folder.
        as_table: print the files that aren't read as a table instead of one line.
    """
    console = stderr_console()
    if manifest.defects:
        console.print(defect_table(manifest))
    if as_table and manifest.unread:
        console.print(unread_table(manifest.unread, manifest.folder))
    for line in ("" if as_table else unread_line(manifest.unread), *manifest.notes):
        if line:
            print_note(line)


def defect_table(manifest: Manifest) -> Table:
    """Return a table of the files that are left out, with the reason of each."""
    title = f"{len(manifest.defects)} left out of {printable(str(manifest.folder))}"
    table = Table("file", "defect", title=Text(title), title_justify="left")
    for record in manifest.defects:
        table.add_row(Text(printable(record.path)), Text(printable(record.defect or "")))
    return table
