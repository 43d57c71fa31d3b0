from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.mpeg4 import Layer, Mpeg4, parse_layer
from written_fields import Bits

_PICTURE = b"\0\0\1\xb6"


def _layer(low_delay: int | None = 0, kind: int = 1) -> bytes:
    bits = Bits().u(0, 1).u(kind, 8).u(0, 1).u(1, 4)
    bits.u(0, 1) if low_delay is None else bits.u(1, 1).u(1, 2).u(low_delay, 1).u(0, 1)
    return b"\0\0\1\x20" + bits.u(0, 2).u(1, 1).u(25, 16).u(1, 1).bytes()


def _picture(kind: int, coded: int = 1, seconds: int = 0) -> bytes:
    bits = Bits().u(kind, 2)
    for _ in range(seconds):
        bits.u(1, 1)
    return _PICTURE + bits.u(0, 1).u(1, 1).u(7, 5).u(1, 1).u(coded, 1).bytes() + b"rest"


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_frames_have_the_order_of_their_kinds(
    suffix: str, bframes: int, packets_of: Callable, shown_in_order: Callable
) -> None:
    assert shown_in_order(*packets_of("mpeg4", suffix, bframes=bframes, options={"g": "12"}))


def test_packed_and_skipped_pictures_are_uncertain() -> None:
    ordering = Mpeg4(_layer())
    assert [ordering.place(_picture(kind)) is None for kind in (0, 1, 2, 1)] == [False] * 4
    assert ordering.place(_picture(1) + _picture(2)) is None
    assert ordering.place(_picture(1, coded=0)) is None
    assert ordering.place(_picture(3)) is None and ordering.place(b"") is None and ordering.place(_PICTURE) is None
    assert ordering.place(_picture(1, seconds=3)) is not None
    assert ordering.place(_picture(1, coded=0, seconds=3)) is None
    assert Mpeg4(b"").place(_picture(0)) is None


@pytest.mark.parametrize(("low_delay", "certain"), [(0, True), (1, False), (None, False)])
def test_pictures_out_of_order_need_a_header_that_allows_them(low_delay: int | None, certain: bool) -> None:
    ordering = Mpeg4(_layer(low_delay))
    places = [ordering.place(_picture(kind)) for kind in (0, 1, 2)]
    assert None not in places[:2] and (places[2] is not None) == certain
    if certain:
        assert places[0] < places[2] < places[1]


def test_the_values_of_a_layer() -> None:
    assert parse_layer(_layer(0)[4:]) == Layer(5, True)
    assert parse_layer(_layer(None)[4:]) == Layer(5, None)
    assert Mpeg4(_layer(kind=14)).place(_picture(0)) is None  # of the studio profile
    ordering = Mpeg4(_layer(0))
    assert ordering.place(_layer(0) + _picture(0)) is not None
    assert ordering.place(_layer(1) + _picture(0)) is None  # another one in the middle
