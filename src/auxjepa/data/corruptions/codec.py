"""Corrupt clips by compression with a real encoder: H.264 in memory."""

from __future__ import annotations

import io

import av
import numpy as np

from auxjepa.data.corruptions.corruption import Clip, Corruption

SMALLEST = 16


def compression(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    """Compress a clip with H.264 and decode it (libx264, 4:2:0, one group of pictures).

    H.264 needs an even size of at least 16 pixels. Frames are therefore extended at the lower and right edge before the
    compression and cropped after it.

    Args:
        clip: RGB pixels of one clip.
        strength: constant rate factor.
        rng: not used.
    """
    frames, rows, columns, _ = clip.shape
    margins = [max(SMALLEST, n + n % 2) - n for n in (rows, columns)]
    padded = np.pad(clip, ((0, 0), (0, margins[0]), (0, margins[1]), (0, 0)), mode="edge")
    decoded = _decode(_encode(padded, int(strength)))
    if len(decoded) != frames:
        raise RuntimeError(f"H.264 returned {len(decoded)} of {frames} frames")
    return decoded[:, :rows, :columns]


def _encode(clip: Clip, crf: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        # The look-ahead of libx264 isn't reproducible for very small pictures (docs/probes/robustness.md).
        options = {"preset": "veryfast", "tune": "zerolatency", "crf": str(crf), "g": str(len(clip))}
        stream = container.add_stream("libx264", rate=8, options=options)
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # several threads may give other bytes
        for frame in clip:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def _decode(content: bytes) -> Clip:
    with av.open(io.BytesIO(content), "r") as container:
        container.streams.video[0].codec_context.thread_count = 1
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


CODEC = (
    Corruption("compression", "H.264 and back", "constant rate factor", (26.0, 32.0, 38.0, 44.0, 50.0), compression),
)
