"""What is in each of many media files, read once: a text file of JSON lines, a header and one :class:`Scanned` a file.

Scanning appends to a journal beside it, so that a killed scan goes on where it stood; a later scan reads only files
whose size or time of change differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from auxjepa.data.errors import ManifestError, VideoError
from auxjepa.data.media import probe_media
from auxjepa.data.parallel import locked, run_jobs
from auxjepa.data.paths import inside
from auxjepa.files import write_bytes

_HEADER = {"format": "auxjepa-manifest", "version": 1}


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan found in one file.

    Args:
        path: relative to the folder, with forward slashes. bytes, modified: size and time of change (nanoseconds).
        hash: BLAKE2b of the content, 32 hex digits. defect: what is wrong with it (the rest is 0 then), or None.
        frames: exact number. fps: mean rate. duration: seconds. height, width: pixels as shown. A still picture has one
            frame, no rate and no duration.
        checked: every frame was decoded.
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
        folder: what names are relative to. file: where it is kept, with a journal and a lock beside it.
        workers: processes, 0 for one per core. check: decode every frame of every new file; without it only the list
            of packets and the first frame are looked at. links: see :func:`auxjepa.data.paths.inside`.

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
    return list(known) == names and all(_same(known[name], folder / name, check) for name in names)


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
    current = {name: known[name] for name in names if name in known and _same(known[name], folder / name, check)}
    work, jobs = partial(_scan_file, folder, check, links), [name for name in names if name not in current]
    with journal.open("a", encoding="utf-8", errors="surrogateescape") as lines:
        for _, one in run_jobs(work, jobs, workers, "scanning", died=partial(_deadly, folder), progress=progress):
            current[one.path] = one
            lines.write("\n" + _line(asdict(one)))  # a new line first: the last one may have been cut by a kill
            lines.flush()
    _write(file, [_HEADER, *(asdict(current[name]) for name in names)])
    journal.unlink()


def _scan_file(folder: Path, check: bool, links: bool, name: str) -> Scanned:
    one = Scanned(name, 0, 0, "", None, checked=check)
    try:
        path = inside(folder, name, links=links)
        stat = path.stat()
        one = replace(one, bytes=stat.st_size, modified=stat.st_mtime_ns)
        info = probe_media(path, check=check)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))  # type: ignore[arg-type]
    except VideoError as error:
        return replace(one, defect=error.reason)
    except FileNotFoundError:
        return replace(one, defect="no such file")
    except OSError as error:
        return replace(one, defect=f"cannot be read: {error.strerror}")
    shape = {"height": info.height, "width": info.width, "codec": info.codec, "hash": digest.hexdigest()}
    return replace(one, frames=info.frames, fps=info.fps, duration=info.duration, **shape)


def _deadly(folder: Path, name: str, how: str) -> Scanned:
    """The record of a file that ends the process that reads it."""
    try:
        stat = (folder / name).stat()
    except OSError:
        return Scanned(name, 0, 0, "", "no such file")
    return Scanned(name, stat.st_size, stat.st_mtime_ns, "", f"the process that reads it dies ({how})")


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
