"""Read plain text of unknown encoding."""

from __future__ import annotations

from auxjepa_review.reading.formats import Raw

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode(data: bytes, declared: str = "") -> str:
    """Decode bytes by their byte order mark, the declared encoding, UTF-8, or else Windows-1252.

    If nearly all of it is UTF-8, single invalid bytes become U+FFFD, because they are damage and no other encoding.

    Args:
        data: the bytes.
        declared: encoding that the file declares.
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
    valid = sum(letter > "\x7f" for letter in lenient) - lenient.count("\ufffd")
    return lenient if valid > lenient.count("\ufffd") else data.decode("cp1252", errors="replace")


def read(data: bytes) -> Raw:
    """Read a text. Form feeds separate its pages."""
    return Raw(pages=[page for page in decode(data).split("\f") if page.strip()])
