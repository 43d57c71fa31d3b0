"""Read the headers of a tar archive without its contents.

The formats are ustar, PAX (``path`` and ``size``) and GNU (long names, numbers of base 256). Every damaged header is an
error here; :mod:`tarfile` treats a wrong checksum as the end of the archive.

Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK = 512
_LONGEST = 1 << 20  # bytes of an extended header; real ones have a few hundred
_EXTENDED = 64  # extended headers before one member; archivers write at most three
_RECORD = 20 * BLOCK  # the size of an archive is a multiple of this
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
    """The archive can't be read after some byte; the message has the byte and the reason."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Args:
        name: path within the archive.
        kind: ``file`` or another kind, such as ``hard link``; only files have useful content.
        offset: first byte of the content in the archive.
        bytes: size of the content.
    """

    name: str
    kind: str
    offset: int
    bytes: int


class Blocks:
    """Reads parts of a file in blocks. It keeps the last block and never reads the bytes between two parts.

    Args:
        read: function from (start, stop) to the bytes ``start … stop - 1``.
        size: size of the file in bytes.
        block: least number of bytes of one read.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int, block: int) -> None:
        self.size, self._read, self._block = size, read, block
        self._start, self._data = 0, b""

    def get(self, start: int, count: int) -> bytes:
        """Return the bytes ``start … start + count - 1``, fewer at the end of the file."""
        stop = min(start + count, self.size)
        if start >= stop:
            return b""
        if start < self._start or stop > self._start + len(self._data):
            self._start = start
            self._data = self._read(start, min(max(stop, start + self._block), self.size))
        return self._data[start - self._start : stop - self._start]


def read_members(blocks: Blocks) -> Iterator[Member]:
    """Yield every member in order.

    Raises:
        TarError: if a header is damaged, a member ends after the archive, or the end mark is missing.
    """
    # name and size are those of extended headers; None means that the member's header has them.
    place, name, size, sparse, extended = 0, None, None, False, 0
    while True:
        head = blocks.get(place, BLOCK)
        if len(head) < BLOCK:
            raise TarError(f"cut short: no end mark before byte {blocks.size:,}")
        if not any(head):
            _check_end(blocks, place)
            return
        kind, header_name, header_size = _parse_header(head, place)
        offset = place + BLOCK
        if kind in (b"x", b"g", b"X", b"L", b"K"):
            extended += 1
            if extended > _EXTENDED:
                raise TarError(f"there are more than {_EXTENDED} extended headers before byte {place:,}")
            if header_size > _LONGEST:
                raise TarError(f"the extended header at byte {place:,} has {header_size:,} bytes")
            content = blocks.get(offset, header_size)
            if len(content) < header_size:
                raise TarError(f"cut short in the extended header at byte {place:,}")
            if kind in (b"x", b"X"):
                records = _parse_records(content, place)
                name = records.get("path", name)
                size = _parse_decimal(records["size"], place) if "size" in records else size
                sparse = sparse or any(key.startswith("GNU.sparse.") for key in records)
            elif kind == b"L":
                name = _decode_field(content)
            place = offset + _padded_size(header_size)
            continue
        member_name, length = name if name is not None else header_name, header_size if size is None else size
        what = "sparse file" if sparse else _KINDS.get(kind, f"member of type {kind!r}")
        if kind == b"S":
            offset = _skip_sparse_map(blocks, head, offset)
        if kind == b"\0" and member_name.endswith("/"):
            what = "directory"
        length = 0 if what in _NO_DATA else length
        if offset + length > blocks.size:
            end = offset + length
            raise TarError(f"cut short: {member_name!r} would end at byte {end:,}, the shard ends at {blocks.size:,}")
        yield Member(member_name, what, offset, length)
        place, name, size, sparse, extended = offset + _padded_size(length), None, None, False, 0


def _parse_header(head: bytes, place: int) -> tuple[bytes, str, int]:
    """Return type, name and size of a header.

    Args:
        head: the 512 bytes of the header.
        place: first byte of the header in the archive.

    Raises:
        TarError: if its checksum or its size is wrong.
    """
    if place == 0 and head[:2] in _PACKED and head[257:262] != b"ustar":
        how = _PACKED[head[:2]]
        raise TarError(f"is compressed ({how}), so single samples can't be read: unpack it to a .tar first")
    try:
        checksum = _parse_number(head[148:156])
    except ValueError:
        checksum = -1
    summands = head[:148] + b" " * 8 + head[156:]
    # Some old archivers add signed bytes.
    if checksum != sum(summands) and checksum != sum(byte - 256 if byte > 127 else byte for byte in summands):
        what = "no tar archive (the first header's checksum is wrong)"
        raise TarError(what if place == 0 else f"the header at byte {place:,} is damaged (wrong checksum)")
    try:
        size = _parse_number(head[124:136])
    except ValueError:
        raise TarError(f"the header at byte {place:,} has no valid size") from None
    name = _decode_field(head[:100])
    if head[257:263] == b"ustar\0" and head[345]:  # GNU writes "ustar " and has other data in this field
        name = f"{_decode_field(head[345:500])}/{name}"
    return head[156:157], name, size


def _parse_number(field: bytes) -> int:
    """Return the value of an octal number or of a number of base 256; it is never negative."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise ValueError(field)
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip(b" ")
    if digits and digits.strip(b"01234567"):
        raise ValueError(field)
    return int(digits or b"0", 8)


def _parse_records(content: bytes, place: int) -> dict[str, str]:
    """Return the records ``LENGTH KEY=VALUE\\n`` of a PAX header.

    Args:
        content: content of the extended header.
        place: first byte of the header in the archive.

    Raises:
        TarError: if a record is damaged.
    """
    records, start = {}, 0
    while start < len(content):
        count, space, _ = content[start : start + 20].partition(b" ")
        length = int(count) if space and count.isdigit() else 0
        record = content[start : start + length]
        key, equals, value = record[len(count) + 1 :].partition(b"=")
        if len(record) < length or not equals or not value.endswith(b"\n"):
            raise TarError(f"the extended header at byte {place:,} is damaged")
        records[_decode(key)] = _decode(value[:-1])
        start += length
    return records


def _parse_decimal(text: str, place: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise TarError(f"the extended header at byte {place:,} has no valid size")
    return int(text)


def _skip_sparse_map(blocks: Blocks, head: bytes, offset: int) -> int:
    """Return the first byte of the data of an old GNU sparse file, after the blocks of its map."""
    more = head[482]
    while more:
        block = blocks.get(offset, BLOCK)
        if len(block) < BLOCK:
            raise TarError(f"cut short: no end mark before byte {blocks.size:,}")
        more, offset = block[504], offset + BLOCK
    return offset


def _check_end(blocks: Blocks, place: int) -> None:
    """Check that no member follows the end mark.

    Raises:
        TarError: if there is data after it.
    """
    if any(blocks.get(place, 2 * _RECORD)):
        raise TarError(f"continues after its end mark at byte {place:,}: archives can't be joined with cat")


def _padded_size(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _decode_field(field: bytes) -> str:
    return _decode(field.split(b"\0")[0])


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
