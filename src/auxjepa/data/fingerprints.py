"""Fingerprints of videos: perceptual hashes and small grey pictures of frames that are spread evenly over a video.

They are computed once for each content and stored in one file for each manifest.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8, UInt64

from auxjepa.data.errors import VideoError
from auxjepa.data.manifest.manifest import Manifest, manifest_file
from auxjepa.data.media.open import open_media
from auxjepa.files import replacing
from auxjepa.processes.jobs import run_jobs

VERSION = 1
"""Increases when a fingerprint changes. Stored fingerprints of other versions aren't read."""
FRAMES = 9
"""Frames of a fingerprint."""
READ = 32
"""Width and height in pixels of the frames that are hashed."""
SIDE = 16
"""Width and height of the pictures in pixels."""
FLAT = 4.0
"""Standard deviation of grey levels (of 255) below which a frame is flat, such as a black frame. Its hash is noise."""
_BATCH = 16  # files that a process reads in one job
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of n contents.

    Args:
        contents: hash of each content, 32 hex digits, without repetition.
        hashes: perceptual hash of each frame.
        pictures: grey levels of each frame.
        usable: whether each frame is neither flat nor unreadable.
    """

    contents: tuple[str, ...]
    hashes: UInt64[np.ndarray, "n f"]
    pictures: UInt8[np.ndarray, "n f s s"]
    usable: Bool[np.ndarray, "n f"]


def can_hash() -> bool:
    """Check whether the library of perceptual hashes is installed."""
    return find_spec("imagehash") is not None


def fingerprint(manifest: Manifest, root: Path, *, workers: int = 2, progress: bool = True) -> Fingerprints:
    """Return the fingerprints of the contents of a manifest's files, in the order of the first file of each content.

    Args:
        manifest: the files.
        root: folder that stores fingerprints.
        workers: processes that decode.
        progress: whether progress is shown on standard error.
    """
    paths: dict[str, str] = {}
    for entry in manifest.entries:
        paths.setdefault(entry.file.hash or entry.file.path, entry.file.path)
    place = manifest_file(manifest.folder.resolve(), root)
    file = place.with_name(place.stem + ".fingerprints.npz")
    stored = _load(file)
    missing = [content for content in paths if content not in stored]
    if missing:
        batches = [
            [(content, paths[content]) for content in missing[start : start + _BATCH]]
            for start in range(0, len(missing), _BATCH)
        ]
        work = partial(_read_batch, manifest.folder)
        for _, batch in run_jobs(work, batches, workers, "fingerprinting", died=_died, progress=progress):
            stored |= batch
        if stored:
            _store(file, stored)
    prints = [stored.get(content) or _nothing() for content in paths]
    return Fingerprints(
        tuple(paths),
        np.array([one[0] for one in prints], dtype=np.uint64).reshape(-1, FRAMES),
        np.array([one[1] for one in prints], dtype=np.uint8).reshape(-1, FRAMES, SIDE, SIDE),
        np.array([one[2] for one in prints], dtype=bool).reshape(-1, FRAMES),
    )


_Print = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Hashes, pictures and usable frames of one content."""


def _read_batch(folder: Path, files: Sequence[tuple[str, str]]) -> dict[str, _Print]:
    prints = {content: _read(folder, path) for content, path in files}
    return {content: one for content, one in prints.items() if one is not None}


def _read(folder: Path, path: str) -> _Print | None:
    try:
        with open_media(folder / path) as media:
            count = len(media.times)
            places = ((np.arange(FRAMES) + 0.5) / FRAMES * count).astype(np.int64)
            distinct, frame = np.unique(places, return_inverse=True)
            pixels = media.read(distinct, size=READ)
    except VideoError:  # the reading of clips names such a file; it isn't stored, so that it is tried again
        return None
    grey = (pixels.astype(np.float32) @ _GREY).round().astype(np.uint8)
    part = READ // SIDE
    pictures = grey.reshape(-1, SIDE, part, SIDE, part).mean(axis=(2, 4)).round().astype(np.uint8)
    usable = grey.reshape(len(grey), -1).std(axis=1) >= FLAT
    return _hashes(grey)[frame], pictures[frame], usable[frame]


def _hashes(grey: UInt8[np.ndarray, "f r r"]) -> UInt64[np.ndarray, " f"]:
    import imagehash
    from PIL import Image

    bits = np.stack([imagehash.phash(Image.fromarray(picture)).hash.ravel() for picture in grey])
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)


def _nothing() -> _Print:
    return np.zeros(FRAMES, np.uint64), np.zeros((FRAMES, SIDE, SIDE), np.uint8), np.zeros(FRAMES, bool)


def _died(_files: Sequence[tuple[str, str]], _how: str) -> dict[str, _Print]:
    return {}


def _load(file: Path) -> dict[str, _Print]:
    """Return the stored fingerprints by content; none if the file is missing, damaged or of another version."""
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile), np.load(file) as arrays:
        if int(arrays["version"]) == VERSION:
            contents = arrays["contents"].tolist()
            columns = zip(arrays["hashes"], arrays["pictures"], arrays["usable"], strict=True)
            return dict(zip(contents, columns, strict=True))
    return {}


def _store(file: Path, prints: dict[str, _Print]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    hashes, pictures, usable = (np.stack(column) for column in zip(*prints.values(), strict=True))
    with replacing(file) as part, part.open("wb") as out:
        contents = np.array(list(prints))
        np.savez(out, version=VERSION, contents=contents, hashes=hashes, pictures=pictures, usable=usable)
