"""Reads the order of HEVC frames. A packet holds one coded picture. Pictures that are never shown, and those after a
break, are uncertain.

Source: ITU-T H.265 sections 7.3 (syntax) and 8.3.1 (picture order count).
"""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.data.media.codecs.bits import Bits, Counter, EndOfBitsError, Units, read_units, unescaped

_SEQUENCE, _PICTURE = 33, 34
_BROKEN = {16, 17, 18, 36, 37}  # broken links, ends of sequences and of the stream
_IDR = {19, 20}
_WHOLE = frozenset(head for head in range(256) if head >> 1 in (_SEQUENCE, _PICTURE))


@dataclass(frozen=True)
class Sequence:
    """The required values of a sequence parameter set.

    Args:
        planes: whether colours are coded separately.
        order_bits: bits of picture order counts.
        reorder: frames that may be stored before a frame and shown after it.
    """

    planes: bool
    order_bits: int
    reorder: int


class Hevc:
    """An :class:`auxjepa.data.media.codecs.Ordering` of HEVC packets."""

    def __init__(self, extradata: bytes) -> None:
        self._units = Units(extradata, 21, _WHOLE)
        self._sets: dict[int, bytes] = {}  # picture parameter sets by number, the sequence parameter set as -1
        self._sequence: Sequence | None = None
        self._extra: int | None = None
        self._counter = Counter()
        self._shown = False
        try:
            units = _record(extradata) if self._units.length else self._units.of(extradata)
            self._certain = all(self._read(unit) for unit in units)
        except EndOfBitsError:
            self._certain = False

    @property
    def reorder(self) -> int:
        """Number of frames that may be stored before a frame and shown after it."""
        return self._sequence.reorder if self._sequence else 0

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        first = None
        try:
            for unit in self._units.of(packet):
                if len(unit) < 3 or _layer(unit):
                    continue
                kind = unit[0] >> 1
                if kind < 32 and unit[2] & 0x80:  # the first slice of a picture
                    if first is not None:
                        return None
                    first = unit
                if kind in _BROKEN or not self._read(unit):
                    return None
            return None if first is None or not self._certain else self._place(first)
        except EndOfBitsError:
            return None

    def _read(self, unit: bytes) -> bool:
        """Read a parameter set. Return False if it differs from an earlier one, or if pictures may not be shown."""
        kind = unit[0] >> 1
        if kind not in (_SEQUENCE, _PICTURE) or _layer(unit):
            return True
        unit = unit.rstrip(b"\0")
        bits = Bits(unescaped(unit[2:]))
        number = -1 if kind == _SEQUENCE else bits.ue()
        if not self._shown:  # a set in the stream has priority over that of the container
            self._sets[number] = unit
        if kind == _SEQUENCE:
            self._sequence = parse_sequence(unit)
            return self._sets.get(number) == unit
        bits.skip(1)
        bits.u(1)
        hidden, extra = bits.u(1), bits.u(3)
        self._extra = self._extra if self._shown else extra
        return self._sets.get(number) == unit and not hidden and extra == self._extra

    def _place(self, unit: bytes) -> int | None:
        sequence, kind = self._sequence, unit[0] >> 1
        if sequence is None or self._extra is None:
            return None
        bits = Bits(unescaped(unit[2:]))
        bits.u(1)
        if 16 <= kind <= 23 and bits.u(1) and self._shown:  # the decoder drops frames that aren't shown yet
            return None
        self._shown = True
        bits.skip(1)
        bits.u(self._extra)
        bits.skip(1)
        bits.u(2 * sequence.planes)
        if kind in _IDR:
            self._counter.restart()
            return self._counter.place(0, sequence.order_bits, reference=True)
        # Counts are relative to the latest reference picture of the lowest temporal layer.
        reference = unit[1] & 7 == 1 and not 6 <= kind <= 9 and not (kind < 15 and kind % 2 == 0)
        return self._counter.place(bits.u(sequence.order_bits), sequence.order_bits, reference=reference)


def _layer(unit: bytes) -> int:
    """Return the layer of a unit. Further views, enhancements and transparency are above layer 0 and aren't decoded."""
    return (unit[0] & 1) << 5 | unit[1] >> 3


def _record(extradata: bytes) -> list[bytes]:
    """Return the parameter sets of a configuration record (ISO/IEC 14496-15 section 8.3.3)."""
    units, at = list[bytes](), 23
    for _ in range(extradata[22] if len(extradata) > 22 else 0):
        more, at = read_units(extradata, at + 3, int.from_bytes(extradata[at + 1 : at + 3], "big"))
        units += more
    return units


def parse_sequence(unit: bytes) -> Sequence:
    """Read a sequence parameter set.

    Raises:
        EndOfBitsError: when it is incomplete.
    """
    bits = Bits(unescaped(unit[2:]))
    bits.u(4)
    layers = bits.u(3)
    bits.u(1 + 96)
    present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    bits.u(2 * (8 - layers) if layers else 0)
    for profile, level in present:
        bits.u(88 * profile + 8 * level)
    bits.skip(1)
    planes = bits.ue() == 3 and bool(bits.u(1))
    bits.skip(2)
    if bits.u(1):
        bits.skip(4)
    bits.skip(2)
    order_bits, reorder = bits.ue() + 4, 0
    for _ in range(layers + 1 if bits.u(1) else 1):
        bits.skip(1)
        reorder = bits.ue()
        bits.skip(1)
    return Sequence(planes, order_bits, reorder)
