"""Videos and still pictures behind one door: the suffix decides which."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data import still
from auxjepa.data.still import Still
from auxjepa.data.video import Video, VideoInfo

STILLS = still.SUFFIXES
MOVING = frozenset(
    "3gp asf avi divx flv gif m2ts m4v mjpeg mkv mov mp4 mpeg mpg mts mxf nut ogv ts vob webm wmv y4m".split()  # noqa: SIM905
)


def open_media(path: Path | str) -> Video | Still:
    """An open video or picture; use it as a context manager.

    Raises:
        VideoError: one of its kinds, see :mod:`auxjepa.data.errors`.
    """
    return Still(path) if is_still(path) else Video(path)


def is_still(path: Path | str) -> bool:
    """Whether a name is a picture's."""
    return Path(path).suffix[1:].lower() in STILLS


def probe_media(path: Path | str, *, check: bool = False) -> VideoInfo:
    """What a video or picture holds.

    Args:
        check: decode every frame as well, so that damage anywhere in the file is found.

    Raises:
        VideoError: one of its kinds, see :mod:`auxjepa.data.errors`.
    """
    with open_media(path) as media:
        if check:
            media.decode_all()
        return media.info
