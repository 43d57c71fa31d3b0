from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.vp9 import Vp9

# Marker 10, profile 00, not existing 0, kind 0, shown.
SHOWN, HIDDEN, EXISTING = bytes([0b1000_0010, 9]), bytes([0b1000_0000, 9]), bytes([0b1000_1000])
THIRD_SHOWN, THIRD_HIDDEN = bytes([0b1011_0001]), bytes([0b1011_0000])  # profile 11 has one more bit


def _superframe(*frames: bytes) -> bytes:
    mark = bytes([0b1100_0000 | len(frames) - 1])
    return b"".join(frames) + mark + bytes(len(frame) for frame in frames) + mark


def test_one_shown_frame_a_packet_is_certain() -> None:
    ordering = Vp9(b"")
    sure = [SHOWN, EXISTING, THIRD_SHOWN, _superframe(HIDDEN, SHOWN), _superframe(HIDDEN, HIDDEN, EXISTING)]
    assert [ordering.place(packet) for packet in sure] == [1, 2, 3, 4, 5]
    unsure = [b"", HIDDEN, THIRD_HIDDEN, _superframe(HIDDEN), _superframe(SHOWN, SHOWN), _superframe(b"", SHOWN)]
    assert [ordering.place(packet) for packet in unsure] == [None] * len(unsure)


def test_sizes_that_do_not_add_up_are_uncertain() -> None:
    broken = bytearray(_superframe(HIDDEN, SHOWN))
    broken[-2] += 1
    assert Vp9(b"").place(bytes(broken)) is None
    assert Vp9(b"").place(SHOWN + bytes([0b1100_0001])) == 1  # no superframe: its last byte only looks like the mark


@pytest.mark.parametrize("suffix", ["webm", "mp4"])
def test_packets_of_the_encoder_are_certain(suffix: str, packets_of: Callable, shown_in_order: Callable) -> None:
    assert shown_in_order(*packets_of("libvpx-vp9", suffix, options={"cpu-used": "8", "g": "20"}))
