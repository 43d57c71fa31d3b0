"""Reads the order of AV1 frames. A packet may hold several frames, one of which is shown. Layers of several sizes are
uncertain.

Source: AV1 bitstream specification, sections 5.3 (units), 5.5 (sequence header) and 5.9.2 (frame header).
"""

from __future__ import annotations

from collections.abc import Iterator

from auxjepa.data.media.codecs.bits import EndOfBitsError

_SEQUENCE, _HEADER, _FRAME = 1, 3, 6
_RECORD = 4  # bytes of a configuration record before its units


class Av1:
    """An :class:`auxjepa.data.media.codecs.Ordering` of AV1 packets."""

    reorder = 0

    def __init__(self, extradata: bytes) -> None:
        self._still: bool | None = None
        self._stored = 0
        try:
            units = list(_units(extradata[_RECORD:])) if extradata[:1] == b"\x81" else []
        except EndOfBitsError:
            units = []
        for kind, _, content in units:
            self._read(kind, content)

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        self._stored, shown = self._stored + 1, 0
        try:
            for kind, layer, content in _units(packet):
                if layer:
                    return None
                self._read(kind, content)
                if kind in (_HEADER, _FRAME):
                    if self._still is None or not content:
                        return None
                    existing, visible = content[0] >> 7, content[0] >> 4 & 1
                    shown += bool(self._still or existing or visible)
        except EndOfBitsError:
            return None
        return self._stored if shown == 1 else None

    def _read(self, kind: int, content: bytes) -> None:
        """Read from a sequence header whether it describes single pictures, which have shortened headers."""
        if kind == _SEQUENCE and content:
            self._still = bool(content[0] >> 3 & 1)


def _units(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield kind, spatial layer and content of each unit.

    Raises:
        EndOfBitsError: when a unit is incomplete.
    """
    at, end = 0, len(data)
    while at < end:
        head, layer, at = data[at], 0, at + 1
        if head & 4:
            if at >= end:
                raise EndOfBitsError
            layer, at = data[at] >> 3 & 3, at + 1
        size = end - at
        if head & 2:
            size = shift = 0
            while True:
                if at >= end or shift > 28:
                    raise EndOfBitsError
                size |= (data[at] & 127) << shift
                shift, at = shift + 7, at + 1
                if not data[at - 1] & 128:
                    break
        if at + size > end:
            raise EndOfBitsError
        yield head >> 3 & 15, layer, data[at : at + size]
        at += size
