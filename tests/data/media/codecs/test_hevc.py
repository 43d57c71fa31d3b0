from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.hevc import Hevc
from written_fields import Bits


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mp4"])
@pytest.mark.parametrize(
    "options",
    [
        "open-gop=1:keyint=8:bframes=4:b-pyramid=1",
        "open-gop=0:keyint=10:bframes=3:repeat-headers=1:aud=1",
        "field=1:interlace=tff:keyint=10:bframes=2",
        "temporal-layers=3:keyint=12:slices=2",
        "bframes=0:keyint=5",
    ],
)
def test_frames_have_the_order_of_their_counts(
    options: str, suffix: str, packets_of: Callable, shown_in_order: Callable
) -> None:
    assert shown_in_order(*packets_of("libx265", suffix, options={"x265-params": f"{options}:log-level=none"}))


def _annexb(*units: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


@pytest.fixture
def stream(packets_of: Callable) -> list[bytes]:
    """Packets of a transport stream; the first has the parameter sets."""
    how = {"x265-params": "open-gop=1:keyint=8:bframes=2:log-level=none"}
    return [packet for _, packet in packets_of("libx265", "ts", options=how)[1]]


def test_breaks_of_the_stream_are_uncertain(stream: list[bytes]) -> None:
    for kind in (16, 17, 18, 36, 37):  # broken links, ends of the sequence and of the stream
        ordering = Hevc(b"")
        assert ordering.place(stream[0]) is not None
        assert ordering.place(stream[1] + _annexb(bytes([kind << 1, 1, 0x80]))) is None
    assert Hevc(b"").place(stream[0] + stream[1]) is None
    assert Hevc(b"").place(stream[1]) is None  # the parameter sets are unknown
    assert Hevc(b"").place(b"") is None


def test_pictures_that_may_be_hidden_are_uncertain(stream: list[bytes]) -> None:
    shown = Bits().ue(7, 0).u(0, 1).u(0, 1).u(0, 3).bytes()
    hidden = Bits().ue(7, 0).u(0, 1).u(1, 1).u(0, 3).bytes()
    for content, certain in ((shown, True), (hidden, False)):
        unit = bytes([34 << 1, 1]) + content
        assert (Hevc(b"").place(_annexb(unit) + stream[0]) is not None) == certain
    ordering = Hevc(b"")
    assert ordering.place(stream[0]) is not None
    assert ordering.place(stream[1] + _annexb(bytes([34 << 1, 1]) + shown)) is None  # a new set in the middle


def test_other_layers_are_no_pictures(stream: list[bytes]) -> None:
    other = bytes([1 << 1, 1 << 3 | 1, 0x80, 0x80])  # the first slice of a picture of layer 1: another view, or alpha
    assert Hevc(b"").place(stream[0] + _annexb(other)) == Hevc(b"").place(stream[0])


def test_frames_that_a_key_frame_discards_are_uncertain(stream: list[bytes]) -> None:
    ordering = Hevc(b"")
    assert ordering.place(stream[0]) is not None
    assert ordering.place(_annexb(bytes([19 << 1, 1, 0b1110_0000, 0x80]))) is None
    assert ordering.place(_annexb(bytes([19 << 1, 1, 0b1010_1110, 0x80]))) is not None
