"""The headers of a tar archive, read without its contents.

ustar, PAX (``path`` and ``size``) and GNU (long names, numbers of base 256) headers are understood. Unlike
:mod:`tarfile`, which takes a wrong checksum for the archive's end, anything out of order is an error.

Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK = 512
_LONGEST = 1 << 20  # of an extended header: names and attributes take a few hundred bytes
_EXTENDED = 64  # extended headers before one member: archivers write three at most
_RECORD = 20 * BLOCK  # what archives are padded to
_KINDS = {
    **dict.fromkeys((b"0", b"\0", b"7"), "file"),
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "pipe",
    b"S": "sparse file",
}
_NO_DATA = ("hard link", "symbolic link", "device", "directory", "pipe")
_PACKED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}


class TarError(Exception):
    """The archive can't be read from some place on; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``bytes`` of contents from ``offset`` on. Kinds other than ``file`` have no contents of use."""

    name: str
    kind: str
    offset: int
    bytes: int


class Blocks:
    """Reads a file in blocks, of which the last is kept; what lies between two reads is skipped.

    Args:
        read: ``(start, stop)`` to as many bytes.
        size: of the file.
        block: bytes read at least.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int, block: int) -> None:
        self.size, self._read, self._block = size, read, block
        self._start, self._data = 0, b""

    def get(self, start: int, count: int) -> bytes:
        """Bytes ``start … start + count - 1``, fewer at the end of the file."""
        stop = min(start + count, self.size)
        if start >= stop:
            return b""
        if start < self._start or stop > self._start + len(self._data):
            self._start = start
            self._data = self._read(start, min(max(stop, start + self._block), self.size))
        return self._data[start - self._start : stop - self._start]


def members(blocks: Blocks) -> Iterator[Member]:
    """Every member in order.

    Raises:
        TarError: when a header is damaged, a member reaches beyond the end, or the mark of the end is missing.
    """
    place, name, size, sparse, extended = 0, None, None, False, 0
    while True:
        head = blocks.get(place, BLOCK)
        if len(head) < BLOCK:
            raise TarError(f"cut short: no mark of the end before byte {blocks.size:,}")
        if not any(head):
            _nothing_behind(blocks, place)
            return
        kind, own_name, own_size = _header(head, place)
        offset = place + BLOCK
        if kind in (b"x", b"g", b"X", b"L", b"K"):
            extended += 1
            if extended > _EXTENDED:
                raise TarError(f"more than {_EXTENDED} extended headers stand before byte {place:,}")
            if own_size > _LONGEST:
                raise TarError(f"the extended header at byte {place:,} has {own_size:,} bytes")
            content = blocks.get(offset, own_size)
            if len(content) < own_size:
                raise TarError(f"cut short in the extended header at byte {place:,}")
            if kind in (b"x", b"X"):
                records = _records(content, place)
                name = records.get("path", name)
                size = _decimal(records["size"], place) if "size" in records else size
                sparse = sparse or any(key.startswith("GNU.sparse.") for key in records)
            elif kind == b"L":
                name = _text(content)
            place = offset + _padded(own_size)
            continue
        found, length = name if name is not None else own_name, own_size if size is None else size
        what = "sparse file" if sparse else _KINDS.get(kind, f"member of type {kind!r}")
        if kind == b"S":
            offset = _behind_map(blocks, head, offset)
        if kind == b"\0" and found.endswith("/"):
            what = "directory"
        length = 0 if what in _NO_DATA else length
        if offset + length > blocks.size:
            end = offset + length
            raise TarError(f"cut short: {found!r} would end at byte {end:,}, the shard ends at {blocks.size:,}")
        yield Member(found, what, offset, length)
        place, name, size, sparse, extended = offset + _padded(length), None, None, False, 0


def _header(head: bytes, place: int) -> tuple[bytes, str, int]:
    """Type, name and size of a header whose checksum holds."""
    if place == 0 and head[:2] in _PACKED and head[257:262] != b"ustar":
        how = _PACKED[head[:2]]
        raise TarError(f"is compressed ({how}), which can't be read from the middle: unpack the .tar first")
    try:
        stated = _number(head[148:156])
    except ValueError:
        stated = -1
    others = head[:148] + b" " * 8 + head[156:]
    # Some old archivers summed signed bytes.
    if stated != sum(others) and stated != sum(byte - 256 if byte > 127 else byte for byte in others):
        what = "no tar archive (the first header's checksum is wrong)"
        raise TarError(what if place == 0 else f"the header at byte {place:,} is damaged (wrong checksum)")
    try:
        size = _number(head[124:136])
    except ValueError:
        raise TarError(f"the header at byte {place:,} has no valid size") from None
    name = _text(head[:100])
    if head[257:263] == b"ustar\0" and head[345]:  # GNU writes "ustar " and uses the field for other things
        name = f"{_text(head[345:500])}/{name}"
    return head[156:157], name, size


def _number(field: bytes) -> int:
    """An octal number, or one of base 256; never negative."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise ValueError(field)
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip(b" ")
    if digits and digits.strip(b"01234567"):
        raise ValueError(field)
    return int(digits or b"0", 8)


def _records(content: bytes, place: int) -> dict[str, str]:
    """The records ``LENGTH KEY=VALUE\\n`` of a PAX header."""
    found, at = {}, 0
    while at < len(content):
        count, space, _ = content[at : at + 20].partition(b" ")
        length = int(count) if space and count.isdigit() else 0
        record = content[at : at + length]
        key, equals, value = record[len(count) + 1 :].partition(b"=")
        if len(record) < length or not equals or not value.endswith(b"\n"):
            raise TarError(f"the extended header at byte {place:,} is damaged")
        found[_utf8(key)] = _utf8(value[:-1])
        at += length
    return found


def _decimal(text: str, place: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise TarError(f"the extended header at byte {place:,} has no valid size")
    return int(text)


def _behind_map(blocks: Blocks, head: bytes, offset: int) -> int:
    """Where the data of an old GNU sparse file begins: its map may go on in further blocks."""
    more = head[482]
    while more:
        block = blocks.get(offset, BLOCK)
        if len(block) < BLOCK:
            raise TarError(f"cut short: no mark of the end before byte {blocks.size:,}")
        more, offset = block[504], offset + BLOCK
    return offset


def _nothing_behind(blocks: Blocks, place: int) -> None:
    if any(blocks.get(place, 2 * _RECORD)):
        raise TarError(f"goes on behind the mark of its end at byte {place:,}: archives can't be joined by cat")


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _text(field: bytes) -> str:
    return _utf8(field.split(b"\0")[0])


def _utf8(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
