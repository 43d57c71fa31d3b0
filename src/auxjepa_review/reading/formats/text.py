"""Plain text of unknown encoding."""

from __future__ import annotations

from auxjepa_review.reading.formats import Raw

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode(data: bytes, declared: str = "") -> str:
    """Text of bytes: by byte order mark, as declared, as UTF-8, else as Windows-1252.

    Where nearly all is UTF-8, single bytes that aren't become U+FFFD: they are damage, no other encoding.
    """
    for mark, name in MARKS.items():
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    for name in filter(None, ("utf-8", declared)):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    lenient = data.decode("utf-8", errors="replace")
    right = sum(letter > "\x7f" for letter in lenient) - lenient.count("\ufffd")
    return lenient if right > lenient.count("\ufffd") else data.decode("cp1252", errors="replace")


def read(data: bytes) -> Raw:
    """Pages are parted by form feeds."""
    return Raw(pages=[page for page in decode(data).split("\f") if page.strip()])
