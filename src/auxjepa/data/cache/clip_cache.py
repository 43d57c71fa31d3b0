"""Opens caches of clips that are cut from videos once and shared by all runs, as plain pixels or as JPEG.

A cache is a folder named by its key, the hash of all settings that determine its bytes::

    clips/KEY/clips.bin     uint8 [n F X Y 3] (raw), or clips.jpgs and index.npy (jpeg)
    clips/KEY/journal.npy   one record a clip: frame numbers, repeats, CRC-32 of its stored bytes
    clips/KEY/labels.npz    label columns, int64 [n]
    clips/KEY/header.json   version, encoding, shape, settings, clip names, checksums of the files above but the clips
    clips/KEY/used          touched and locked by every process that opens it
    clips/KEY.lock          held by the process that builds or removes it

It grows in ``KEY.partial`` and is renamed when complete, so that a folder named ``KEY`` is always complete. Each clip
is written before its journal record. A killed build resumes with the clips that have a record and a correct CRC.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from auxjepa.data.cache import inuse
from auxjepa.data.cache.jpeg import SETTINGS, JpegClips
from auxjepa.data.cache.raw import open_raw
from auxjepa.data.errors import CacheError

VERSION = 1
JOURNAL = "journal.npy"
Encoding = Literal["raw", "jpeg"]
_REMEDY = "delete the folder and build it again"


@dataclass(frozen=True)
class ClipCache:
    """An open cache.

    Args:
        folder: of the cache.
        key: name of the cache.
        clips: uint8 ``[n F X Y 3]``, a read-only memory map or :class:`JpegClips`, decoded on request.
        names: example that each clip comes from.
        labels: int64 ``[n]`` by column, -1 for no label.
        classes: the values of each column as written.
        indices: frame numbers, int32 ``[n F]``.
        repeated: number of repeated frames at the end of each clip, int32 ``[n]``.
    """

    folder: Path
    key: str
    clips: Any
    names: tuple[str, ...]
    labels: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]
    indices: np.ndarray
    repeated: np.ndarray

    def __len__(self) -> int:
        return len(self.clips)


def cache_key(settings: Mapping[str, Any], encoding: Encoding = "raw") -> str:
    """Return the name of the cache of these settings, 16 hex digits."""
    content = {"version": VERSION, **settings} | ({"encoding": SETTINGS} if encoding == "jpeg" else {})
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=8).hexdigest()


def open_cache(root: Path, key: str, *, verify: bool = False) -> ClipCache:
    """Open a complete cache. No process can remove it as long as its clips are referenced.

    Args:
        root: folder of all caches.
        key: name of the cache.
        verify: whether to read every clip and compare its checksum (about a second a gigabyte).

    Raises:
        CacheError: when the cache doesn't exist, or its header, size or a checksum is wrong.
    """
    cache = load_cache(root, key)
    inuse.mark_in_use(cache.folder, cache.clips)
    for number in damaged_clips(cache) if verify else ():
        raise CacheError(cache.folder, f"clip {number} ({cache.names[number]}) is damaged: {_REMEDY}")
    return cache


def load_cache(root: Path, key: str) -> ClipCache:
    """Open a complete cache without marking it as used; see :func:`open_cache`."""
    folder = Path(root) / key
    if not folder.is_dir():
        begun = " (it was begun: build it again to resume)" if (Path(root) / f"{key}.partial").exists() else ""
        raise CacheError(folder, f"there is no such cache{begun}")
    header = read_header(folder)
    shape, encoding = tuple(header["shape"]), header.get("encoding", "raw")
    clips = open_raw(folder, shape, _REMEDY) if encoding == "raw" else JpegClips(folder, shape, _REMEDY)
    for name, checksum in header["checksums"].items():
        if not (folder / name).exists() or file_digest(folder / name) != checksum:
            raise CacheError(folder / name, f"the checksum is wrong: {_REMEDY}")
    journal = np.load(folder / JOURNAL, allow_pickle=False)
    with np.load(folder / "labels.npz", allow_pickle=False) as columns:
        labels = {name: columns[name] for name in columns.files}
    return ClipCache(
        folder=folder,
        key=key,
        clips=clips,
        names=tuple(header["names"]),
        labels=labels,
        classes={name: tuple(values) for name, values in header["classes"].items()},
        indices=journal["indices"].copy(),
        repeated=journal["repeated"].copy(),
    )


def damaged_clips(cache: ClipCache, read: Callable[[int], object] = int) -> Iterator[int]:
    """Read every clip and yield the numbers of those with a wrong checksum.

    Args:
        cache: the open cache.
        read: called with the number of bytes of each clip, for a progress bar.
    """
    expected = np.load(cache.folder / JOURNAL, allow_pickle=False)["crc"].tolist()
    for number, checksum in enumerate(expected):
        stored = cache.clips.stored(number) if isinstance(cache.clips, JpegClips) else cache.clips[number].data
        if zlib.crc32(stored) != checksum:
            yield number
        read(stored.nbytes)


def read_header(folder: Path) -> dict[str, Any]:
    """Return the header of a complete cache: shape, encoding, settings, names and classes.

    Raises:
        CacheError: when it is missing, damaged, or of another version.
    """
    file = folder / "header.json"
    try:
        header = json.loads(file.read_text(encoding="utf-8"))
        if header["format"] != "auxjepa-clips" or header["header"] != header_digest(header):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise CacheError(file, f"the header is missing or damaged: {_REMEDY}") from None
    if header["version"] != VERSION:
        raise CacheError(file, f"written in version {header['version']}, this is version {VERSION}: {_REMEDY}")
    return header


def header_digest(header: Mapping[str, Any]) -> str:
    """Return the checksum of a header, 32 hex digits."""
    content = {name: value for name, value in header.items() if name != "header"}
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def file_digest(file: Path) -> str:
    """Return the checksum of a file, 32 hex digits."""
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
