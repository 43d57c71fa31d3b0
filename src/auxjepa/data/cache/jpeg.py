"""Stores clips as indexed JPEG and decodes them on request.

The frames of a clip are stacked vertically in one picture (a clip of very many frames in several). Each frame is padded
to whole blocks of 8 rows, so that no block and, without chroma subsampling, no pixel mixes two frames::

    clips.jpgs   the pictures of all clips in order
    index.npy    int64 [n P + 1], where each begins and the last one ends
"""

from __future__ import annotations

import io
import operator
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from auxjepa.data.errors import CacheError
from auxjepa.data.lazy_clips import ArrangedClips, LazyClips, RenderedClips

BLOB, INDEX = "clips.jpgs", "index.npy"
QUALITY = 90
BYTES_A_PIXEL = 0.3  # for natural video at this quality; smooth content takes a third of that, noise five times as much
SETTINGS = f"jpeg {QUALITY} 4:4:4"  # part of a cache's key
_BLOCK = 8
_ROWS = 65_000  # a JPEG has 65,535 at most, libjpeg stops at 65,500
_PIXELS = 1 << 25  # of one picture: bounds memory, and is far below Pillow's limit for decompression bombs


def pictures(frames: int, rows: int, columns: int) -> list[slice]:
    """Return which frames of a clip are in each of its pictures."""
    tall = -(-rows // _BLOCK) * _BLOCK
    each = max(1, min(_ROWS // tall, _PIXELS // (tall * columns)))
    return [slice(first, min(first + each, frames)) for first in range(0, frames, each)]


def encode(clip: np.ndarray) -> list[bytes]:
    """Return the pictures of one clip, uint8 ``[F X Y 3]``."""
    frames, rows, columns, _ = clip.shape
    padded = np.pad(clip, ((0, 0), (0, -rows % _BLOCK), (0, 0), (0, 0)), mode="edge")
    out = []
    for part in pictures(frames, rows, columns):
        file = io.BytesIO()
        Image.fromarray(padded[part].reshape(-1, columns, 3)).save(file, "JPEG", quality=QUALITY, subsampling=0)
        out.append(file.getvalue())
    return out


def decode(stored: Iterable[Any], out: np.ndarray) -> np.ndarray:
    """Decode the pictures of a clip into an array and return it.

    Args:
        stored: bytes of each picture.
        out: uint8 ``[F X Y 3]``.

    Raises:
        OSError: when a picture is damaged.
        SyntaxError: when a picture is damaged.
        ValueError: when a picture is damaged, or the clip has another shape.
    """
    rows, columns = out.shape[1:3]
    first = 0
    for data in stored:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            frames = np.asarray(picture).reshape(-1, -(-rows // _BLOCK) * _BLOCK, columns, 3)
        out[first : first + len(frames)] = frames[:, :rows]
        first += len(frames)
    if first != len(out):
        raise ValueError(f"{first} frames instead of {len(out)}")
    return out


class JpegClips(LazyClips):
    """The clips of a JPEG cache. Indexing them raises a CacheError if a picture is damaged.

    It is pickled by its path, and several processes may read it at the same time.

    Args:
        folder: of the complete cache.
        shape: (n, F, X, Y, 3).
        remedy: what to do about damage, for messages.

    Raises:
        CacheError: when a file is missing or its size differs from that in the index.
    """

    KIND, MADE = "cached JPEG clips", "decoded"

    def __init__(self, folder: Path, shape: tuple[int, ...], remedy: str = "build it again") -> None:
        super().__init__(shape)
        self.folder, self._remedy = Path(folder), remedy
        blob, index = self.folder / BLOB, self.folder / INDEX
        for file in (blob, index):
            if not file.exists():
                raise CacheError(file, f"is missing: {remedy}")
        try:
            self._index = np.load(index, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError):
            raise CacheError(index, f"is damaged: {remedy}") from None
        size, expected = blob.stat().st_size, int(self._index[-1])
        if size != expected:
            raise CacheError(blob, f"{size:,} bytes instead of {expected:,}: {remedy}")
        self._blob = np.memmap(blob, np.uint8, "r")
        self._each = (len(self._index) - 1) // self.shape[0]  # pictures a clip

    def __reduce__(self) -> tuple[type[JpegClips], tuple[Any, ...]]:
        return JpegClips, (self.folder, self.shape, self._remedy)

    def __repr__(self) -> str:
        return f"JpegClips({str(self.folder)!r}, shape={self.shape})"

    def _make(self, numbers: np.ndarray, out: np.ndarray) -> None:
        for number, clip in zip(numbers.tolist(), out, strict=True):
            self._decode(number, clip)

    def stored(self, number: int) -> memoryview:
        """Return the bytes of all pictures of a clip, as its checksum covers them."""
        first = operator.index(number) * self._each
        return self._blob[int(self._index[first]) : int(self._index[first + self._each])].data

    def _decode(self, number: int, out: np.ndarray) -> None:
        edges = self._index[number * self._each : (number + 1) * self._each + 1].tolist()
        try:
            decode((self._blob[a:b] for a, b in pairwise(edges)), out)
        except (OSError, SyntaxError, ValueError) as error:
            why = " ".join(str(error).split())
            raise CacheError(self.folder / BLOB, f"clip {number} is damaged ({why}): {self._remedy}") from error


Clips = np.ndarray | JpegClips | RenderedClips | ArrangedClips
"""Clips ``[n F X Y 3]`` that are in memory, or that are decoded or drawn on request."""
