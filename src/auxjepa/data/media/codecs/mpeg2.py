"""Reads the order of MPEG-1 and MPEG-2 pictures, which refer in two directions. Single fields are uncertain.

Source: ISO/IEC 13818-2 section 6.2.
"""

from __future__ import annotations

from auxjepa.data.media.codecs.two_way import TwoWay

_PICTURE, _SEQUENCE, _EXTENSION, _END = (b"\0\0\1" + bytes([kind]) for kind in (0x00, 0xB3, 0xB5, 0xB7))
_CODING = 8  # the extension that declares whether a picture is a frame or a field
_FRAME = 3
_KINDS = {1: "I", 2: "P", 3: "B"}


class Mpeg2:
    """An :class:`auxjepa.data.media.codecs.Ordering` of MPEG-1 and MPEG-2 packets."""

    reorder = 1

    def __init__(self, extradata: bytes) -> None:
        self._sequence = b""
        self._pictures = TwoWay()
        self._certain = self._same(extradata)

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        at = packet.find(_PICTURE)
        if not self._certain or not 0 <= at < len(packet) - 6 or packet.find(_PICTURE, at + 4) >= 0:
            return None
        if not self._same(packet[:at]):
            return None
        extension = packet.find(_EXTENSION, at)
        while extension >= 0:
            content = packet[extension + 4 : extension + 7]
            if len(content) < 3 or (content[0] >> 4 == _CODING and content[2] & 3 != _FRAME):
                return None
            extension = packet.find(_EXTENSION, extension + 4)
        self._certain = packet.find(_END, at) < 0  # another sequence follows the end code
        return self._pictures.place(_KINDS.get(packet[at + 5] >> 3 & 7))

    def _same(self, head: bytes) -> bool:
        """Check that the bytes before a picture don't begin a sequence of another size or rate."""
        at = head.find(_SEQUENCE)
        if at < 0:
            return _END not in head
        content = head[at + 4 : at + 8]
        self._sequence = self._sequence or content
        return content == self._sequence and _END not in head
