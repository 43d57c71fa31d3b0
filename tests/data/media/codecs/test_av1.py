from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.data.media.codecs.av1 import Av1


def _unit(kind: int, content: bytes, layer: int | None = None) -> bytes:
    extension = b"" if layer is None else bytes([layer << 3])
    return bytes([kind << 3 | (layer is not None) << 2 | 2]) + extension + bytes([len(content)]) + content


SEQUENCE, PICTURES = _unit(1, bytes([0b000_0_0_000, 0])), _unit(1, bytes([0b000_1_1_000, 0]))
SHOWN, HIDDEN, EXISTING = (_unit(6, bytes([head])) for head in (0b0001_0000, 0b0000_0000, 0b1000_0000))
DELIMITER = bytes([2 << 3 | 2, 0])


def test_one_shown_frame_a_packet_is_certain() -> None:
    ordering = Av1(b"")
    assert ordering.place(DELIMITER + SEQUENCE + SHOWN) == 1
    assert ordering.place(HIDDEN + HIDDEN + SHOWN) == 2
    assert ordering.place(_unit(3, bytes([0b1000_0000]))) == 3
    unsure = [b"", HIDDEN, SHOWN + SHOWN, SHOWN + EXISTING, SEQUENCE, _unit(6, b"\x10", layer=1)]
    assert [ordering.place(packet) for packet in unsure] == [None] * len(unsure)
    assert ordering.place(_unit(6, b"\x10", layer=0)) is not None


def test_frames_need_a_sequence_header() -> None:
    assert Av1(b"").place(SHOWN) is None
    assert Av1(b"\x81\0\0\0" + SEQUENCE).place(SHOWN) == 1
    assert Av1(b"\x81\0\0\0" + PICTURES).place(HIDDEN) == 1  # single pictures have no such bits


@pytest.mark.parametrize("broken", [SHOWN[:-1], SHOWN[:1], b"\x36", b"\x32" + b"\xff" * 9])
def test_units_that_are_not_complete_are_uncertain(broken: bytes) -> None:
    assert Av1(b"\x81\0\0\0" + SEQUENCE).place(broken) is None


@pytest.mark.parametrize("suffix", ["webm", "mp4"])
def test_hidden_frames_of_the_encoder_share_a_packet_with_shown_ones(
    suffix: str, packets_of: Callable, shown_in_order: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVT_LOG", "0")
    assert shown_in_order(*packets_of("libsvtav1", suffix, options={"preset": "10", "g": "20"}))
