"""Which packets of a video show exactly one frame, and in which order, read from their headers without decoding.

A packet is not a frame: it may hold one field of a frame, two frames, a frame that is never shown, or none. An
:class:`Ordering` answers for each packet with the place of its one frame in the order shown. It answers None as soon as
it isn't certain; the frames of such a file are listed by decoding it.
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
    """Reads the packets of one stream, which are handed over in the order stored."""

    @property
    def reorder(self) -> int:
        """Frames that may be stored before a frame and shown behind it, as the stream declares."""
        ...

    def place(self, packet: bytes) -> int | None:
        """Where the frame of a packet stands among the others; None where it isn't certain that it shows one frame."""
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
"""By FFmpeg's name of the decoder; each is called with the stream's extradata."""
