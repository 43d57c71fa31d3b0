from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.container import declared


def _bytes(path: Path) -> int | None:
    return declared(path).bytes


@pytest.mark.parametrize("kind", ["bframes", "vp9", "variable", "avi"])
def test_a_whole_file_has_what_it_declares(kind: str, videos: dict[str, Path], tmp_path: Path) -> None:
    size = videos[kind].stat().st_size
    says = _bytes(videos[kind])
    assert says is not None and size - 1 <= says <= size + 1
    longer = tmp_path / "longer"
    longer.write_bytes(videos[kind].read_bytes() + bytes(1000))  # padding behind the end is no defect
    assert (_bytes(longer) or 0) <= size + 1000


def test_formats_that_declare_nothing(videos: dict[str, Path], tmp_path: Path) -> None:
    assert _bytes(videos["transport"]) is None
    streamed = tmp_path / "streamed.mkv"  # a live recording: the segment's size is unknown, all bits set
    streamed.write_bytes(b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(10))
    assert _bytes(streamed) is None
    for content in (b"", b"\x1a\x45\xdf\xa3", b"RIFF\xff\xff\xff\xffAVI ", b"hello"):
        streamed.write_bytes(content)
        assert _bytes(streamed) is None


def test_boxes_with_64_bit_and_open_sizes(tmp_path: Path) -> None:
    file = tmp_path / "big.mp4"
    head = (16).to_bytes(4, "big") + b"ftypisom" + bytes(4)
    file.write_bytes(head + (1).to_bytes(4, "big") + b"mdat" + (5_000_000_000).to_bytes(8, "big") + bytes(20))
    assert _bytes(file) == 16 + 5_000_000_000
    file.write_bytes(head + (0).to_bytes(4, "big") + b"mdat" + bytes(100))  # size 0: up to the end of the file
    assert _bytes(file) == file.stat().st_size
