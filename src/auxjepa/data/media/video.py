"""Decodes exact frames of any video file that FFmpeg reads, as uint8 ``[F X Y 3]``.

Frame ``i`` is by definition the i-th frame that a full decode from the beginning yields. A read seeks to the key frame
before a wanted frame, decodes forward and selects frames by time stamp. It decodes from the beginning if the frames
(:mod:`auxjepa.data.media.listing`) can't be listed without decoding, or if a seek leads to another frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from auxjepa.data.errors import FrameRangeError, TooLargeVideoError, UndecodableVideoError, VideoError
from auxjepa.data.media.demux import MAX_PIXELS, decode, first_stream, open_container
from auxjepa.data.media.frame_index import FrameIndex
from auxjepa.data.media.listing import list_frames, version_or_none
from auxjepa.data.media.structure import find_damage

# swscale widens its bilinear kernel when it shrinks, which is antialiasing. The other flags make all machines agree.
_SCALE = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True)
class VideoInfo:
    """The properties of a file.

    Args:
        path: the file.
        frames: exact number.
        fps: mean rate, frames per second.
        duration: seconds, including the last frame.
        height: pixels as shown, after ``rotation``.
        width: pixels as shown, after ``rotation``.
        codec: FFmpeg's name of the decoder.
        rotation: degrees counter-clockwise by which frames are turned for display.
        variable_rate: whether some frame is shown more than 10 % longer or shorter than the median one.
        reading: what version 2 reads differently from version 1; empty for nearly all files.
    """

    path: Path
    frames: int
    fps: float
    duration: float
    height: int
    width: int
    codec: str
    rotation: int
    variable_rate: bool
    reading: str = ""


class Video:
    """An open video file. Use it as a context manager, or call :func:`probe` and :func:`read_frames` for single reads.

    Args:
        path: the file.
        index: :attr:`index` of an earlier read of the same file, so that its frames aren't listed again. The caller
            ensures that the file hasn't changed since.

    Raises:
        VideoError: one of its subclasses, when the file is missing, empty, cut short, without pictures or undecodable.
    """

    def __init__(self, path: Path | str, *, index: FrameIndex | None = None) -> None:
        self.path = Path(path)
        before = version_or_none(self.path)
        self._container, self._stream = open_container(self.path, number=None if index is None else index.stream)
        try:
            listed = list_frames(self.path, self._container, self._stream, before) if index is None else index
            self._index: FrameIndex = listed
        except BaseException:
            self._container.close()
            raise
        self._scaler = VideoReformatter()

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    @property
    def index(self) -> FrameIndex:
        """The frame index of the file. It can be stored and passed to another process."""
        return self._index

    @property
    def times(self) -> np.ndarray:
        """Seconds at which each frame appears, the first at 0, float64 ``[frames]``."""
        return self._index.times

    @property
    def info(self) -> VideoInfo:
        """Properties of the file."""
        index, steps = self._index, np.diff(self._index.times)
        middle = float(np.median(steps)) if len(steps) else 0.0
        turned = index.rotation % 180 == 90
        return VideoInfo(
            path=self.path,
            frames=len(index),
            fps=len(index) / index.duration,
            duration=index.duration,
            height=index.width if turned else index.height,
            width=index.height if turned else index.width,
            codec=index.codec,
            rotation=index.rotation,
            variable_rate=bool((np.abs(steps - middle) > 0.1 * middle).any()),
            reading="" if index.stream == first_stream(self._container) else f"stream {index.stream}",
        )

    def read(
        self,
        indices: Sequence[int | np.integer] | np.ndarray,
        *,
        size: int | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return frames by number, in the order of ``indices``. A number may occur several times.

        Args:
            indices: ``[F]`` frame numbers from 0.
            size: short side of the result, followed by a centred square crop; full frames if None. Pixels are treated
                as square.
            out: array for the result, uint8 ``[F X Y 3]``; a new one if None.

        Returns:
            uint8 ``[F X Y 3]``, RGB, turned upright.

        Raises:
            FrameRangeError: when a number is outside the video.
            UndecodableVideoError: when a frame is damaged.
            ValueError: when ``indices`` is empty or not a list.
        """
        numbers = np.asarray(indices, dtype=np.int64)
        total = len(self._index)
        if numbers.ndim != 1 or not len(numbers):
            raise ValueError(f"indices must be a non-empty list of frame numbers, got shape {numbers.shape}")
        if numbers.min() < 0 or numbers.max() >= total:
            worst = int(numbers.min() if numbers.min() < 0 else numbers.max())
            raise FrameRangeError(self.path, f"there is no frame {worst}, frames are 0 … {total - 1}")
        distinct, place = np.unique(numbers, return_inverse=True)
        frames = self._by_seeking(distinct, size) if self._index.seekable else None
        if frames is None:
            frames = self._from_beginning(distinct, size)
        return np.stack([frames[number] for number in place], out=out)

    def decode_all(self) -> int:
        """Decode every frame, discard them, and return their number.

        Raises:
            UndecodableVideoError: when a frame is damaged, or when the number of decoded frames differs from the listed
                number.
        """
        try:
            broken = find_damage(self.path)
        except OSError as error:
            raise VideoError(self.path, f"cannot be read: {error.strerror}") from error
        if broken is not None:
            raise UndecodableVideoError(self.path, broken)
        number, damaged = len(self._index), self._index.damaged
        if not self._index.decoded:
            self._reopen()
            number, damaged = 0, None
            for frame in decode(self.path, self._container, self._stream):
                damaged = number if frame.is_corrupt and damaged is None else damaged
                number += 1
        if damaged is not None:
            raise UndecodableVideoError(self.path, f"frame {damaged} is damaged")
        if number != len(self._index):
            listed = len(self._index)
            raise UndecodableVideoError(self.path, f"{listed} frames are listed, {number} can be decoded")
        return number

    def _by_seeking(self, numbers: np.ndarray, size: int | None) -> list[np.ndarray] | None:
        """Return the requested frames, or None if the decoder and the frame index disagree."""
        index = self._index
        decoded: Iterator[VideoFrame] = iter(())
        position, frames = -1, []
        for target in numbers.tolist():
            entry = int(np.searchsorted(index.keyframes, target, side="right")) - 1
            if entry < 0:  # the frame is shown before the first key frame
                return None
            if position < 0 or index.keyframes[entry] > position:
                try:
                    self._container.seek(int(index.seek_to[entry]), stream=self._stream)
                except av.error.FFmpegError:
                    return None
                decoded = decode(self.path, self._container, self._stream)
            for frame in decoded:
                number = index.number_of(frame.pts)
                if number < 0 or number > target:
                    return None
                if number == target:
                    frames.append(self._pixels(frame, target, size))
                    break
            else:
                return None
            position = target + 1
        return frames

    def _from_beginning(self, numbers: np.ndarray, size: int | None) -> list[np.ndarray]:
        self._reopen()
        remaining, frames = set(numbers.tolist()), []
        for number, frame in enumerate(decode(self.path, self._container, self._stream)):
            if number in remaining:
                frames.append(self._pixels(frame, number, size))
                remaining.discard(number)
                if not remaining:
                    return frames
        raise UndecodableVideoError(self.path, f"frame {min(remaining)} is listed but could not be decoded")

    def _reopen(self) -> None:
        self._container.close()
        self._container, self._stream = open_container(self.path, number=self._index.stream)

    def _pixels(self, frame: VideoFrame, number: int, size: int | None) -> np.ndarray:
        if frame.is_corrupt:
            raise UndecodableVideoError(self.path, f"frame {number} is damaged")
        rows, columns = self._index.height, self._index.width
        if size is not None:
            short = min(frame.height, frame.width)
            rows, columns = (max(size, round(side * size / short)) for side in (frame.height, frame.width))
            if rows * columns > MAX_PIXELS:
                shape = f"{frame.width:,} x {frame.height:,}"
                raise TooLargeVideoError(self.path, f"frames of {shape} pixels are too long for a short side of {size}")
        try:
            rgb = self._scaler.reformat(
                frame, width=columns, height=rows, format="rgb24", interpolation=_SCALE, threads=1
            ).to_ndarray()
        except (av.error.FFmpegError, ValueError) as error:
            raise UndecodableVideoError(self.path, f"frame {number} cannot be turned into pixels ({error})") from error
        rgb = np.rot90(rgb, self._index.rotation // 90)
        if size is not None:
            top, left = ((side - size) // 2 for side in rgb.shape[:2])
            rgb = rgb[top : top + size, left : left + size]
        return rgb


def probe(path: Path | str, *, check: bool = False) -> VideoInfo:
    """Return the properties of a video file.

    Args:
        path: the file.
        check: decode every frame as well, so that damage anywhere in the file is detected.

    Raises:
        VideoError: one of its subclasses, see :mod:`auxjepa.data.errors`.
    """
    with Video(path) as video:
        if check:
            video.decode_all()
        return video.info


def read_frames(
    path: Path | str, indices: Sequence[int | np.integer] | np.ndarray, *, size: int | None = None
) -> np.ndarray:
    """Return frames of a video by number, uint8 ``[F X Y 3]``; see :meth:`Video.read`.

    Raises:
        VideoError: one of its subclasses, see :mod:`auxjepa.data.errors`.
    """
    with Video(path) as video:
        return video.read(indices, size=size)
