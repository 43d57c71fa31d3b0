"""Chooses the frames of a video that make a clip. All functions depend on the number or times of frames only, never on
pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Times come from integer time stamps. This tolerance keeps 3 * (1/30) on the frame at 0.1 s.
_SLACK = 1e-6


@dataclass(frozen=True)
class Sample:
    """The frames of a clip.

    Args:
        indices: frame numbers, int64 ``[F]``, counted from the first frame of the video (or segment).
        repeated: how many of them, at the end, repeat a frame because the video is too short.
    """

    indices: np.ndarray
    repeated: int


def by_stride(total: int, frames: int, stride: int = 1, start: int = 0) -> Sample:
    """Return ``frames`` frame numbers ``start, start + stride, …``. After the end of the video, the last one is
    repeated.

    Raises:
        ValueError: when a size is not positive or ``start`` is outside ``0 … total - 1``.
    """
    _positive(total=total, frames=frames, stride=stride)
    if not 0 <= start < total:
        raise ValueError(f"start must be in 0 … {total - 1}, got {start}")
    # A stride beyond the end never reaches a second frame. The bound avoids an overflow of 64 bits.
    indices = start + min(stride, total) * np.arange(frames, dtype=np.int64)
    inside = int((indices < total).sum())
    indices[inside:] = indices[inside - 1]
    return Sample(indices, frames - inside)


def by_seconds(times: np.ndarray, duration: float, frames: int, fps: float, start: float = 0.0) -> Sample:
    """Return the frames shown at ``start, start + 1/fps, …`` seconds after the first frame, also at variable frame
    rates.

    A rate above the video's shows frames twice, as a screen does. Only instants at or after the end count as repeated.

    Args:
        times: seconds at which each frame appears, increasing, float64 ``[total]``. ``start`` counts from the first.
        duration: seconds from the first frame's appearance to the last one's end.
        frames: number of frames to return.
        fps: instants per second.
        start: seconds after the first frame.

    Raises:
        ValueError: when there are no frames, a size is not positive, or ``start`` is outside the video.
    """
    _positive(frames=frames, fps=fps, total=len(times))
    if not 0 <= start < max(duration, _SLACK):
        raise ValueError(f"start must be in 0 … {duration:.3f} s, got {start:.3f}")
    instants = start + np.arange(frames) / fps
    shown = np.searchsorted(times - times[0], instants + _SLACK, side="right") - 1
    inside = max(1, int((instants < duration - _SLACK).sum()))
    shown[inside:] = shown[inside - 1]
    return Sample(shown.astype(np.int64), frames - inside)


def uniform(total: int, frames: int) -> Sample:
    """Return ``frames`` frame numbers spread evenly over the whole video, including both ends. Short videos end in
    repeats.

    Raises:
        ValueError: when a size is not positive.
    """
    _positive(total=total, frames=frames)
    if total < frames:
        return by_stride(total, frames)
    if frames == 1:
        return Sample(np.array([total // 2], dtype=np.int64), 0)
    return Sample(np.round(np.linspace(0, total - 1, frames)).astype(np.int64), 0)


def random_offsets(count: int, seed: tuple[int, ...]) -> np.ndarray:
    """Return random positions in a video, float64 ``[count]`` in ``[0, 1)``, one in each of ``count`` equal parts.

    The parts keep several clips of one video apart.

    Args:
        count: number of positions.
        seed: any tuple of non-negative integers.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    return np.minimum((np.arange(count) + rng.random(count)) / count, np.nextafter(1.0, 0.0))


def start_frame(total: int, frames: int, stride: int, offset: float) -> int:
    """Return the start, in frames, at ``offset`` (0 to 1) among the starts at which the clip fits; 0 if none does."""
    starts = total - (frames - 1) * stride
    return int(offset * starts) if starts > 1 else 0


def start_second(duration: float, frames: int, fps: float, offset: float) -> float:
    """Return the start, in seconds, at ``offset`` (0 to 1) among the starts at which the clip fits; 0 if none does."""
    return offset * max(0.0, duration - frames / fps)


def _positive(**sizes: float | int) -> None:
    for name, value in sizes.items():
        if value <= 0:
            raise ValueError(f"{name} must be positive, got {value}")
