"""PDF files that tests write themselves: text at places, in a standard font or one whose glyphs are ligatures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 595, 842

UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /L def
1 begincodespacerange <00> <ff> endcodespacerange
4 beginbfchar <01> <00660069> <02> <0066006C> <03> <006600660069> <04> <2013> endbfchar
1 beginbfrange <20> <7e> <0020> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""
"""Codes 1 to 4 of font F2 are fi, fl, ffi and an en dash."""

GLYPHS = {"ffi": "\x03", "fi": "\x01", "fl": "\x02", "–": "\x04"}


@dataclass(frozen=True)
class Set:
    """A line of text set at a place, in points from below left."""

    x: float
    y: float
    text: str
    size: float = 10.0
    turned: bool = False
    font: str = "F2"


def width(text: str, size: float = 10.0) -> float:
    """About how wide Helvetica sets it: half its size a letter."""
    return 0.5 * size * len(text)


def ligated(text: str) -> str:
    """Text with the codes of font F2 for its ligatures and dashes."""
    for letters, code in GLYPHS.items():
        text = text.replace(letters, code)
    return text


def mark(x: float, y: float, yes: bool) -> Set:
    """A tick of ZapfDingbats, or the multiplication sign of Helvetica."""
    return Set(x, y, "3", font="F3") if yes else Set(x, y, "\xd7", font="F1")


def column(lines: Sequence[str], x: float, y: float, *, size: float = 10.0, step: float = 12.0) -> list[Set]:
    """Lines below each other, the first at height ``y``; empty ones leave room."""
    return [Set(x, y - i * step, line, size) for i, line in enumerate(lines) if line]


def write_pdf(
    path: Path, pages: Sequence[Sequence[Set]], *, about: dict[str, str] | None = None, mapped: bool = True
) -> Path:
    """A PDF with these pages; ``mapped`` says whether font F2 tells which letters its glyphs are."""
    return write_objects(path, *objects(pages, about=about, mapped=mapped))


def objects(
    pages: Sequence[Sequence[Set]], *, about: dict[str, str] | None = None, mapped: bool = True
) -> tuple[dict[int, bytes], int]:
    """Objects by number, and the number of the description (0: none)."""
    first = 10
    kids = [first + 2 * i for i in range(len(pages))]
    made: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Font /Subtype /TrueType /BaseFont /Helvetica /FirstChar 1 /LastChar 255 /Widths ["
        + b"500 " * 255
        + b"] /FontDescriptor 5 0 R"
        + (b" /ToUnicode 4 0 R" if mapped else b"")
        + b" >>",
        4: stream(UNICODE),
        5: b"<< /Type /FontDescriptor /FontName /Helvetica /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        6: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        7: b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>",
    }
    for number, page in zip(kids, pages, strict=True):
        made[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font "
            f"<< /F1 6 0 R /F2 3 0 R /F3 7 0 R >> >> /Contents {number + 1} 0 R >>"
        ).encode()
        made[number + 1] = stream(b"\n".join(map(_shown, page)))
    made[2] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
    if about:
        made[8] = ("<< " + " ".join(f"/{key} ({value})" for key, value in about.items()) + " >>").encode("latin-1")
    return made, 8 if about else 0


def stream(data: bytes, *, deflate: bool = False, entries: str = "") -> bytes:
    """A stream object."""
    if deflate:
        data, entries = zlib.compress(data, 1), entries + " /Filter /FlateDecode"
    return f"<< /Length {len(data)}{entries} >>\nstream\n".encode() + data + b"\nendstream"


def write_objects(path: Path, made: dict[int, bytes], info: int = 0, trailer: str = "") -> Path:
    """A PDF of these objects; number 1 is its catalog."""
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number in sorted(made):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + made[number] + b"\nendobj\n"
    start, size = len(out), max(made) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    for number in range(1, size):
        out += (f"{places[number]:010d} 00000 n \n" if number in places else "0000000000 00000 f \n").encode()
    described = f" /Info {info} 0 R" if info else ""
    out += f"trailer\n<< /Size {size} /Root 1 0 R{described}{trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(bytes(out))
    return path


def _shown(one: Set) -> bytes:
    letters = one.text.encode("latin-1").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    matrix = f"0 1 -1 0 {one.x} {one.y}" if one.turned else f"1 0 0 1 {one.x} {one.y}"
    return f"BT /{one.font} {one.size} Tf {matrix} Tm (".encode() + letters + b") Tj ET"
