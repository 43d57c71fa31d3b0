"""Reads the order of MPEG-4 part 2 pictures (Xvid, DivX, OpenCV's mp4v). A packet holds one coded picture. Packed and
skipped pictures are uncertain.

Source: ISO/IEC 14496-2 sections 6.2.3 (layer) and 6.2.5 (picture).
"""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.data.media.codecs.bits import Bits, EndOfBitsError
from auxjepa.data.media.codecs.two_way import TwoWay

_START, _PICTURE = b"\0\0\1", b"\0\0\1\xb6"
_LAYERS = range(0x20, 0x30)
_STUDIO = 14  # a profile with different headers
_KINDS = {0: "I", 1: "P", 2: "B"}


@dataclass(frozen=True)
class Layer:
    """The required values of a layer's header.

    Args:
        time_bits: bits of the time in a picture's header.
        ordered: whether pictures may be stored in another order than shown; None if the header doesn't declare it.
    """

    time_bits: int
    ordered: bool | None


class Mpeg4:
    """An :class:`auxjepa.data.media.codecs.Ordering` of MPEG-4 packets."""

    reorder = 1

    def __init__(self, extradata: bytes) -> None:
        self._layer: Layer | None = None
        self._pictures = TwoWay()
        self._certain = self._read(extradata)

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        at = packet.find(_PICTURE)
        if not self._certain or at < 0 or packet.find(_PICTURE, at + 4) >= 0 or not self._read(packet[:at]):
            return None
        if self._layer is None:
            return None
        try:
            bits = Bits(packet[at + 4 : at + 64])
            kind = _KINDS.get(bits.u(2))
            while bits.u(1):  # seconds
                pass
            bits.u(2 + self._layer.time_bits)
            coded = bits.u(1)
        except EndOfBitsError:
            return None
        if not coded or (kind == "B" and not self._layer.ordered):
            return None
        return self._pictures.place(kind)

    def _read(self, head: bytes) -> bool:
        """Read the header of a layer if there is one. Return False if it differs from an earlier one."""
        at = head.find(_START)
        while 0 <= at < len(head) - 4:
            if head[at + 3] in _LAYERS:
                try:
                    layer = parse_layer(head[at + 4 :])
                except EndOfBitsError:
                    return False
                if self._layer not in (None, layer):
                    return False
                self._layer = layer
            at = head.find(_START, at + 3)
        return True


def parse_layer(data: bytes) -> Layer:
    """Read the header of a layer, from the byte after its start code.

    Raises:
        EndOfBitsError: when it is incomplete.
    """
    bits, version, ordered = Bits(data), 1, None
    if bits.u(9) & 0xFF == _STUDIO:
        raise EndOfBitsError
    if bits.u(1):
        version, _ = bits.u(4), bits.u(3)
    if bits.u(4) == 15:
        bits.u(16)
    if bits.u(1):
        bits.u(2)
        ordered = not bits.u(1)
        if bits.u(1):
            bits.u(79)
    shape = bits.u(2)
    if shape == 3 and version != 1:
        bits.u(4)
    bits.u(1)
    resolution = bits.u(16)
    return Layer(max(1, (resolution - 1).bit_length()), ordered)
