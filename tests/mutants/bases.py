"""Sound files to start from: one natural clip in many containers and codecs."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

_X264 = {"g": "12", "bf": "2", "preset": "fast", "x264-params": "log-level=none"}
_BASES: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {  # codec, pixels, its options, the container's
    "h264.mp4": ("libx264", "yuv420p", _X264, {}),
    "fragments.mp4": ("libx264", "yuv420p", _X264, {"movflags": "frag_keyframe+empty_moov"}),
    "vp9.webm": ("libvpx-vp9", "yuv420p", {"cpu-used": "8", "deadline": "realtime", "g": "12"}, {}),
    "mpeg4.avi": ("mpeg4", "yuv420p", {"g": "12", "b": "400000"}, {}),
    "h264.mkv": ("libx264", "yuv420p", _X264, {}),
    "mpeg2.ts": ("mpeg2video", "yuv420p", {"g": "12", "b": "600000"}, {}),
    "mjpeg.avi": ("mjpeg", "yuvj420p", {}, {}),
    "turns.gif": ("gif", "rgb8", {}, {}),
    "h263.flv": ("flv", "yuv420p", {"b": "400000"}, {}),
    "raw.y4m": ("rawvideo", "yuv420p", {}, {}),
    "mpeg2.mxf": ("mpeg2video", "yuv422p", {"g": "12", "b": "2000000"}, {}),
    "ffv1.nut": ("ffv1", "yuv420p", {}, {}),
}


def encode_bases(source: Path, folder: Path, frames: int = 24) -> dict[str, bytes]:
    """The first frames of a video in every form, written to ``folder`` and returned by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(source)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in islice(container.decode(video=0), frames)]
    return {name: _encode(folder / name, pictures, *how).read_bytes() for name, how in _BASES.items()}


def _encode(
    path: Path, pictures: list[np.ndarray], codec: str, pixels: str, options: dict[str, str], muxer: dict[str, str]
) -> Path:
    with av.open(str(path), "w", options=muxer) as container:
        stream = container.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], pixels
        stream.codec_context.thread_count = 1
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
