from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.mpeg2 import Mpeg2
from written_fields import BOTTOM, FRAME, TOP, mpeg2, pictures_of


def _packets(stream: bytes) -> list[bytes]:
    head, *pictures = stream.split(b"\0\0\1\0")
    return [(b"" if number else head) + b"\0\0\1\0" + picture for number, picture in enumerate(pictures)]


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
@pytest.mark.parametrize("suffix", ["mkv", "ts"])
@pytest.mark.parametrize("flags", ["", "+ildct+ilme"])
def test_frames_have_the_order_of_their_kinds(
    codec: str, suffix: str, flags: str, packets_of: Callable, shown_in_order: Callable
) -> None:
    how = {"g": "9"} | ({"flags": flags} if flags and codec == "mpeg2video" else {})
    assert shown_in_order(*packets_of(codec, suffix, bframes=2, options=how))


def test_fields_are_uncertain_in_one_packet_or_two() -> None:
    frames, fields = _packets(mpeg2([FRAME] * 4)), _packets(mpeg2(pictures_of(2, (TOP, BOTTOM))))
    ordering = Mpeg2(b"")
    places = [ordering.place(packet) for packet in frames]
    assert None not in places and places == sorted(set(places))
    assert Mpeg2(b"").place(fields[0]) is None and Mpeg2(b"").place(fields[0] + fields[1]) is None
    assert ordering.place(frames[1]) is None  # the last packet ended the sequence


def test_a_sequence_of_another_size_is_uncertain() -> None:
    ordering = Mpeg2(b"")
    first, second, *_ = _packets(mpeg2([FRAME] * 3))
    assert ordering.place(first) is not None and ordering.place(first) is not None
    assert ordering.place(_packets(mpeg2([FRAME], width=64))[0]) is None
    assert Mpeg2(b"").place(b"") is None and Mpeg2(b"").place(b"\0\0\1\0") is None
    assert ordering.place(second) is not None
