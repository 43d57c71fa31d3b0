"""Sound packets put into containers in other ways: moved in time, left out, joined, cut by edit lists."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

Chunk = tuple[bytes, int, int, bool]
"""Bytes, time shown and time decoded in units of the stream, and whether it is a key frame."""


def chunks(path: Path) -> list[Chunk]:
    """The packets of a file's film."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        step = round(1 / (stream.time_base * (stream.average_rate or 25)))
        found = [(bytes(p), p.pts or 0, p.dts, p.is_keyframe) for p in container.demux(stream) if p.size]
    return [(data, pts, pts - step if dts is None else dts, key) for data, pts, dts, key in found]


def remux(
    source: Path, target: Path, change: Callable[[list[Chunk]], Iterable[Chunk]] = list, *, rate: int | None = None
) -> Path:
    """Write the packets of a file, as changed, into another container.

    Args:
        rate: time stamps are counted in this many a second.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(source)) as container, av.open(str(target), "w") as out:
        video = container.streams.video[0]
        base = Fraction(1, rate) if rate else video.time_base
        copy = out.add_stream_from_template(video, opaque=True)
        copy.time_base = base
        form = f"{video.codec_context.name}_mp4toannexb"
        convert = None
        if target.suffix == ".ts" and (video.codec_context.extradata or b"")[:1] == b"\1":
            convert = BitStreamFilterContext(form, video, copy)
        for data, pts, dts, key in change(chunks(source)):
            packet = av.Packet(data)
            packet.pts, packet.dts, packet.time_base, packet.is_keyframe = pts, dts, base, key
            packet.duration = round(1 / (base * (video.average_rate or 25)))
            for ready in [packet] if convert is None else convert.filter(packet):
                ready.stream = copy
                out.mux(ready)
    return target


def counted(step: int) -> Callable[[list[Chunk]], list[Chunk]]:
    """Time stamps in the order stored, as a careless program writes them."""
    return lambda found: [(data, n * step, n * step, key) for n, (data, _, _, key) in enumerate(found)]


def without(*numbers: int) -> Callable[[list[Chunk]], list[Chunk]]:
    """Some packets left out."""
    return lambda found: [one for n, one in enumerate(found) if n not in numbers]


def edit(source: Path, target: Path, pieces: Iterable[tuple[float, float | None]]) -> Path:
    """An mp4 file with another edit list.

    Args:
        pieces: seconds that each lasts, and where in the film it begins (None: nothing is shown).
    """
    data = bytearray(source.read_bytes())
    moov = next(box for box in _boxes(data, 0, len(data)) if box[2] == b"moov")
    trak = next(box for box in _boxes(data, moov[0] + 8, len(data)) if box[2] == b"trak")
    inner = list(_boxes(data, trak[0] + 8, sum(trak[:2])))
    scale = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    unit = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)[0]
    begin = struct.unpack_from(">i", data, data.index(b"elst") + 16)[0] if b"elst" in data else 0
    rows = [(round(scale * long), -1 if at is None else begin + round(unit * at), 65536) for long, at in pieces]
    content = struct.pack(">II", 0, len(rows)) + b"".join(struct.pack(">IiI", *row) for row in rows)
    box = struct.pack(">I4s", len(content) + 8, b"elst") + content
    box = struct.pack(">I4s", len(box) + 8, b"edts") + box
    at, size, kind = next((one for one in inner if one[2] == b"edts"), inner[0])
    old = size if kind == b"edts" else 0
    place = at if old else at + size
    data[place : place + old] = box
    for outer, length, _ in (moov, trak):  # the index lies behind the pixels, so that no place in the file moves
        struct.pack_into(">I", data, outer, length + len(box) - old)
    target.write_bytes(data)
    return target


def _boxes(data: bytearray, at: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        yield at, size, kind
        at += size
