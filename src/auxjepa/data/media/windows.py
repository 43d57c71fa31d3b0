"""Spreads clips evenly over a video, without torch, so that a process that reads clips starts quickly."""

from __future__ import annotations

import numpy as np

from auxjepa.data.media.sampling import by_seconds, by_stride, start_frame, start_second
from auxjepa.data_config import DataConfig


def windows(times: np.ndarray, duration: float, data: DataConfig, count: int) -> list[np.ndarray]:
    """Return the frame numbers of clips that are spread evenly over a video; short videos repeat their last frame.

    Args:
        times: seconds at which each frame appears.
        duration: seconds of the whole video.
        data: how the encoder's training clips were cut, by stride or by time.
        count: number of clips.
    """
    places = [0.5] if count == 1 else np.linspace(0, np.nextafter(1, 0), count).tolist()
    if data.fps is None:
        starts = [start_frame(len(times), data.frames, data.stride, place) for place in places]
        return [by_stride(len(times), data.frames, data.stride, start).indices for start in starts]
    seconds = [start_second(duration, data.frames, data.fps, place) for place in places]
    return [by_seconds(times, duration, data.frames, data.fps, start).indices for start in seconds]
