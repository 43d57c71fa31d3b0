"""What caches there are, what they take, and how they are removed; ``auxjepa data cache``."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from filelock import FileLock, Timeout

from auxjepa.data.cache import inuse
from auxjepa.data.cache.store import PLAN, damaged, load_cache, read_header
from auxjepa.data.errors import CacheError

State = Literal["complete", "in use", "partial", "being built", "damaged"]
_KEY = re.compile(r"[0-9a-f]{16}")
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True)
class Stored:
    """A cache on the disk.

    Args:
        state: ``in use`` is complete and open in a living process; ``partial`` can be gone on with; of a ``damaged``
            one nothing is known but its size.
        clips: how many it has, or will have.
        done: how many of them are finished.
        shape: of a clip, (F, X, Y).
        size: bytes on the disk.
        used: when it was last opened (or built), seconds since 1970.
        about: folder of the videos.
        settings: everything that decided its bytes.
    """

    key: str
    state: State
    clips: int
    done: int
    shape: tuple[int, ...]
    encoding: str
    size: int
    used: float
    about: str
    settings: dict[str, Any]

    @property
    def busy(self) -> bool:
        """Whether a living process builds or reads it."""
        return self.state in ("in use", "being built")


@dataclass(frozen=True)
class Removed:
    """What :func:`remove` did to a cache: how many bytes are free again, or why it was kept."""

    key: str
    freed: int
    kept: str = ""


def list_caches(root: Path) -> list[Stored]:
    """All caches below ``root`` (``data.root``), the one used last first."""
    folder = Path(root) / "clips"
    names = {path.name.removesuffix(".partial") for path in folder.glob("*") if path.is_dir()}
    found = [_look(folder, key) for key in names if _KEY.fullmatch(key)]
    return sorted((one for one in found if one is not None), key=lambda one: (-one.used, one.key))


def seconds_of(age: str) -> float:
    """Seconds of ``30d``, ``12h``, ``2w`` or ``45m``.

    Raises:
        ValueError: for anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", age)
    if match is None:
        raise ValueError(f"an age is a number and one of m, h, d, w, such as 30d; got {age!r}")
    return float(match[1]) * _UNITS[match[2]]


def older(caches: Sequence[Stored], seconds: float) -> list[Stored]:
    """Those that nobody has opened for so long."""
    return [one for one in caches if time.time() - one.used > seconds]


def remove(root: Path, key: str, *, dry: bool = False) -> Removed:
    """Remove a cache, complete or partial, unless a living process builds or reads it.

    A removal that is cut short leaves a partial cache, never half of one under its own name.

    Args:
        dry: only say what would happen.

    Raises:
        CacheError: when there is no such cache.
    """
    folder = Path(root) / "clips"
    final, partial = folder / key, folder / f"{key}.partial"
    if not (_KEY.fullmatch(key) and (final.is_dir() or partial.is_dir())):
        raise CacheError(final, "there is no such cache")
    with _locked(folder, key) as alone:
        if not alone:
            return Removed(key, 0, "a living process builds or opens it")
        if inuse.held(final):
            return Removed(key, 0, "a living process reads it")
        freed = _size(final) + _size(partial)
        if not dry:
            if final.is_dir():
                if partial.is_dir():
                    shutil.rmtree(partial)
                final.rename(partial)
            shutil.rmtree(partial)
        return Removed(key, freed)


def verify(root: Path, key: str, read: Any = int) -> list[int]:
    """Read a cache; the numbers of the clips whose checksum is wrong.

    Args:
        read: called with the bytes of each clip, for a progress bar.

    Raises:
        CacheError: when it cannot be opened.
    """
    return list(damaged(load_cache(Path(root) / "clips", key), read))


def _look(folder: Path, key: str) -> Stored | None:
    final, partial = folder / key, folder / f"{key}.partial"
    place = final if final.is_dir() else partial
    content: dict[str, Any] = {}
    if place == final:
        state: State = "in use" if inuse.held(final) else "complete"
        try:
            content = read_header(final)
        except CacheError:
            state = "damaged"
    else:
        with suppress(OSError, ValueError):
            content = json.loads((partial / PLAN).read_text(encoding="utf-8"))
        with _locked(folder, key) as alone:
            state = "partial" if alone else "being built"
    if not place.is_dir():  # finished or removed meanwhile
        return _look(folder, key) if final.is_dir() else None
    clips, *shape = content.get("shape", [0, 0, 0, 0, 3])[:4]
    return Stored(
        key=key,
        state=state,
        clips=clips,
        done=clips if place == final else _done(partial, clips),
        shape=tuple(shape),
        encoding=content.get("encoding", "raw") if content else "",
        size=_size(final) + _size(partial),
        used=inuse.last_used(place),
        about=content.get("about", ""),
        settings=content.get("settings", {}),
    )


def _done(partial: Path, clips: int) -> int:
    """Clips with a record; each record begins with whether it is done."""
    with suppress(OSError, ValueError):
        journal = np.fromfile(partial / "journal.bin", np.uint8)
        if clips and len(journal) and len(journal) % clips == 0:
            return int(np.count_nonzero(journal[:: len(journal) // clips]))
    return 0


def _size(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk; what is still a hole in a file takes none."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            status = file.stat()
            total += getattr(status, "st_blocks", -(-status.st_size // 512)) * 512 if file.is_file() else 0
    return total


@contextmanager
def _locked(folder: Path, key: str) -> Iterator[bool]:
    """Keep builders of this cache out; False where one is at work. In a folder that can't be written there are none."""
    lock = FileLock(folder / f"{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    except OSError:
        yield True
        return
    try:
        yield True
    finally:
        lock.release()
