"""Reads the size that a video file declares: the cheapest proof that a file was cut short.

FFmpeg plays a truncated file up to the cut and reports no error, so that the loss would go unnoticed. Three families of
containers, nearly all files in use, declare their size in a few bytes: ISO base media (mp4, mov, m4v, 3gp), Matroska
(mkv, webm) and RIFF (avi). Transport streams (ts, m2ts) consist of packets of 188 or 192 bytes, so that most cuts are
visible. Mpg and flv declare nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
_TABLES = {b"stsz", b"stts", b"ctts", b"stsc", b"stco", b"stss", b"co64", b"trun", b"hdlr"}
_ISO_FIRST = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp"}
_EBML_HEADER = b"\x1a\x45\xdf\xa3"
_EBML_SEGMENT = b"\x18\x53\x80\x67"


@dataclass(frozen=True)
class DeclaredSize:
    """The size that a container declares.

    Args:
        bytes: of the whole file, or None if the format declares no size.
        samples: the largest number of frames, sound samples or entries that a table in it declares. A sample takes at
            least one byte, so that a file with more samples than bytes is invalid, and FFmpeg would allocate memory for
            them.
    """

    bytes: int | None = None
    samples: int = 0


def read_declared_size(path: Path) -> DeclaredSize:
    """Return the size that a file's header declares. It takes a few small reads.

    Source: ISO/IEC 14496-12 sections 4.2 and 8 (boxes), RFC 8794 section 6 (EBML element sizes), RIFF chunk headers,
    ISO/IEC 13818-1 section 2.4.3 (transport packets).
    """
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) >= 8 and head[4:8] in _ISO_FIRST:
            return _iso(file, path.stat().st_size)
        if head[:4] == _EBML_HEADER:
            return DeclaredSize(_ebml(file))
        if head[:4] == b"RIFF" and len(head) >= 8:
            size = int.from_bytes(head[4:8], "little")
            # A writer that cannot seek back to fill in the size leaves 0 or all ones.
            return DeclaredSize(size + 8 if 0 < size < 0xFFFFFFFF else None)
        for length, sync in ((188, 0), (192, 4)):  # transport streams consist of packets of one length
            file.seek(sync)
            marks = file.read(2 * length + 1)
            if len(marks) > 2 * length and marks[0] == marks[length] == marks[2 * length] == 0x47:
                return DeclaredSize(-(-path.stat().st_size // length) * length)
    return DeclaredSize()


def segments(path: Path) -> int:
    """Return the number of segments of the longest edit list of an mp4 or mov file, at least 1.

    Source: ISO/IEC 14496-12 section 8.6.6.
    """
    with path.open("rb") as file:
        return max(1, *_edits(file, 0, path.stat().st_size), 1)


def _edits(file: BinaryIO, at: int, end: int, depth: int = 0) -> Iterator[int]:
    """Yield how many entries of each edit list between two positions show something."""
    while at + 8 <= end and depth < 4:
        begin, kind, size = _box(file, at)
        if kind in (b"moov", b"trak", b"edts"):
            yield from _edits(file, begin, min(at + size, end), depth + 1)
        elif kind == b"elst":
            file.seek(begin)
            long, count = struct.unpack(">B3xI", file.read(8).ljust(8, b"\0"))
            width, form = (20, ">8xq") if long else (12, ">4xi")
            table = file.read(min(count * width, size, 1 << 20))
            places = [struct.unpack_from(form, table, n) for n in range(0, len(table) - width + 1, width)]
            yield sum(place >= 0 for (place,) in places)
        if size < 8:
            break
        at += size


def _iso(file: BinaryIO, actual: int) -> DeclaredSize:
    """Return the end of the last top-level box that starts inside the file, and the largest count of its tables."""
    end = samples = 0
    while end + 8 <= actual:
        begin, kind, size = _box(file, end)
        if size == 0 or not kind.isalnum():  # "to the end of the file", or padding after the last box
            return DeclaredSize(max(end, actual) if size == 0 else end, samples)
        if size < begin - end:
            break
        if kind in _PARENTS:
            samples = max(samples, *_counts(file, begin, min(end + size, actual)))
        end += size
    return DeclaredSize(end, samples)


def _box(file: BinaryIO, at: int) -> tuple[int, bytes, int]:
    """Return where the content of a box begins, its kind and its total size."""
    file.seek(at)
    head = file.read(16)
    size = int.from_bytes(head[:4], "big")
    if size == 1 and len(head) == 16:
        return at + 16, head[4:8], int.from_bytes(head[8:16], "big")
    return at + 8, head[4:8], size


def _counts(file: BinaryIO, at: int, end: int, handler: bytes = b"", depth: int = 0) -> Iterator[int]:
    """Yield how many samples the tables between two positions declare."""
    sizes, waveform = 0, False
    while at + 8 <= end and depth < 8:
        begin, kind, size = _box(file, at)
        if kind in _PARENTS:
            yield from _counts(file, begin, min(at + size, end), handler, depth + 1)
        elif kind in _TABLES:
            file.seek(begin)
            numbers = struct.unpack(">4I", file.read(16).ljust(16, b"\0"))
            if kind == b"hdlr":
                handler = numbers[2].to_bytes(4, "big")
            elif kind == b"stsz":
                sizes = numbers[2]
            else:
                yield numbers[1]
                waveform |= kind == b"stts" and handler == b"soun" and numbers[1] == numbers[3] == 1
        if size < 8:
            break
        at += size
    # Old QuickTime sound counts wave samples, of which a byte holds many. FFmpeg reads it by the chunk then.
    yield 0 if waveform else sizes


def _ebml(file: BinaryIO) -> int | None:
    file.seek(len(_EBML_HEADER))
    size = _vint(file)
    if size is None:
        return None
    file.seek(size, 1)
    if file.read(4) != _EBML_SEGMENT:
        return None
    size = _vint(file)
    return None if size is None else file.tell() + size


def _vint(file: BinaryIO) -> int | None:
    """Return an EBML variable-length size; None if it is unknown (all value bits set) or unreadable."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    remaining = file.read(length - 1)
    if len(remaining) < length - 1:
        return None
    value = int.from_bytes(first + remaining, "big") & ((1 << 7 * length) - 1)
    return None if value == (1 << 7 * length) - 1 else value
