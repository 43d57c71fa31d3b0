"""Reads the order of H.264 frames. A packet holds one coded frame, or fields.

Source: ITU-T H.264 sections 7.3 (syntax), 8.2.1 (picture order count) and E.1 (video usability information).
"""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.data.media.codecs.bits import Bits, Counter, EndOfBitsError, Units, read_units, unescaped

_SLICE, _IDR, _SEQUENCE = 1, 5, 7
_PARTITIONS = {2, 3, 4}
_WHOLE = frozenset(head for head in range(256) if head & 31 == _SEQUENCE)
_CHROMA = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}  # profiles whose header has a chroma format


@dataclass(frozen=True)
class Sequence:
    """The required values of a sequence parameter set.

    Args:
        planes: whether colours are coded separately.
        frame_bits: bits of frame numbers.
        order_type: how the order shown is coded.
        order_bits: bits of picture order counts.
        fields: whether pictures may be single fields.
        reorder: frames that may be stored before a frame and shown after it; None if the stream doesn't declare it.
    """

    planes: bool
    frame_bits: int
    order_type: int
    order_bits: int
    fields: bool
    reorder: int | None


class H264:
    """An :class:`auxjepa.data.media.codecs.Ordering` of H.264 packets. Fields, partitions and a changed sequence are
    uncertain.
    """

    def __init__(self, extradata: bytes) -> None:
        self._units = Units(extradata, 4, _WHOLE)
        self._unit: bytes | None = None
        self._sequence: Sequence | None = None
        self._counter = Counter()
        self._stored = 0
        try:
            units = _record(extradata) if self._units.length else self._units.of(extradata)
            self._certain = all(self._read(unit) for unit in units if unit[0] & 31 == _SEQUENCE)
        except EndOfBitsError:
            self._certain = False

    @property
    def reorder(self) -> int:
        """Number of frames that may be stored before a frame and shown after it."""
        return (self._sequence.reorder or 0) if self._sequence else 0

    def place(self, packet: bytes) -> int | None:
        """Return the place of the packet's frame; see :class:`auxjepa.data.media.codecs.Ordering`."""
        first = None
        try:
            for unit in self._units.of(packet):
                kind = unit[0] & 31
                if kind in (_SLICE, _IDR) and len(unit) > 1 and unit[1] & 0x80:  # it holds the first macroblock
                    if first is not None:
                        return None
                    first = unit
                elif kind in _PARTITIONS or (kind == _SEQUENCE and not self._read(unit)):
                    return None
            return None if first is None or not self._certain else self._place(first)
        except EndOfBitsError:
            return None

    def _read(self, unit: bytes) -> bool:
        """Read a sequence parameter set. Return False if it differs from the one of earlier pictures."""
        unit = unit.rstrip(b"\0")
        if unit != self._unit and not self._stored:  # a set in the stream has priority over that of the container
            self._unit, self._sequence = unit, parse_sequence(unit)
        return unit == self._unit

    def _place(self, unit: bytes) -> int | None:
        sequence, idr = self._sequence, unit[0] & 31 == _IDR
        if sequence is None:
            return None
        bits = Bits(unescaped(unit[1:]))
        bits.skip(3)  # first macroblock, kind of slice, picture parameter set
        bits.u(2 * sequence.planes + sequence.frame_bits)
        if sequence.fields and bits.u(1):
            return None
        if idr:
            bits.skip(1)
            self._counter.restart()
        self._stored += 1
        if sequence.order_type == 2:
            return self._stored
        if sequence.order_type == 1:
            return None
        return self._counter.place(bits.u(sequence.order_bits), sequence.order_bits, reference=bool(unit[0] & 0x60))


def _record(extradata: bytes) -> list[bytes]:
    """Return the sequence parameter sets of a configuration record (ISO/IEC 14496-15 section 5.3.3)."""
    return read_units(extradata, 6, extradata[5] & 31 if len(extradata) > 5 else 0)[0]


def parse_sequence(unit: bytes) -> Sequence:
    """Read a sequence parameter set.

    Raises:
        EndOfBitsError: when it is incomplete.
    """
    bits = Bits(unescaped(unit[1:]))
    profile, _ = bits.u(8), bits.u(16)
    bits.skip(1)
    planes = False
    if profile in _CHROMA:
        chroma = bits.ue()
        planes = chroma == 3 and bool(bits.u(1))
        bits.skip(2)
        bits.u(1)
        if bits.u(1):
            for number in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _scaling_list(bits, 16 if number < 6 else 64)
    frame_bits, order_type, order_bits = bits.ue() + 4, bits.ue(), 0
    if order_type == 0:
        order_bits = bits.ue() + 4
    elif order_type == 1:
        bits.u(1)
        bits.skip(2)
        bits.skip(bits.ue())
    bits.skip(1)
    bits.u(1)
    bits.skip(2)
    fields = not bits.u(1)
    bits.u(1 + fields)
    if bits.u(1):
        bits.skip(4)
    return Sequence(planes, frame_bits, order_type, order_bits, fields, _reorder(bits) if bits.u(1) else None)


def _scaling_list(bits: Bits, size: int) -> None:
    last = next_one = 8
    for _ in range(size):
        if next_one:
            code = bits.ue()
            next_one = (last + (code + 1 >> 1) * (1 if code & 1 else -1)) % 256
        last = next_one or last


def _reorder(bits: Bits) -> int | None:
    """Return the number of reordered frames at the end of the video usability information."""
    if bits.u(1) and bits.u(8) == 255:
        bits.u(32)
    if bits.u(1):
        bits.u(1)
    if bits.u(1):
        bits.u(4)
        if bits.u(1):
            bits.u(24)
    if bits.u(1):
        bits.skip(2)
    if bits.u(1):
        bits.u(65)
    buffers = 0
    for _ in range(2):  # of network units and of video
        if bits.u(1):
            buffers += 1
            count = bits.ue() + 1
            bits.u(8)
            for _ in range(count):
                bits.skip(2)
                bits.u(1)
            bits.u(20)
    if buffers:
        bits.u(1)
    bits.u(1)
    if not bits.u(1):
        return None
    bits.u(1)
    bits.skip(4)
    return bits.ue()
