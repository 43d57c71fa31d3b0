"""Checks the structure of containers in which FFmpeg skips damage without an error.

In Matroska (mkv, webm) and AVI every frame is in an element or chunk with a name and a size. If one is overwritten,
FFmpeg searches for the next one that it recognises, and the frames between them are missing without any error. One
small read a frame detects this. A GIF ends in a mark.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEAD, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_TRACKS, _SIMPLE_BLOCK = 0x1654AE6B, 0xA3
_OPEN = {_SEGMENT, _CLUSTER}  # their content is checked, and their size may be unknown
_IN_FILE = {_HEAD, _SEGMENT, 0xEC}
# Source: RFC 9559 section 5.1: SeekHead, Info, Tracks, Cluster, Cues, Attachments, Chapters, Tags, Void, CRC-32 …
_IN_SEGMENT = {0x114D9B74, 0x1549A966, _TRACKS, _CLUSTER, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367, 0xEC, 0xBF}
# … and in a cluster: time, blocks, block groups, position, size of the previous one, silent tracks, encrypted blocks.
_IN_CLUSTER = {0xE7, _SIMPLE_BLOCK, 0xA0, 0xA7, 0xAB, 0x5854, 0xAF, 0xEC, 0xBF}


def find_damage(path: Path) -> str | None:
    """Return what is broken in the file's structure; None if nothing is, or if the format isn't checked.

    Raises:
        OSError: when the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"\x1a\x45\xdf\xa3":
            at = _matroska(file, size)
            return None if at is None else f"the container is damaged at byte {at:,}"
        if head[:4] == b"RIFF" and head[8:] == b"AVI ":
            return _avi(file, size)
        if head[:4] == b"GIF8":
            file.seek(max(0, size - 64))
            ends = file.read().rstrip(b"\0\r\n").endswith(b";")
            return None if ends else "cut short: the mark at the end of a GIF is missing"
    return None


def _matroska(file: BinaryIO, size: int) -> int | None:
    """Return the position of the first element that isn't allowed there, or None."""
    at, segment, end, allowed = 0, size, size, _IN_FILE  # position, ends of the segment and of the current element
    tracks: set[int] = set()
    while at < segment:
        file.seek(at)
        head = file.read(13)
        name, length, begin = _element(head, at)
        if at >= end:  # the end of a cluster
            end, allowed = segment, _IN_SEGMENT
        stop = None if length is None else begin + length
        if name not in allowed or (stop is not None and stop > end) or (stop is None and name not in _OPEN):
            return at
        if name == _TRACKS and stop is not None:
            file.seek(begin)
            tracks = _track_numbers(file.read(min(stop - begin, 1 << 20)))
        track = head[begin - at : begin - at + 1]
        if name == _SIMPLE_BLOCK and tracks and track > b"\x80" and track[0] & 0x7F not in tracks:
            return at  # FFmpeg skips blocks of unknown tracks
        if name == _SEGMENT:
            segment = end = stop or size  # bytes after a segment don't matter
            allowed = _IN_SEGMENT
        elif name == _CLUSTER:
            end, allowed = (segment, _IN_SEGMENT | _IN_CLUSTER) if stop is None else (stop, _IN_CLUSTER)
        at = begin if name in _OPEN else stop or size
    return None


def _track_numbers(tracks: bytes) -> set[int]:
    """Return the TrackNumber (D7) of every TrackEntry (AE)."""
    entries = [content for name, content in _children(tracks) if name == 0xAE]
    return {int.from_bytes(number, "big") for one in entries for name, number in _children(one) if name == 0xD7}


def _children(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        name, length, begin = _element(data[at : at + 12], at)
        if not name or length is None:
            return
        yield name, data[begin : begin + length]
        at = begin + length


def _element(head: bytes, at: int) -> tuple[int, int | None, int]:
    """Return the name, the size (None for unknown) and the start of the content of an EBML element; name 0 if there is
    none.
    """
    name_bytes = 9 - head[0].bit_length() if head[0] else 9
    if name_bytes > 4 or len(head) <= name_bytes or not head[name_bytes]:
        return 0, 0, at
    size_bytes = 9 - head[name_bytes].bit_length()
    end = name_bytes + size_bytes
    value = int.from_bytes(head[name_bytes:end].ljust(size_bytes, b"\0"), "big") & ((1 << 7 * size_bytes) - 1)
    unknown = value == (1 << 7 * size_bytes) - 1
    return int.from_bytes(head[:name_bytes], "big"), None if unknown else value, at + end


def _avi(file: BinaryIO, size: int) -> str | None:
    """Return what is wrong with the chunks that the index of the first part (``idx1``) lists, or None."""
    movi = index = None
    for kind, at, length in _chunks(file, 12, size):
        if kind == b"LIST" and movi is None:
            file.seek(at)
            movi = at if file.read(4) == b"movi" else None
        elif kind == b"idx1":
            file.seek(at)
            index = file.read(min(length, size - at))
            break
    if movi is None or not index:
        file.seek(24)
        header = file.read(24)
        promised = header[:4] == b"avih" and header[20] & 0x10  # AVIF_HASINDEX
        return "the container is damaged: the index that the header declares is missing" if promised else None
    entries = list(struct.iter_unpack("<4sIII", index[: len(index) // 16 * 16]))
    # Positions count from the list "movi", as the standard requires, or from the beginning of the file.
    base = next((b for b in (movi, 0) if _same(file, b, entries[0])), None) if entries else None
    if base is None:
        return None
    for number, entry in enumerate(entries):
        if not _same(file, base, entry):
            return f"the container is damaged: chunk {number} of {len(entries)} isn't where the index says"
    return None


def _same(file: BinaryIO, base: int, entry: tuple[bytes, int, int, int]) -> bool:
    name, _, offset, length = entry
    file.seek(base + offset)
    return file.read(8) == name + length.to_bytes(4, "little")


def _chunks(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, position and size of the content of each chunk between two positions."""
    while at + 8 <= end:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        yield name, at + 8, length
        at += 8 + length + length % 2
