from __future__ import annotations

import pytest

from auxjepa.data.media.codecs.bits import Bits, Counter, EndOfBitsError, Units, unescaped


def test_numbers_by_hand() -> None:
    bits = Bits(bytes([0b1_010_011_0, 0b0100_0000]))
    assert [bits.ue(), bits.ue(), bits.ue(), bits.ue()] == [0, 1, 2, 3]  # the codes of ITU-T H.264 table 9-2
    assert bits.u(4) == 0
    with pytest.raises(EndOfBitsError):
        bits.u(2)
    with pytest.raises(EndOfBitsError):
        Bits(bytes(20)).ue()


def test_units_by_start_code_and_by_length() -> None:
    whole, short = bytes([9, *range(100)]), bytes([8, *range(100)])
    by_start = b"\0\0\0\1" + whole + b"\0\0\1" + short
    units = list(Units(b"", 4, frozenset({9})).of(by_start))
    assert units[0] == whole and units[1] == short[:64]
    record = bytes([1, 0, 0, 0, 0xFD])  # lengths of two bytes
    by_length = len(whole).to_bytes(2, "big") + whole + len(short).to_bytes(2, "big") + short
    assert list(Units(record, 4, frozenset({9})).of(by_length)) == units
    for broken in (by_length[:-1], by_length + b"\0", by_length + b"\0\0"):
        with pytest.raises(EndOfBitsError):
            list(Units(record, 4, frozenset()).of(broken))
    assert list(Units(b"", 4, frozenset()).of(b"no start code at all")) == []


def test_escape_bytes_are_removed() -> None:
    assert unescaped(b"\0\0\3\1\0\0\3\0\0\3\2\3") == b"\0\0\1\0\0\0\0\2\3"


def test_counts_continue_when_their_lowest_bits_wrap() -> None:
    counter = Counter()
    low = [0, 8, 4, 12, 2, 14, 6, 3, 10]
    #      0  8  4  12 18 14 22 19 26 with four bits, where 14 and 19 are no reference
    references = [True, True, True, True, True, False, True, False, True]
    places = [counter.place(n, 4, reference=is_one) for n, is_one in zip(low, references, strict=True)]
    assert places == [0, 8, 4, 12, 18, 14, 22, 19, 26]
    counter.restart()
    assert counter.place(15, 4, reference=True) > max(places)
