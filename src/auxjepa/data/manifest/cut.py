"""Defines how clips are cut from videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from auxjepa.data.manifest.entry import Entry
from auxjepa.data.media.sampling import Sample, by_seconds, by_stride, start_frame, start_second, uniform


@dataclass(frozen=True)
class Cut:
    """Defines how clips are cut.

    Args:
        frames: frames of a clip.
        size: pixels of the short side after scaling, and of the centred square crop.
        stride: source frames per clip frame.
        fps: clip frames per second; if set, frames are chosen by time instead of by stride.
        where: ``random`` starts, or one clip spread evenly over the whole video (``uniform``).
    """

    frames: int
    size: int
    stride: int = 1
    fps: float | None = None
    where: Literal["random", "uniform"] = "random"

    def sample(self, entry: Entry, times: np.ndarray, duration: float, offset: float) -> Sample:
        """Return the frames of one clip.

        Args:
            entry: the example that the clip is cut from.
            times: seconds at which each frame of the whole file appears, ``[frames of the file]``.
            duration: seconds of the whole file.
            offset: position of the clip in the example, 0 to 1.
        """
        if self.where == "uniform":
            drawn = uniform(entry.frames, self.frames)
        elif self.fps is None:
            start = start_frame(entry.frames, self.frames, self.stride, offset)
            drawn = by_stride(entry.frames, self.frames, self.stride, start)
        else:
            end = times[entry.stop] if entry.stop < len(times) else duration
            length = float(end - times[entry.start])
            start = start_second(length, self.frames, self.fps, offset)
            drawn = by_seconds(times[entry.start : entry.stop], length, self.frames, self.fps, start)
        return Sample(drawn.indices + entry.start, drawn.repeated)
