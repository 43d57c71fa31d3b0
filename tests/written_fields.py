"""Videos whose packets hold one field of a frame: H.264 and MPEG-2 streams written bit by bit.

No encoder in FFmpeg writes single fields, so that these streams are written here: H.264 with pixels as they are
(I_PCM), MPEG-2 with one grey to a macroblock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TOP, BOTTOM, FRAME = "top", "bottom", "frame"
_MACROBLOCK = 16


class Bits:
    """Bits that are written one after the other."""

    def __init__(self) -> None:
        self.bits: list[str] = []

    def u(self, value: int, count: int) -> Bits:
        """Add a number of ``count`` bits."""
        self.bits.append(f"{value:0{count}b}")
        return self

    def ue(self, *values: int) -> Bits:
        """Add numbers in Exp-Golomb code."""
        for value in values:
            code = f"{value + 1:b}"
            self.bits.append("0" * (len(code) - 1) + code)
        return self

    def data(self, data: bytes) -> Bits:
        """Fill the byte with zeros and add whole bytes."""
        whole = "".join(self.bits)
        self.bits = [whole, "0" * (-len(whole) % 8), *(f"{byte:08b}" for byte in data)]
        return self

    def bytes(self, stop: str = "1") -> bytes:
        """All of it, with ``stop`` behind it, filled with zeros to whole bytes."""
        whole = "".join(self.bits) + stop
        whole += "0" * (-len(whole) % 8)
        return int(whole, 2).to_bytes(len(whole) // 8, "big")


def pictures_of(frames: int, kinds: Sequence[str] = (TOP, BOTTOM)) -> list[str]:
    """The kinds of pictures of so many frames."""
    return [kind for _ in range(frames) for kind in kinds]


def h264(
    pictures: Sequence[str], *, width: int = 32, height: int = 64, every: int = 8, interlaced: bool = True
) -> bytes:
    """An H.264 stream of pictures without any prediction; every macroblock of picture ``n`` has noise drawn from ``n``.

    Args:
        pictures: of "top", "bottom" (fields) and "frame". every: frames from one key frame to the next.
        interlaced: whether the stream says that it may hold fields.
    """
    rng = np.random.default_rng(0)
    rows = height // _MACROBLOCK // (1 + interlaced)
    head = Bits().u(77, 8).u(0, 8).u(40, 8).ue(0, 4, 0, 4, 1).u(0, 1).ue(width // _MACROBLOCK - 1, rows - 1)
    head.bits.append("00" if interlaced else "1")
    head.u(1, 1).u(0, 1)
    head.u(1, 1).u(0, 4).u(0, 1).u(0, 1).u(0, 1).u(0, 1).u(1, 1).u(1, 1).ue(0, 0, 10, 10, 0, 2)
    picture_set = Bits().ue(0, 0).u(0, 1).u(0, 1).ue(0, 0, 0).u(0, 1).u(0, 2).ue(0, 0, 0).u(1, 1).u(0, 1).u(0, 1)
    out = [_unit(0x67, head.bytes()), _unit(0x68, picture_set.bytes())]
    number, before = -1, FRAME
    stream = []
    for kind in pictures:
        second = {kind, before} == {TOP, BOTTOM}
        before = FRAME if second else kind
        number += not second
        key = number % every == 0 and not second
        bits = Bits().ue(0, 7, 0).u(number % every % 256, 8)
        if interlaced:
            bits.u(int(kind != FRAME), 1)
            if kind != FRAME:
                bits.u(int(kind == BOTTOM), 1)
        if key:
            bits.ue(number // every % 2)
        bits.u((2 * (number % every) + (kind == BOTTOM)) % 256, 8)
        bits.u(0, 2 if key else 1)
        bits.ue(0, 1)  # quantiser, no deblocking
        lines = rows * (1 + (interlaced and kind == FRAME))
        for _ in range(lines * width // _MACROBLOCK):
            bits.ue(25).data(rng.integers(16, 236, 384, dtype=np.uint8).tobytes())
        units = [b"\0\0\0\1\x09\x10", *(out if key else []), _unit(0x65 if key else 0x61, bits.bytes())]
        stream.append(b"".join(units))
    return b"".join(stream)


def _unit(kind: int, content: bytes) -> bytes:
    escaped = bytearray()
    for byte in content:
        if escaped[-2:] == b"\0\0" and byte <= 3:
            escaped.append(3)
        escaped.append(byte)
    return b"\0\0\0\1" + bytes([kind]) + bytes(escaped)


_DC_SIZES = ("100", "00", "01", "101", "110", "1110", "11110", "111110", "1111110")


def mpeg2(pictures: Sequence[str], *, width: int = 48, height: int = 64) -> bytes:
    """An MPEG-2 stream of pictures without prediction; picture ``n`` has one grey, which no other near it has."""
    out = [
        b"\0\0\1\xb3"
        + Bits().u(width, 12).u(height, 12).u(1, 4).u(3, 4).u(1000, 18).u(1, 1).u(50, 10).u(0, 3).bytes("")
    ]
    out.append(
        b"\0\0\1\xb5"
        + Bits().u(1, 4).u(0x48, 8).u(0, 1).u(1, 2).u(0, 2).u(0, 2).u(0, 12).u(1, 1).u(0, 8).u(0, 1).u(0, 7).bytes("")
    )
    before, number = FRAME, -1
    for place, kind in enumerate(pictures):
        second = {kind, before} == {TOP, BOTTOM}
        before = FRAME if second else kind
        number += not second
        out.append(b"\0\0\1\0" + Bits().u(number % 1024, 10).u(1, 3).u(0xFFFF, 16).u(0, 1).bytes(""))
        structure = {TOP: 1, BOTTOM: 2, FRAME: 3}[kind]
        coding = Bits().u(8, 4).u(0xFFFF, 16).u(0, 2).u(structure, 2)
        coding.u(1 if kind == FRAME else 0, 1).u(1 if kind == FRAME else 0, 1).u(0, 4).u(0, 1).u(0, 1).u(0, 1)
        out.append(b"\0\0\1\xb5" + coding.bytes(""))
        for row in range(height // _MACROBLOCK // (1 if kind == FRAME else 2)):
            bits = Bits().u(8, 5).u(0, 1)
            for column in range(width // _MACROBLOCK):
                bits.u(1, 1).u(1, 1)
                for block in range(6):
                    step = 37 * (place % 5) - 74 if column == block == 0 else 0
                    size = abs(step).bit_length()
                    bits.bits.append(_DC_SIZES[size] if block < 4 else "00")
                    if size:
                        bits.u(step if step > 0 else step + (1 << size) - 1, size)
                    bits.u(2, 2)  # end of the block
            out.append(b"\0\0\1" + bytes([1 + row]) + bits.bytes(""))
    return b"".join([*out, b"\0\0\1\xb7"])


def store(stream: bytes, path: Path, form: str, *, rate: int = 50, each: int = 1) -> Path:
    """Put a stream into a container by its name's suffix, ``each`` of its packets to a packet.

    Args:
        form: FFmpeg's name of the stream's format. rate: packets a second.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(io.BytesIO(stream), format=form) as source, av.open(str(path), "w") as out:
        video = source.streams.video[0]
        copy = out.add_stream_from_template(video)
        found = [(bytes(packet), packet.is_keyframe) for packet in source.demux(video) if packet.size]
        for number in range(0, len(found), each):
            packet = av.Packet(b"".join(data for data, _ in found[number : number + each]))
            packet.pts = packet.dts = number // each
            packet.duration, packet.is_keyframe = 1, found[number][1]
            packet.time_base, packet.stream = Fraction(1, rate), copy
            out.mux(packet)
    return path
