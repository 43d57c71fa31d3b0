"""How many bytes a video file says it has: the cheapest proof that it was cut short.

FFmpeg plays a truncated file up to the cut and reports no error, so that the loss would go unnoticed. Three families
of containers, nearly all files in use, declare their size in a few bytes: ISO base media (mp4, mov, m4v, 3gp), Matroska
(mkv, webm) and RIFF (avi). Transport streams, mpg and flv declare none.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_ISO_FIRST = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp"}
_EBML_HEADER = b"\x1a\x45\xdf\xa3"
_EBML_SEGMENT = b"\x18\x53\x80\x67"


def declared_bytes(path: Path) -> int | None:
    """Bytes that the container declares, or None where the format declares none.

    Source: ISO/IEC 14496-12 section 4.2 (boxes), RFC 8794 section 6 (EBML element sizes), RIFF chunk headers.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) >= 8 and head[4:8] in _ISO_FIRST:
            return _iso(file, path.stat().st_size)
        if head[:4] == _EBML_HEADER:
            return _ebml(file)
        if head[:4] == b"RIFF" and len(head) >= 8:
            size = int.from_bytes(head[4:8], "little")
            # 0 and all ones are what a writer leaves that could not seek back to fill in the size.
            return size + 8 if 0 < size < 0xFFFFFFFF else None
    return None


def _iso(file: BinaryIO, actual: int) -> int:
    """End of the last top-level box that starts inside the file."""
    end = 0
    while end + 8 <= actual:
        file.seek(end)
        head = file.read(16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1 and len(head) == 16:
            size, header = int.from_bytes(head[8:16], "big"), 16
        if size == 0 or not head[4:8].isalnum():  # "to the end of the file", or padding behind the last box
            return max(end, actual) if size == 0 else end
        if size < header:
            return end
        end += size
    return end


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
    """An EBML variable-length size; None when unknown (all value bits set) or unreadable."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    rest = file.read(length - 1)
    if len(rest) < length - 1:
        return None
    value = int.from_bytes(first + rest, "big") & ((1 << 7 * length) - 1)
    return None if value == (1 << 7 * length) - 1 else value
