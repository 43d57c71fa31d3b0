"""Reads the order of VP9 frames. A packet may hold several frames, one of which is shown, or one frame that isn't
shown.

Source: VP9 bitstream specification, sections 6.2 (frame header) and Annex B (superframes).
"""

from __future__ import annotations


class Vp9:
    """An :class:`auxjepa.data.media.codecs.Ordering` of VP9 packets."""

    reorder = 0

    def __init__(self, extradata: bytes) -> None:
        self._stored = 0

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        heads = _frames(packet)
        self._stored += 1
        return self._stored if heads is not None and sum(map(_shown, heads)) == 1 else None


def _frames(packet: bytes) -> list[int] | None:
    """Return the first two bytes of each frame as a number; None if the sizes don't add up."""
    if not packet:
        return None
    mark, sizes, end = packet[-1], [len(packet)], len(packet)
    if mark >> 5 == 0b110:
        count, width = (mark & 7) + 1, (mark >> 3 & 3) + 1
        end -= 2 + count * width
        if end > 0 and packet[end] == mark:
            index = packet[end + 1 : -1]
            sizes = [int.from_bytes(index[n * width : (n + 1) * width], "little") for n in range(count)]
            if sum(sizes) != end:
                return None
    if min(sizes) < 1:
        return None
    places = [sum(sizes[:n]) for n in range(len(sizes))]
    return [int.from_bytes(packet[at : at + 2].ljust(2, b"\0"), "big") for at in places]


def _shown(head: int) -> bool:
    """Check whether a frame is shown. Its bits: marker (2), profile (2 or 3), existing, kind, shown."""
    skip = 5 if head >> 12 & 3 == 3 else 4
    existing, shown = head >> 15 - skip & 1, head >> 13 - skip & 1
    return bool(existing or shown)
