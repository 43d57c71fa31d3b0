"""Opens videos and still pictures through one function. The suffix of the name decides which reader is used."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.media import still
from auxjepa.data.media.still import Still
from auxjepa.data.media.video import Video, VideoInfo

STILLS = still.SUFFIXES
_MOVING = (
    "3g2 3gp 3gp2 3gpp f4v insv ismv lrv m4v mov mp4 mp4v mqv qt mk3d mkv webm amv avi divx xvid "  # MPEG-4, others
    "m2t m2ts mts tod tp trp ts evo m2p mod mpe mpeg mpg vob vro m1v m2v mpv "  # cameras, discs, broadcasts
    "264 265 266 avc h261 h263 h264 h265 h266 hevc vvc ivf obu vc1 dif dv mjpeg mjpg y4m "  # bare streams
    "asf dvr-ms wmv wtv flv ogm ogv ogx rm rmvb dav nsv nuv pva ty gxf mxf nut bik smk flc fli apng gif"
)
MOVING = frozenset(_MOVING.split())
"""Suffixes of the names of videos, in small letters."""


def open_media(path: Path | str) -> Video | Still:
    """Return an open video or picture. Use it as a context manager.

    Raises:
        VideoError: one of its subclasses, see :mod:`auxjepa.data.errors`.
    """
    return Still(path) if is_still(path) else Video(path)


def is_still(path: Path | str) -> bool:
    """Check whether a name has the suffix of a picture."""
    return Path(path).suffix[1:].lower() in STILLS


def probe_media(path: Path | str, *, check: bool = False) -> VideoInfo:
    """Return the properties of a video or picture.

    Args:
        path: the file.
        check: decode every frame as well, so that damage anywhere in the file is detected.

    Raises:
        VideoError: one of its subclasses, see :mod:`auxjepa.data.errors`.
    """
    with open_media(path) as media:
        if check:
            media.decode_all()
        return media.info
