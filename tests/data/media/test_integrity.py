from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auxjepa.data.media.integrity import read_declared_size, segments
from remuxed import edit


def _bytes(path: Path) -> int | None:
    return read_declared_size(path).bytes


@pytest.mark.parametrize("kind", ["bframes", "vp9", "variable", "avi"])
def test_a_complete_file_has_the_declared_size(kind: str, videos: dict[str, Path], tmp_path: Path) -> None:
    size = videos[kind].stat().st_size
    size_declared = _bytes(videos[kind])
    assert size_declared is not None and size - 1 <= size_declared <= size + 1
    longer = tmp_path / "longer"
    longer.write_bytes(videos[kind].read_bytes() + bytes(1000))  # padding after the end is no defect
    assert (_bytes(longer) or 0) <= size + 1000


def test_formats_that_declare_nothing(videos: dict[str, Path], tmp_path: Path) -> None:
    assert _bytes(videos["mpeg2"]) is None
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


@pytest.mark.parametrize(("kind", "length"), [("b.ts", 188), ("b.m2ts", 192)])
def test_transport_streams_consist_of_packets(
    kind: str, length: int, tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> None:
    file = make_video(tmp_path / kind, make_pattern(9), muxer={"mpegts_m2ts_mode": str(int(length == 192))})
    size = file.stat().st_size
    assert size % length == 0 and _bytes(file) == size
    file.write_bytes(file.read_bytes()[: -length - 5])
    assert _bytes(file) == size - length


def _track(handler: bytes, sample: int, count: int, entries: int = 1, step: int = 1) -> bytes:
    def box(kind: bytes, *content: bytes) -> bytes:
        return (8 + sum(map(len, content))).to_bytes(4, "big") + kind + b"".join(content)

    stts = box(b"stts", struct.pack(">IIII", 0, entries, count, step))
    stsz = box(b"stsz", struct.pack(">III", 0, sample, count))
    handled = box(b"hdlr", bytes(8) + handler + bytes(12))
    media = box(b"mdia", handled, box(b"minf", box(b"stbl", stts, stsz)))
    return box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"trak", media)) + box(b"mdat", bytes(100))


def test_tables_declare_no_more_samples_than_possible(videos: dict[str, Path], tmp_path: Path) -> None:
    for kind in ("bframes", "hevc", "edit_list"):
        assert 43 <= read_declared_size(videos[kind]).samples <= 60
    file = tmp_path / "a.mp4"
    for handler, step, counted in ((b"vide", 1, 10_000), (b"soun", 1024, 10_000), (b"soun", 1, 1)):
        file.write_bytes(_track(handler, 1, 10_000, step=step))
        assert read_declared_size(file).samples == counted
    file.write_bytes(_track(b"vide", 0, 5, entries=70_000))
    assert read_declared_size(file).samples == 70_000


@pytest.mark.parametrize("long", [False, True])
def test_the_number_of_segments_of_an_edit_list(long: bool, videos: dict[str, Path], tmp_path: Path) -> None:
    whole = videos["edit_list"]
    assert segments(whole) == 1 and segments(videos["vp9"]) == 1
    for pieces, count in (
        ([(1.0, 0.2)], 1),
        ([(0.4, None), (1.0, 0.0)], 1),  # an empty piece shows nothing
        ([(0.4, 0.0), (0.4, None), (0.4, 0.8)], 2),
        ([(0.2, 0.0)] * 5, 5),
    ):
        path = edit(whole, tmp_path / "a.mp4", pieces)
        if long:  # version 1 of the table, with 64 bits for times
            data = path.read_bytes()
            at = data.index(b"elst")
            rows = [struct.unpack_from(">IiI", data, at + 12 + 12 * n) for n in range(len(pieces))]
            content = b"elst" + struct.pack(">II", 1 << 24, len(rows))
            content += b"".join(struct.pack(">QqI", *row) for row in rows)
            table = struct.pack(">I", len(content) + 4) + content
            edts = struct.pack(">I4s", len(table) + 8, b"edts") + table
            trak = struct.pack(">I4s", len(edts) + 8, b"trak") + edts
            path.write_bytes(struct.pack(">I4s", len(trak) + 8, b"moov") + trak)
        assert segments(path) == count
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:-300])
    assert segments(tmp_path / "cut.mp4") == 1
