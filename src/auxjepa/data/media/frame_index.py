"""The positions and times of the frames of a file. An index is computed once and is small enough to be stored for a
million files.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_HEAD = struct.Struct("<BiiiiqqqddIHB")  # version and all single values; the codec and the compressed lists follow
VERSION = 2
"""Increases when the index of some file changes. Indices of other versions aren't read. Version 2 handles packets that
aren't frames.
"""
_SEEKABLE, _DECODED = 1 << 7, 1 << 6


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """The frames of one file. A pickled index takes about 130 bytes at a constant frame rate, else about 2 bytes a
    frame.

    Args:
        stamps: time stamp of each frame in the order shown, int64 ``[frames]``, increasing.
        second: seconds per unit of ``stamps``.
        last: seconds for which the last frame is shown.
        seekable: whether the decoder gives these stamps to frames, so that frames can be identified by them. Otherwise
            the file must be decoded from the beginning.
        keyframes: frame numbers at which decoding can start, int64, increasing; empty if not ``seekable``.
        seek_to: the time stamp to seek to for each key frame, int64.
        rotation: degrees counter-clockwise, a multiple of 90, by which frames are turned for display.
        height: pixels as stored, before rotation.
        width: pixels as stored, before rotation.
        codec: FFmpeg's name of the decoder.
        stream: index of the main video stream in the file.
        decoded: whether every frame was decoded to list the frames.
        damaged: number of the first frame that the decoder marked as damaged.
    """

    stamps: np.ndarray
    second: float
    last: float
    seekable: bool
    keyframes: np.ndarray
    seek_to: np.ndarray
    rotation: int
    height: int
    width: int
    codec: str
    stream: int = 0
    decoded: bool = False
    damaged: int | None = None

    def __len__(self) -> int:
        return len(self.stamps)

    @cached_property
    def times(self) -> np.ndarray:
        """Seconds at which each frame appears, the first at 0, float64 ``[frames]``."""
        return (self.stamps - self.stamps[0]) * self.second

    @property
    def duration(self) -> float:
        """Seconds of the video, including the last frame."""
        return float(self.times[-1]) + self.last

    def number_of(self, stamp: int | None) -> int:
        """Return the number of the frame with this time stamp, -1 if there is none."""
        if stamp is None:
            return -1
        number = int(np.searchsorted(self.stamps, stamp))
        return number if number < len(self.stamps) and self.stamps[number] == stamp else -1

    def to_bytes(self) -> bytes:
        """Return the index as bytes, for :meth:`from_bytes`."""
        lists = np.concatenate([np.diff(self.stamps), np.diff(self.keyframes), self.seek_to])
        if self.seekable:  # the differences are almost constant, which compresses well
            lists[len(lists) - len(self.seek_to) :] -= self.stamps[self.keyframes]
        codec = self.codec.encode()
        head = _HEAD.pack(
            VERSION | _SEEKABLE * self.seekable | _DECODED * self.decoded,
            self.rotation,
            self.height,
            self.width,
            -1 if self.damaged is None else self.damaged,
            int(self.stamps[0]),
            len(self.stamps),
            int(self.keyframes[0]) if len(self.keyframes) else 0,
            self.second,
            self.last,
            len(self.keyframes),
            self.stream,
            len(codec),
        )
        # Bytes of equal significance are stored together, because all but the lowest are mostly equal.
        planes = np.ascontiguousarray(lists.astype("<i8").view(np.uint8).reshape(-1, 8).T)
        return head + codec + zlib.compress(planes.tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> FrameIndex:
        """Return the index that :meth:`to_bytes` stored.

        Raises:
            ValueError: when it is damaged, or of another version.
        """
        try:
            flags, rotation, height, width, damaged, stamp, frames, key, second, last, keys, stream, letters = (
                _HEAD.unpack_from(data)
            )
            begin = _HEAD.size + letters
            codec = data[_HEAD.size : begin].decode()
            planes = np.frombuffer(zlib.decompress(data[begin:]), np.uint8).reshape(8, -1)
        except (struct.error, zlib.error, ValueError):
            raise ValueError("a list of frames is damaged") from None
        lists = np.ascontiguousarray(planes.T).view("<i8").ravel()
        steps, jumps = frames - 1, max(0, keys - 1)
        if flags & ~(_SEEKABLE | _DECODED) != VERSION or len(lists) != steps + jumps + keys:
            raise ValueError("a list of frames is damaged, or of another version")
        stamps, seekable = _summed(stamp, lists[:steps]), bool(flags & _SEEKABLE)
        keyframes = _summed(key, lists[steps : steps + jumps]) if keys else np.zeros(0, np.int64)
        seek_to = lists[steps + jumps :] + (stamps[keyframes] if seekable else 0)
        about = {"stream": stream, "decoded": bool(flags & _DECODED), "damaged": None if damaged < 0 else damaged}
        return cls(stamps, second, last, seekable, keyframes, seek_to, rotation, height, width, codec, **about)

    def __reduce__(self) -> tuple:
        return FrameIndex.from_bytes, (self.to_bytes(),)


def _summed(first: int, steps: np.ndarray) -> np.ndarray:
    return np.cumsum(np.concatenate([[first], steps]), dtype=np.int64)
