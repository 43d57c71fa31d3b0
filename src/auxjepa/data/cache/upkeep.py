"""Lists caches and their sizes, checks them and removes them, for ``auxjepa data cache``."""

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
from auxjepa.data.cache.clip_cache import damaged_clips, load_cache, read_header
from auxjepa.data.cache.store import PLAN
from auxjepa.data.errors import CacheError

State = Literal["complete", "in use", "partial", "being built", "damaged"]
_KEY = re.compile(r"[0-9a-f]{16}")
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True)
class CacheStatus:
    """A cache on the disk.

    Args:
        key: its name.
        state: ``in use`` is complete and open in a living process; ``partial`` can be resumed; only the size of a
            ``damaged`` cache is valid.
        clips: number of clips that it has, or will have.
        done: number of finished clips.
        shape: of a clip, (F, X, Y).
        encoding: how clips are stored.
        size: bytes on the disk.
        used: time at which it was last opened (or built), seconds since 1970.
        about: folder of the videos.
        settings: all settings that determine its bytes.
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
        """Return whether a living process builds or reads it."""
        return self.state in ("in use", "being built")


@dataclass(frozen=True)
class Removal:
    """Result of removing a cache.

    Args:
        key: its name.
        freed: bytes that are free again.
        kept: why it was kept, or "".
    """

    key: str
    freed: int
    kept: str = ""


def list_caches(root: Path) -> list[CacheStatus]:
    """Return all caches below ``root`` (``data.root``), the most recently used first."""
    folder = Path(root) / "clips"
    names = {path.name.removesuffix(".partial") for path in folder.glob("*") if path.is_dir()}
    caches = [_inspect(folder, key) for key in names if _KEY.fullmatch(key)]
    return sorted((cache for cache in caches if cache is not None), key=lambda cache: (-cache.used, cache.key))


def seconds_of(age: str) -> float:
    """Return the seconds of ``30d``, ``12h``, ``2w`` or ``45m``.

    Raises:
        ValueError: for anything else.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", age)
    if match is None:
        raise ValueError(f"an age is a number and one of m, h, d, w, such as 30d; got {age!r}")
    return float(match[1]) * _UNITS[match[2]]


def older(caches: Sequence[CacheStatus], seconds: float) -> list[CacheStatus]:
    """Return the caches that no process has opened for so many seconds."""
    return [cache for cache in caches if time.time() - cache.used > seconds]


def remove(root: Path, key: str, *, dry: bool = False) -> Removal:
    """Remove a cache, complete or partial, unless a living process builds or reads it.

    An interrupted removal leaves a partial cache, never an incomplete one under the name of a complete cache.

    Args:
        root: ``data.root``.
        key: name of the cache.
        dry: only return what would happen.

    Raises:
        CacheError: when the cache doesn't exist.
    """
    folder = Path(root) / "clips"
    final, partial = folder / key, folder / f"{key}.partial"
    if not (_KEY.fullmatch(key) and (final.is_dir() or partial.is_dir())):
        raise CacheError(final, "there is no such cache")
    with _locked(folder, key) as alone:
        if not alone:
            return Removal(key, 0, "a living process builds or opens it")
        if inuse.is_in_use(final):
            return Removal(key, 0, "a living process reads it")
        freed = _size(final) + _size(partial)
        if not dry:
            if final.is_dir():
                if partial.is_dir():
                    shutil.rmtree(partial)
                final.rename(partial)
            shutil.rmtree(partial)
        return Removal(key, freed)


def verify(root: Path, key: str, read: Any = int) -> list[int]:
    """Read a cache and return the numbers of the clips with a wrong checksum.

    Args:
        root: ``data.root``.
        key: name of the cache.
        read: called with the number of bytes of each clip, for a progress bar.

    Raises:
        CacheError: when it cannot be opened.
    """
    return list(damaged_clips(load_cache(Path(root) / "clips", key), read))


def _inspect(folder: Path, key: str) -> CacheStatus | None:
    final, partial = folder / key, folder / f"{key}.partial"
    place = final if final.is_dir() else partial
    content: dict[str, Any] = {}
    if place == final:
        state: State = "in use" if inuse.is_in_use(final) else "complete"
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
        return _inspect(folder, key) if final.is_dir() else None
    clips, *shape = content.get("shape", [0, 0, 0, 0, 3])[:4]
    return CacheStatus(
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
    """Return the number of clips with a finished record. The first byte of each record is 1 if it is finished."""
    with suppress(OSError, ValueError):
        journal = np.fromfile(partial / "journal.bin", np.uint8)
        if clips and len(journal) and len(journal) % clips == 0:
            return int(np.count_nonzero(journal[:: len(journal) // clips]))
    return 0


def _size(folder: Path) -> int:
    """Return the bytes that the files of a folder take on the disk. Holes in sparse files take none."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            status = file.stat()
            total += getattr(status, "st_blocks", -(-status.st_size // 512)) * 512 if file.is_file() else 0
    return total


@contextmanager
def _locked(folder: Path, key: str) -> Iterator[bool]:
    """Lock a cache against builders. Yield False if one is active. A folder that can't be written has none."""
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
