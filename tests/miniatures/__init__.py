"""Miniatures of data sets in their official layouts: real files and annotation formats, few clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

OPTIONS = {"libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"}, "libx264": {"preset": "ultrafast"}}


def pixels(frames: int, seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Moving waves, uint8 [frames height width 3]; another seed gives other waves."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves, phases = rng.uniform(0.05, 0.3, (3, 2)), rng.uniform(0, 6, 3)
    time = np.arange(frames)[:, None, None, None]
    angle = (waves[:, 0] * y[..., None] + waves[:, 1] * x[..., None])[None] + phases + 0.4 * time
    return np.round(127.5 + 110 * np.sin(angle)).astype(np.uint8)


def video(
    path: Path,
    frames: int = 12,
    seed: int = 0,
    codec: str | None = None,
    fps: int = 25,
    height: int = 48,
    width: int = 64,
) -> Path:
    """A video in the codec that its suffix usually holds: avi MPEG-4, webm VP9, else H.264."""
    suffix = path.suffix.lower()
    codec = codec or {".avi": "mpeg4", ".webm": "libvpx-vp9"}.get(suffix, "libx264")
    options = {"libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"}, "libx264": {"preset": "ultrafast"}}.get(
        codec, {}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.thread_count = 1
        for picture in pixels(frames, seed, height, width):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def image(path: Path, seed: int = 0, height: int = 48, width: int = 64) -> Path:
    """A picture in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels(1, seed, height, width)[0]).save(path)
    return path


def text(path: Path, *lines: str) -> Path:
    """A text file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
