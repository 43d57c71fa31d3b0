"""Reads each of many media files once and stores the records: a text file of JSON lines, a header and one
:class:`Scanned` a file.

A scan appends to a journal next to it, so that a killed scan resumes. A later scan reads only files whose size or
modification time differs.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from auxjepa.data.errors import ManifestError, UnsafePathError, VideoError
from auxjepa.data.manifest.paths import inside
from auxjepa.data.media.open import probe_media
from auxjepa.files import write_bytes
from auxjepa.processes.jobs import run_jobs
from auxjepa.processes.lock import locked

_HEADER = {"format": "auxjepa-manifest", "version": 1}

READING = 2
"""Version of how files are read. Version 2 handles packets that aren't frames, cover pictures before films, and
pictures of 16 and 32 bits.
"""
# Formats that version 1 may have read wrongly, by FFmpeg's and Pillow's names. Records of other files are kept.
_UNSURE = {"h264", "hevc", "vp9", "av1", "libdav1d", "mpeg4", "mpeg1video", "mpeg2video", "png", "ppm", "tiff", "webp"}
_TRIES = 3  # for a file that changes while it is read


@dataclass(frozen=True, slots=True)
class Scanned:
    """The record of one scanned file.

    Args:
        path: relative to the folder, with forward slashes.
        bytes: size.
        modified: modification time, nanoseconds.
        hash: BLAKE2b of the content, 32 hex digits.
        defect: why the file can't be used (all numbers below are 0 then), or None.
        frames: exact number.
        fps: mean frame rate.
        duration: seconds.
        height: pixels as shown.
        width: pixels as shown. A still picture has one frame, no rate and no duration.
        codec: FFmpeg's or Pillow's name of the format.
        checked: whether every frame was decoded.
        reading: what version 2 reads differently from version 1; empty for nearly all files.
        version: version of reading, see :data:`READING`.
    """

    path: str
    bytes: int
    modified: int
    hash: str
    defect: str | None
    frames: int = 0
    fps: float = 0.0
    duration: float = 0.0
    height: int = 0
    width: int = 0
    codec: str = ""
    checked: bool = True
    reading: str = ""
    version: int = 1


def scan_files(
    folder: Path,
    names: Iterable[str],
    file: Path,
    *,
    workers: int = 2,
    check: bool = True,
    links: bool = True,
    progress: bool = True,
    begin: Path | None = None,
) -> dict[str, Scanned]:
    """Return the record of each named file, in the order of names. They are brought up to date in ``file``, which is
    parsed once.

    Args:
        folder: the root of the names.
        names: of the files.
        file: where records are stored, with a journal and a lock next to it.
        workers: processes, 0 for one per core.
        check: decode every frame of every new file. Otherwise only the list of packets and the first frame are read.
        links: see :func:`auxjepa.data.manifest.paths.inside`.
        progress: whether to show progress on standard error.
        begin: another such file, which is copied if ``file`` doesn't exist.

    Raises:
        ManifestError: when ``file`` is damaged or can't be written.
    """
    names = sorted(set(names))
    stored = _read_stored(file, begin)
    if stored is not None and _is_up_to_date(stored.records, folder, names, check):
        return stored.records  # nothing is written, so that a manifest in a read-only folder stays usable
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with locked(file.with_name(file.name + ".lock"), "scans this folder", progress=progress):
            if file.exists() and (stored is None or stored.identity != _identity(file.stat())):
                stored = _parse(file)  # another process has written it meanwhile
            records = {} if stored is None else stored.records
            return _update(folder, names, file, records, workers, check, links, progress)
    except OSError as error:
        why = f"the manifest cannot be written: {error.strerror}; choose another place"
        raise ManifestError(file, why) from error


@dataclass(frozen=True)
class _Stored:
    """The records of a manifest by path, and which version of its file they come from."""

    records: dict[str, Scanned]
    identity: tuple[int, ...]


def _parse(file: Path) -> _Stored:
    identity = _identity(file.stat())
    return _Stored({record.path: record for record in read_scanned(file)}, identity)


def _read_stored(file: Path, begin: Path | None) -> _Stored | None:
    """Parse a manifest once; None if there is none. Where it is missing, ``begin`` is copied unless it is damaged."""
    if file.exists():
        return _parse(file)
    if begin is None or not begin.exists():
        return None
    with suppress(ManifestError, OSError):
        stored = _parse(begin)
        write_bytes(file, begin.read_bytes())
        return _Stored(stored.records, _identity(file.stat()))
    return None


def _is_up_to_date(records: Mapping[str, Scanned], folder: Path, names: list[str], check: bool) -> bool:
    same = list(records) == names and all(_same(records[name], folder / name, check) for name in names)
    return same and all(map(is_current, records.values()))


def is_current(record: Scanned) -> bool:
    """Check whether this version would write the same record of the file."""
    cover = record.codec == "mjpeg" and record.frames == 1
    return record.version >= READING or not (record.defect or cover or record.codec in _UNSURE)


def _same(record: Scanned, path: Path, check: bool) -> bool:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return False
    return (record.bytes, record.modified) == (stat.st_size, stat.st_mtime_ns) and (record.checked or not check)


def _update(
    folder: Path,
    names: list[str],
    file: Path,
    stored: Mapping[str, Scanned],
    workers: int,
    check: bool,
    links: bool,
    progress: bool,
) -> dict[str, Scanned]:
    """Scan new and changed files, write the manifest, and return its records."""
    journal = file.with_name(file.name + ".partial")
    journalled = read_scanned(journal, strict=False) if journal.exists() else []
    read = {**stored, **{record.path: record for record in journalled}}
    same = {name: read[name] for name in names if name in read and _same(read[name], folder / name, check)}
    current = {name: record for name, record in same.items() if is_current(record)}
    old = {name: record for name, record in same.items() if not record.defect}
    jobs = [(name, old.get(name)) for name in names if name not in current]
    work = partial(_scan_file, folder, check, links)
    with journal.open("a", encoding="utf-8", errors="surrogateescape") as lines:
        for _, record in run_jobs(work, jobs, workers, "scanning", died=partial(_deadly, folder), progress=progress):
            current[record.path] = record
            lines.write("\n" + _line(asdict(record)))  # a new line first: the last one may be incomplete after a kill
            lines.flush()
    records = {name: current[name] for name in names}
    _write(file, [_HEADER, *map(asdict, records.values())])
    journal.unlink()
    return records


_Job = tuple[str, Scanned | None]
"""A name, and the record that an older version wrote of the same file."""


def _scan_file(folder: Path, check: bool, links: bool, job: _Job) -> Scanned:
    name, old = job
    record = Scanned(name, 0, 0, "", None, checked=check, version=READING)
    try:
        path = inside(folder, name, links=links)
        for _ in range(_TRIES):
            before = path.stat()
            record = replace(record, bytes=before.st_size, modified=before.st_mtime_ns)
            complete = _read(path, record, old)
            if _identity(path.stat()) == _identity(before):
                return complete
        return replace(record, defect="changes while it is read: scan again once it is complete")
    except UnsafePathError as error:
        return replace(record, defect=error.reason)
    except FileNotFoundError:
        return replace(record, bytes=0, modified=0, defect="no such file")
    except OSError as error:
        return replace(record, defect=f"cannot be read: {error.strerror}")


def _read(path: Path, record: Scanned, old: Scanned | None) -> Scanned:
    """Return the record of a file. A record of an older version is kept if reading without decoding confirms it."""
    try:
        info = probe_media(path, check=record.checked and old is None)
        shape = {"frames": info.frames, "height": info.height, "width": info.width, "codec": info.codec}
        if old is not None and all(getattr(old, field) == value for field, value in shape.items()):
            times = {"fps": info.fps, "duration": info.duration}
            return replace(old, **times, reading=info.reading, version=READING)
        if old is not None:
            return _read(path, record, None)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))  # type: ignore[arg-type]
    except VideoError as error:
        return replace(record, defect=error.reason)
    about = {"fps": info.fps, "duration": info.duration, "reading": info.reading, "hash": digest.hexdigest()}
    return replace(record, **shape, **about)


def _identity(stat: os.stat_result) -> tuple[int, ...]:
    """Return values that change when a file is replaced or written to."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _deadly(folder: Path, job: _Job, how: str) -> Scanned:
    """Return the record of a file that kills the process that reads it."""
    record = Scanned(job[0], 0, 0, "", "no such file", version=READING)
    try:
        stat = (folder / record.path).stat()
    except OSError:
        return record
    why = f"the process that reads it dies ({how})"
    return replace(record, bytes=stat.st_size, modified=stat.st_mtime_ns, defect=why)


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def _write(file: Path, lines: list[dict[str, Any]]) -> None:
    write_bytes(file, "".join(map(_line, lines)).encode("utf-8", errors="surrogateescape"))


def read_scanned(file: Path, strict: bool = True) -> list[Scanned]:
    """Return the records of a manifest or, if not strict, of a journal, whose last line may be incomplete.

    Raises:
        ManifestError: when a line is damaged.
    """
    names, scanned = {f.name for f in fields(Scanned)}, []
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n").split("\n")
    for number, line in enumerate(lines):
        try:
            content = json.loads(line)
            if strict and number == 0:
                if content != _HEADER:
                    raise ValueError
                continue
            scanned.append(Scanned(**{k: v for k, v in content.items() if k in names}))
        except (ValueError, TypeError, AttributeError):
            if strict:
                raise ManifestError(file, f"line {number + 1} is damaged: delete the file and scan again") from None
    return scanned
