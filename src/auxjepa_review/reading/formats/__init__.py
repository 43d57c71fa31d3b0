"""Convert files of each format to plain text in one common form.

A page consists of lines. An empty line separates paragraphs, tabs separate the cells of a table, and a heading with a
known level begins with ``#``. The modules import only the standard library at start, because a child process loads
them. What a document contains is not interpreted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["ENDINGS", "Kind", "Raw", "sniff"]

Kind = Literal["pdf", "html", "markdown", "text"]

ENDINGS: dict[str, Kind] = {
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}

_FOREIGN = {
    b"PK\x03\x04": "a zip archive (or an office file): archives aren't unpacked",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "gzip data: archives aren't unpacked",
    b"BZh": "bzip2 data: archives aren't unpacked",
    b"\xfd7zXZ": "xz data: archives aren't unpacked",
    b"7z\xbc\xaf": "a 7z archive: archives aren't unpacked",
    b"Rar!": "a rar archive: archives aren't unpacked",
    b"(\xb5/\xfd": "zstd data: archives aren't unpacked",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"%!PS": "PostScript, which is a program: convert it to PDF",
    b"\xd0\xcf\x11\xe0": "an office file of the old kind: save it as PDF",
}


@dataclass
class Raw:
    """Content of a file as its format gives it. All fields but ``pages`` can be empty."""

    pages: list[str]
    title: str = ""
    authors: list[str] = field(default_factory=list)
    date: str = ""
    doi: str = ""
    arxiv: str = ""
    links: list[str] = field(default_factory=list)


def sniff(head: bytes, ending: str) -> Kind:
    """Return the format of a file, from its first bytes and, if these do not determine it, from its ending.

    Args:
        head: the first bytes of the file (some thousand).
        ending: ending of the file's name, with its dot.

    Raises:
        ValueError: the file is no document; the message names its type.
    """
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise ValueError(what)
    if head[257:262] == b"ustar":
        raise ValueError("a tar archive: archives aren't unpacked")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not utf16:
        raise ValueError("binary data, no text")
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
        return "html"
    if start.startswith(b"<?xml"):
        raise ValueError("XML that isn't a web page: its schema isn't known here")
    named = ENDINGS.get(ending.lower(), "text")
    if named == "pdf":
        raise ValueError("named .pdf, but there is no PDF header in it")
    return named
