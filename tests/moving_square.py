"""Videos of a square that moves on a torus, and lossless video files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def moving_square(frames: int, side: int, step: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Return frames uint8 ``[F X Y 3]`` of a textured square of half the side on a grey background.

    Args:
        frames: number of frames.
        side: pixel rows and columns.
        step: rows down and columns to the right in each frame.
        seed: seed of the texture and of the first position.
    """
    rng = np.random.default_rng(seed)
    picture = np.full((side, side, 3), 60, np.uint8)
    half = side // 2
    texture = rng.integers(90, 255, (half // 4, half // 4, 3)).repeat(4, axis=0).repeat(4, axis=1)
    picture[:half, :half] = texture
    first = rng.integers(0, side, 2)
    return np.stack([np.roll(picture, tuple(first + number * np.array(step)), (0, 1)) for number in range(frames)])


def write_lossless(path: Path, frames: np.ndarray) -> None:
    """Write frames as a lossless file of 25 frames a second; the same frames give the same bytes.

    Args:
        path: the file, with a Matroska name.
        frames: uint8 ``[F X Y 3]``.
    """
    # Without this flag the file has a random identifier, and splits by content would differ from run to run.
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.codec_context.thread_count = 1
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "bgr0"
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(format="bgr0")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
