"""A frozen encoder that reads videos: decoding and cutting clips is the same for all encoders."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.errors import VideoError
from auxjepa.data.manifest.padding import Padding, count_repeats
from auxjepa.data.media.read_clips import read_clips
from auxjepa.data.media.windows import windows
from auxjepa.data.space import readable
from auxjepa.limits import usable_memory
from auxjepa.probes.features import at_once

Videos = str | Path | Sequence[str | Path] | Tensor | np.ndarray


@dataclass(frozen=True)
class VideoFeatures:
    """Features of the clips of one video.

    Args:
        path: the video.
        frames: frame numbers of each clip.
        features: float32 ``[clips N D]`` (tokens) or ``[clips D]`` (their means).
    """

    path: Path
    frames: list[list[int]]
    features: Float[np.ndarray, "clips ..."]


class VideoEncoder(ABC):
    """A frozen encoder of videos. Make one with :func:`auxjepa.load`.

    Args:
        data: how clips are cut out of videos.
        caution: one line if the checkpoint does not belong to a finished run; empty otherwise.
    """

    data: DataConfig
    caution: str = ""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Number of channels of a feature."""

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Device on which features are computed."""

    @abstractmethod
    def _check_clips(self, clips: Tensor) -> None:
        """Check whether a tensor holds clips that can be cut into tokens.

        Raises:
            ValueError: if the clips cannot be cut.
        """

    @abstractmethod
    def _encode(self, clips: Tensor, pool: bool) -> np.ndarray:
        """Return the features of a batch of clips, uint8 or float ``[B F X Y 3]``."""

    @abstractmethod
    def _count_tokens(self) -> int:
        """Return the number of tokens of a clip of a video."""

    def embed(self, videos: Videos, *, clips: int = 1) -> Float[Tensor, "n D"]:
        """Return one feature for each clip: the mean of its tokens, float32, on the CPU.

        Args:
            videos: path of a video, paths of several, or a tensor of clips. A tensor has the shape ``[n F X Y 3]``,
                uint8 (0 … 255) or float (0 … 1).
            clips: number of clips of each video, spread evenly; they follow each other in the result.

        Raises:
            VideoError: if a video cannot be read.
            ConfigError: if memory cannot hold the features.
            ValueError: if a tensor does not hold clips that the encoder can cut into tokens.
            TypeError: if ``videos`` is neither paths nor a tensor.
        """
        return self._features(videos, clips, pool=True)

    def tokens(self, videos: Videos, *, clips: int = 1) -> Float[Tensor, "n N D"]:
        """Return all tokens of each clip, float32, on the CPU; arguments and exceptions as in :meth:`embed`."""
        return self._features(videos, clips, pool=False)

    def read(
        self, videos: Sequence[str | Path], *, clips: int = 1, pool: bool = True
    ) -> Iterator[VideoFeatures | VideoError]:
        """Yield the features of each video in order, or the reason why it cannot be read.

        Args:
            videos: paths of the videos.
            clips: number of clips of each video, spread evenly.
            pool: whether the tokens of a clip are averaged.

        Raises:
            ConfigError: if memory cannot hold the features.
        """
        paths = [Path(video) for video in videos]
        data = self.data
        self._check_memory(len(paths), clips, pool)
        for video in read_clips(paths, partial(windows, data=data, count=clips), size=data.size):
            if isinstance(video, VideoError):
                yield video
                continue
            features = [self._encode(torch.from_numpy(clip[None]), pool) for clip in video.clips]
            yield VideoFeatures(video.path, [one.tolist() for one in video.indices], np.concatenate(features))

    def padding(self, videos: Sequence[VideoFeatures]) -> Padding:
        """Return how many clips repeat frames because their video is shorter than a clip.

        Args:
            videos: the videos.
        """
        distinct = np.array([len(set(clip)) for video in videos for clip in video.frames], dtype=np.int64)
        return count_repeats(distinct, self.data.frames)

    def _features(self, videos: Videos, clips: int, *, pool: bool) -> Tensor:
        if isinstance(videos, Tensor | np.ndarray):
            if clips != 1:
                raise ValueError("clips is for paths of videos: each item of a tensor is one clip")
            return self._of_clips(torch.as_tensor(videos), pool)
        if isinstance(clips, bool) or not isinstance(clips, int) or clips < 1:
            raise ValueError(f"clips must be a whole number of 1 or more, got {clips!r}")
        paths = _paths(videos)
        read = []
        for video in self.read(paths, clips=clips, pool=pool):
            if isinstance(video, VideoError):
                raise video
            read.append(video)
        if summary := self.padding(read).summary():
            warnings.warn(summary, stacklevel=3)
        return torch.from_numpy(np.concatenate([video.features for video in read]))

    def _of_clips(self, clips: Tensor, pool: bool) -> Tensor:
        """Return the features of a tensor of clips."""
        data = self.data
        self._check_clips(clips)
        if tuple(clips.shape[1:4]) != (data.frames, data.size, data.size):
            shape = " x ".join(map(str, clips.shape[1:4]))
            trained = f"{data.frames} x {data.size} x {data.size}"
            warnings.warn(f"these clips are {shape}, and the encoder was trained on clips of {trained}", stacklevel=4)
        self._check_memory(len(clips), 1, pool)
        batch = at_once(clips.shape)
        features = [self._encode(clips[start : start + batch], pool) for start in range(0, len(clips), batch)]
        return torch.from_numpy(np.concatenate(features))

    def _check_memory(self, videos: int, clips: int, pool: bool) -> None:
        """Check whether memory can hold the features of all clips, and the frame numbers of the clips of a video.

        Raises:
            ConfigError: if memory cannot hold them.
        """
        need = 4 * videos * clips * self.dim * (1 if pool else self._count_tokens()) + 8 * clips * self.data.frames
        if need > usable_memory():
            what = f"features of {clips:,} clips of {videos:,} videos take {readable(need)}"
            raise ConfigError(f"{what}, and this machine has {readable(usable_memory())} of memory: lower --clips")


def check_values(clips: Tensor) -> None:
    """Check whether a tensor holds clips of bytes or of shares of full brightness.

    Args:
        clips: clips ``[n F X Y 3]``.

    Raises:
        ValueError: if it has another shape, or other values.
    """
    if clips.ndim != 5 or clips.shape[-1] != 3 or not len(clips):
        raise ValueError(f"clips must have the shape [n, frames, rows, columns, 3], got {list(clips.shape)}")
    if clips.dtype == torch.uint8:
        return
    if not clips.is_floating_point():
        raise ValueError(f"clips must be uint8 (0 … 255) or float (0 … 1), got {clips.dtype}")
    if not clips.numel():
        return
    low, high = float(clips.min()), float(clips.max())
    if not (low >= 0 and high <= 1):  # NaN fails too
        raise ValueError(f"float clips must be within 0 … 1, got {low:g} … {high:g}; uint8 clips are 0 … 255")


def _paths(videos: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the paths of videos.

    Raises:
        TypeError: if they are not paths.
        ValueError: if there is no path.
    """
    if isinstance(videos, str | Path):
        return [Path(videos)]
    if not isinstance(videos, Sequence) or not all(isinstance(video, str | Path) for video in videos):
        raise TypeError(f"videos must be paths or a tensor of clips, got {type(videos).__name__}")
    if not videos:
        raise ValueError("no videos to embed")
    return [Path(video) for video in videos]
