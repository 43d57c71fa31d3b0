"""Reads bits of headers, and the units of H.264 and HEVC packets."""

from __future__ import annotations

from collections.abc import Iterator

_HEADER = 64  # bytes of a unit that are read; headers of slices are shorter
_START = b"\0\0\1"


class EndOfBitsError(ValueError):
    """A header ends before it is complete."""


class Bits:
    """Reads numbers from the first bytes of a header.

    Args:
        data: the bytes.
        most: number of bytes that are read at most.
    """

    def __init__(self, data: bytes, most: int = 1024) -> None:
        data = data[:most]
        self._number, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def u(self, count: int) -> int:
        """Return the next ``count`` bits as a number.

        Raises:
            EndOfBitsError: when there are fewer.
        """
        self._left -= count
        if self._left < 0:
            raise EndOfBitsError
        return self._number >> self._left & ((1 << count) - 1)

    def ue(self) -> int:
        """Return the next number in Exp-Golomb code (ITU-T H.264 section 9.1).

        Raises:
            EndOfBitsError: when it is incomplete, or has more than 32 bits.
        """
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise EndOfBitsError
        return (1 << zeros) - 1 + self.u(zeros)

    def skip(self, codes: int) -> None:
        """Skip Exp-Golomb codes, signed or not."""
        for _ in range(codes):
            self.ue()


class Units:
    """Divides packets into the units of ITU-T H.264 and H.265 (NAL units).

    Args:
        extradata: of the stream.
        record: number of bytes before the field with the length of lengths, in a configuration record.
        whole: first bytes of the units that are returned completely.
    """

    def __init__(self, extradata: bytes, record: int, whole: frozenset[int]) -> None:
        # A configuration record (avcC, hvcC) begins with 1 and declares how many bytes the length of a unit has.
        # Without such a record, start codes separate the units.
        self.length = (extradata[record] & 3) + 1 if extradata[:1] == b"\1" and len(extradata) > record else 0
        self._whole = whole

    def of(self, packet: bytes) -> Iterator[bytes]:
        """Yield the beginning of each unit, with its header.

        Raises:
            EndOfBitsError: when a unit is incomplete.
        """
        for begin, end in by_length(packet, self.length) if self.length else by_start(packet):
            yield packet[begin : end if packet[begin] in self._whole else min(end, begin + _HEADER)]


def by_length(packet: bytes, length: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of units that are preceded by their length.

    Raises:
        EndOfBitsError: when a unit is incomplete.
    """
    at, size = 0, len(packet)
    while at < size:
        begin = at + length
        at = begin + int.from_bytes(packet[at:begin], "big")
        if at > size or begin >= at:
            raise EndOfBitsError
        yield begin, at


def read_units(record: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """Return units of a configuration record, each preceded by its length in 2 bytes, and the byte after the last one.

    Args:
        record: the configuration record.
        at: byte where the first length begins.
        count: number of units.

    Raises:
        EndOfBitsError: when a unit is incomplete.
    """
    units: list[bytes] = []
    for _ in range(count):
        size = 2 + int.from_bytes(record[at : at + 2], "big")
        units += [record[at + begin : at + end] for begin, end in by_length(record[at : at + size], 2)]
        at += size
    return units, at


def by_start(packet: bytes) -> Iterator[tuple[int, int]]:
    """Yield begin and end of units that are separated by start codes."""
    begin = packet.find(_START) + 3
    while begin > 2:
        after = packet.find(_START, begin)
        end = after if after >= 0 else len(packet)
        if begin < end:
            yield begin, end
        begin = after + 3


def unescaped(unit: bytes) -> bytes:
    """Return a unit without the bytes that prevent start codes in its content."""
    return unit.replace(b"\0\0\3", b"\0\0")


class Counter:
    """Restores whole picture order counts from their lowest bits (ITU-T H.264 section 8.2.1.1, H.265 section 8.3.1)."""

    def __init__(self) -> None:
        self._period = self._high = self._low = 0

    def restart(self) -> None:
        """Begin a new period. All later frames are shown after all earlier ones."""
        self._period += 1
        self._high = self._low = 0

    def place(self, low: int, bits: int, *, reference: bool) -> int:
        """Return the count of a picture. It is larger in every later period.

        Args:
            low: the lowest ``bits`` bits of the count.
            bits: number of these bits.
            reference: whether the next picture's count is relative to this one.
        """
        size, high = 1 << bits, self._high
        if low < self._low and self._low - low >= size // 2:
            high += size
        elif low > self._low and low - self._low > size // 2:
            high -= size
        if reference:
            self._high, self._low = high, low
        return (self._period << 40) + high + low
