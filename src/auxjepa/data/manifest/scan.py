"""What is in each of many media files, read once: a text file of JSON lines, a header and one :class:`Scanned` a file.

Scanning appends to a journal beside it, so that a killed scan goes on where it stood; a later scan reads only files
whose size or time of change differ.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
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
"""Version of how files are read. 2: packets that aren't frames, covers before films, pictures of 16 and 32 bits."""
# What version 1 may have read wrongly, by FFmpeg's and Pillow's names; the records of other files stay as they are.
_UNSURE = {"h264", "hevc", "vp9", "av1", "libdav1d", "mpeg4", "mpeg1video", "mpeg2video", "png", "ppm", "tiff", "webp"}
_TRIES = 3  # at a file that changes while it is read


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found in one file.

    Args:
        path: relative to the folder, with forward slashes.
        bytes, modified: size and time of change (nanoseconds).
        hash: BLAKE2b of the content, 32 hex digits.
        defect: what is wrong with it (the rest is 0 then), or None.
        frames: exact number.
        fps: mean rate.
        duration: seconds.
        height, width: pixels as shown. A still picture has one frame, no rate and no duration.
        checked: every frame was decoded.
        reading: what about its pixels is read otherwise than in version 1; empty for nearly all files.
        version: of how it was read, see :data:`READING`.
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
) -> dict[str, Scanned]:
    """What is in each named file, brought up to date in ``file`` and returned in the order of names.

    Args:
        folder: what names are relative to.
        file: where it is kept, with a journal and a lock beside it.
        workers: processes, 0 for one per core.
        check: decode every frame of every new file; without it only the list of packets and the first frame are looked
            at.
        links: see :func:`auxjepa.data.manifest.paths.inside`.

    Raises:
        ManifestError: when ``file`` is damaged or can't be written.
    """
    names = sorted(set(names))
    if not _up_to_date(folder, names, file, check):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with locked(file.with_name(file.name + ".lock"), "scans this folder", progress=progress):
                _update(folder, names, file, workers, check, links, progress)
        except OSError as error:
            why = f"the manifest cannot be written: {error.strerror}; choose another place"
            raise ManifestError(file, why) from error
    return {one.path: one for one in read_scanned(file)}


def _up_to_date(folder: Path, names: list[str], file: Path, check: bool) -> bool:
    """Nothing to do, and nothing to write: a manifest in a read-only folder stays usable."""
    if not file.exists():
        return False
    known = {one.path: one for one in read_scanned(file)}
    same = list(known) == names and all(_same(known[name], folder / name, check) for name in names)
    return same and all(map(settled, known.values()))


def settled(one: Scanned) -> bool:
    """Whether a record says what reading the file today would say."""
    cover = one.codec == "mjpeg" and one.frames == 1
    return one.version >= READING or not (one.defect or cover or one.codec in _UNSURE)


def _same(one: Scanned, path: Path, check: bool) -> bool:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return False
    return (one.bytes, one.modified) == (stat.st_size, stat.st_mtime_ns) and (one.checked or not check)


def _update(folder: Path, names: list[str], file: Path, workers: int, check: bool, links: bool, progress: bool) -> None:
    """Scan what is new or changed, and write the manifest."""
    journal = file.with_name(file.name + ".partial")
    known = {
        s.path: s for source in (file, journal) if source.exists() for s in read_scanned(source, strict=source == file)
    }
    same = {name: known[name] for name in names if name in known and _same(known[name], folder / name, check)}
    current = {name: one for name, one in same.items() if settled(one)}
    old = {name: one for name, one in same.items() if not one.defect}
    jobs = [(name, old.get(name)) for name in names if name not in current]
    work = partial(_scan_file, folder, check, links)
    with journal.open("a", encoding="utf-8", errors="surrogateescape") as lines:
        for _, one in run_jobs(work, jobs, workers, "scanning", died=partial(_deadly, folder), progress=progress):
            current[one.path] = one
            lines.write("\n" + _line(asdict(one)))  # a new line first: the last one may have been cut by a kill
            lines.flush()
    _write(file, [_HEADER, *(asdict(current[name]) for name in names)])
    journal.unlink()


_Job = tuple[str, Scanned | None]
"""A name, and what an older version knew about the same file."""


def _scan_file(folder: Path, check: bool, links: bool, job: _Job) -> Scanned:
    name, old = job
    one = Scanned(name, 0, 0, "", None, checked=check, version=READING)
    try:
        path = inside(folder, name, links=links)
        for _ in range(_TRIES):
            before = path.stat()
            one = replace(one, bytes=before.st_size, modified=before.st_mtime_ns)
            found = _read(path, one, old)
            if _identity(path.stat()) == _identity(before):
                return found
        return replace(one, defect="changes while it is read: scan again once it is complete")
    except UnsafePathError as error:
        return replace(one, defect=error.reason)
    except FileNotFoundError:
        return replace(one, bytes=0, modified=0, defect="no such file")
    except OSError as error:
        return replace(one, defect=f"cannot be read: {error.strerror}")


def _read(path: Path, one: Scanned, old: Scanned | None) -> Scanned:
    """The record of a file; an older one is kept where a look without decoding agrees with it."""
    try:
        info = probe_media(path, check=one.checked and old is None)
        shape = {"frames": info.frames, "height": info.height, "width": info.width, "codec": info.codec}
        if old is not None and all(getattr(old, field) == value for field, value in shape.items()):
            times = {"fps": info.fps, "duration": info.duration}
            return replace(old, **times, reading=info.reading, version=READING)
        if old is not None:
            return _read(path, one, None)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))  # type: ignore[arg-type]
    except VideoError as error:
        return replace(one, defect=error.reason)
    about = {"fps": info.fps, "duration": info.duration, "reading": info.reading, "hash": digest.hexdigest()}
    return replace(one, **shape, **about)


def _identity(stat: os.stat_result) -> tuple[int, ...]:
    """What differs when a file was replaced or written to."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _deadly(folder: Path, job: _Job, how: str) -> Scanned:
    """The record of a file that ends the process that reads it."""
    one = Scanned(job[0], 0, 0, "", "no such file", version=READING)
    try:
        stat = (folder / one.path).stat()
    except OSError:
        return one
    why = f"the process that reads it dies ({how})"
    return replace(one, bytes=stat.st_size, modified=stat.st_mtime_ns, defect=why)


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def _write(file: Path, lines: list[dict[str, Any]]) -> None:
    write_bytes(file, "".join(map(_line, lines)).encode("utf-8", errors="surrogateescape"))


def read_scanned(file: Path, strict: bool = True) -> list[Scanned]:
    """The records of a manifest, or (not strict) of a journal, whose last line may have been cut.

    Raises:
        ManifestError: when a line is damaged.
    """
    known, scanned = {f.name for f in fields(Scanned)}, []
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n").split("\n")
    for number, line in enumerate(lines):
        try:
            content = json.loads(line)
            if strict and number == 0:
                if content != _HEADER:
                    raise ValueError
                continue
            scanned.append(Scanned(**{k: v for k, v in content.items() if k in known}))
        except (ValueError, TypeError, AttributeError):
            if strict:
                raise ManifestError(file, f"line {number + 1} is damaged: delete the file and scan again") from None
    return scanned
