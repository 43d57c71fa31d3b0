from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.h264 import H264, parse_sequence
from written_fields import BOTTOM, FRAME, TOP, h264, pictures_of


def _packets(stream: bytes) -> list[bytes]:
    """Return the access units of a stream, each of which begins with a delimiter."""
    mark = b"\0\0\0\1\x09\x10"
    return [mark + part for part in stream.split(mark)[1:]]


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mp4"])
@pytest.mark.parametrize(
    "options",
    [
        {"x264-params": "bframes=8:b-pyramid=normal:b-adapt=0:keyint=30"},
        {"x264-params": "open-gop=1:keyint=8:bframes=3"},
        {"x264-params": "interlaced=1:tff=1:bframes=3:keyint=15"},
        {"x264-params": "bframes=0:slices=3"},
        {"profile": "high10", "x264-params": "bframes=2:cqm=jvt"},
        {"x264-params": "bframes=2:nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400:videoformat=pal:colormatrix=bt709"},
    ],
)
def test_frames_have_the_order_of_their_counts(
    options: dict[str, str], suffix: str, packets_of: Callable, shown_in_order: Callable
) -> None:
    pixels = "yuv420p10le" if "profile" in options else "yuv420p"
    assert shown_in_order(*packets_of("libx264", suffix, options=options, pix_fmt=pixels))


def test_fields_are_uncertain_and_frames_among_them_are_not() -> None:
    ordering = H264(b"")
    assert [ordering.place(packet) for packet in _packets(h264([FRAME, FRAME, TOP, BOTTOM]))[:3]][2] is None
    for kinds in ((TOP, BOTTOM), (BOTTOM, TOP)):
        assert H264(b"").place(_packets(h264(pictures_of(1, kinds)))[0]) is None
    for interlaced in (True, False):
        ordering = H264(b"")
        places = [ordering.place(packet) for packet in _packets(h264([FRAME] * 20, interlaced=interlaced))]
        assert None not in places and places == sorted(set(places))


def test_other_numbers_of_pictures_than_one_are_uncertain() -> None:
    first, second, *_ = _packets(h264([FRAME] * 4))
    assert H264(b"").place(first + second) is None
    assert H264(b"").place(second) is None  # the parameter sets are unknown
    ordering = H264(b"")
    assert ordering.place(first) is not None
    assert ordering.place(b"\0\0\1\x06\x05\1\0\x80") is None and ordering.place(b"") is None
    assert ordering.place(second) is not None


def test_another_sequence_is_uncertain() -> None:
    first, *others = _packets(h264([FRAME] * 9))
    larger = _packets(h264([FRAME], width=64))[0]
    ordering = H264(b"")
    assert ordering.place(first) is not None and ordering.place(larger) is None
    ordering = H264(b"")
    assert None not in [ordering.place(packet) for packet in (first, *others)]  # the ninth repeats the sequence


def test_the_values_of_a_sequence() -> None:
    def sequence(stream: bytes) -> bytes:
        begin = stream.index(b"\0\0\0\1\x67") + 4
        return stream[begin : stream.index(b"\0\0\0\1", begin)]

    parsed = parse_sequence(sequence(h264([FRAME])))
    assert (parsed.fields, parsed.frame_bits, parsed.order_type, parsed.order_bits) == (True, 8, 0, 8)
    assert parsed.reorder == 0 and not parse_sequence(sequence(h264([FRAME], interlaced=False))).fields
