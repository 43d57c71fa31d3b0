"""Decides from the headers of packets, without decoding, which packets show exactly one frame, and in which order.

A packet is not a frame: it may hold one field of a frame, two frames, a frame that is never shown, or none. An
:class:`Ordering` returns for each packet the place of its one frame in the order shown, or None if that isn't certain.
The frames of such a file are listed by decoding it. Containers and pixels belong to the modules above this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from auxjepa.data.media.codecs.av1 import Av1
from auxjepa.data.media.codecs.h264 import H264
from auxjepa.data.media.codecs.hevc import Hevc
from auxjepa.data.media.codecs.mpeg2 import Mpeg2
from auxjepa.data.media.codecs.mpeg4 import Mpeg4
from auxjepa.data.media.codecs.vp9 import Vp9

__all__ = ["ORDERINGS", "Ordering"]


@runtime_checkable
class Ordering(Protocol):
    """Reads the packets of one stream in the order stored."""

    @property
    def reorder(self) -> int:
        """Number of frames that may be stored before a frame and shown after it, as the stream declares."""
        ...

    def place(self, packet: bytes) -> int | None:
        """Return the position of a packet's frame in the order shown, or None if the packet may not show exactly one
        frame.
        """
        ...


ORDERINGS: dict[str, Callable[[bytes], Ordering]] = {
    "h264": H264,
    "hevc": Hevc,
    "vp9": Vp9,
    "av1": Av1,
    "libdav1d": Av1,
    "mpeg4": Mpeg4,
    "mpeg1video": Mpeg2,
    "mpeg2video": Mpeg2,
}
"""Orderings by FFmpeg's name of the decoder. Each is called with the stream's extradata."""
