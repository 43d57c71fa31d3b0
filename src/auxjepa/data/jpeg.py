"""Clips as indexed JPEG: an array that decodes what is asked of it.

The frames of a clip stand one below the other in one picture (a clip of very many in several), each padded to whole
blocks of 8 rows, so that no block and, without chroma subsampling, no pixel mixes two frames::

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
from auxjepa.data.rendered import Rendered

BLOB, INDEX = "clips.jpgs", "index.npy"
QUALITY = 90
BYTES_A_PIXEL = 0.3  # of natural video at this quality; smooth content takes a third of it, noise five times as much
SETTINGS = f"jpeg {QUALITY} 4:4:4"  # part of a cache's key
_BLOCK = 8
_ROWS = 65_000  # a JPEG has 65,535 at most, libjpeg stops at 65,500
_PIXELS = 1 << 25  # of one picture: bounds memory, and is far below what Pillow takes for a bomb


def pictures(frames: int, rows: int, columns: int) -> list[slice]:
    """Which frames of a clip go to which of its pictures."""
    tall = -(-rows // _BLOCK) * _BLOCK
    each = max(1, min(_ROWS // tall, _PIXELS // (tall * columns)))
    return [slice(first, min(first + each, frames)) for first in range(0, frames, each)]


def encode(clip: np.ndarray) -> list[bytes]:
    """The pictures of one clip, uint8 ``[F X Y 3]``."""
    frames, rows, columns, _ = clip.shape
    padded = np.pad(clip, ((0, 0), (0, -rows % _BLOCK), (0, 0), (0, 0)), mode="edge")
    out = []
    for part in pictures(frames, rows, columns):
        file = io.BytesIO()
        Image.fromarray(padded[part].reshape(-1, columns, 3)).save(file, "JPEG", quality=QUALITY, subsampling=0)
        out.append(file.getvalue())
    return out


def decode(stored: Iterable[Any], out: np.ndarray) -> np.ndarray:
    """Fill ``out``, uint8 ``[F X Y 3]``, from the pictures of a clip.

    Raises:
        OSError, SyntaxError, ValueError: when they are damaged, or not of this shape.
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


class JpegClips:
    """The clips of a JPEG cache, uint8 ``[n F X Y 3]``: ``clips[3]``, ``clips[10:20]`` and ``clips[[5, 2, 5]]`` decode
    those clips and no others, and mean what they mean for a NumPy array's first axis.

    Travels to other processes by its path, and may be read by many at once.

    Args:
        folder: of the complete cache. shape: (n, F, X, Y, 3).

    Raises:
        CacheError: when a file is missing or of another size than the index says.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, folder: Path, shape: tuple[int, ...], remedy: str = "build it again") -> None:
        self.folder, self.shape, self._remedy = Path(folder), tuple(shape), remedy
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
        self._numbers = np.arange(self.shape[0])
        self._each = (len(self._index) - 1) // self.shape[0]  # pictures a clip

    def __reduce__(self) -> tuple[type[JpegClips], tuple[Any, ...]]:
        return JpegClips, (self.folder, self.shape, self._remedy)

    def __repr__(self) -> str:
        return f"JpegClips({str(self.folder)!r}, shape={self.shape})"

    @property
    def ndim(self) -> int:
        """5."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all clips decoded."""
        return int(np.prod(self.shape, dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> np.ndarray:
        """The clips ``which``, a whole number, a slice or an array of numbers or booleans, as a new array.

        Raises:
            IndexError: as NumPy does. CacheError: when a picture is damaged.
        """
        if isinstance(which, tuple):
            raise IndexError("cached JPEG clips are indexed by clip only: clips[3][:, 8] instead of clips[3, :, 8]")
        numbers = self._numbers[which]
        out = np.empty((*np.shape(numbers), *self.shape[1:]), np.uint8)
        for number, clip in zip(np.ravel(numbers).tolist(), out.reshape(-1, *self.shape[1:]), strict=True):
            self._decode(number, clip)
        return out

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("JPEG clips cannot become an array without being decoded")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    def stored(self, number: int) -> memoryview:
        """The bytes of all pictures of a clip, what its checksum is of."""
        first = operator.index(number) * self._each
        return self._blob[int(self._index[first]) : int(self._index[first + self._each])].data

    def _decode(self, number: int, out: np.ndarray) -> None:
        edges = self._index[number * self._each : (number + 1) * self._each + 1].tolist()
        try:
            decode((self._blob[a:b] for a, b in pairwise(edges)), out)
        except (OSError, SyntaxError, ValueError) as error:
            why = " ".join(str(error).split())
            raise CacheError(self.folder / BLOB, f"clip {number} is damaged ({why}): {self._remedy}") from error


Clips = np.ndarray | JpegClips | Rendered
"""Clips ``[n F X Y 3]``, decoded already, or decoded or drawn as they are asked for."""
