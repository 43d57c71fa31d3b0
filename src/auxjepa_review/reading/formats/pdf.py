"""Read the pages of a PDF as lines: words by their boxes, one column after the other, cells of tables separated by
tabs.

PDFium gives each character and its box. The order in the file can differ from the reading order, so lines and columns
come from the boxes alone. The module runs only in a child process, because PDFium is C++ and its input is not trusted.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from auxjepa_review.reading.formats import Raw

GAP = 1.3
"""Line heights between two words that separate cells or columns. Gaps of justified text are smaller."""
MIN_COLUMN_LINES = 4
"""Smallest number of lines of a column."""
MIN_FILLED = 0.6
"""Smallest mean share of a column's width that its lines fill. Cells of a table fill less."""


@dataclass(frozen=True)
class Piece:
    """Text with its box in points (y upwards): a word, or several words on one line."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def read(path: Path, most_pages: int) -> Raw:
    """Read the text of all pages. The title is the largest line of the first page, or the title in the file's metadata.

    Args:
        path: the file.
        most_pages: largest number of pages.

    Raises:
        ValueError: the file cannot be opened, is protected by a password, or has too many pages or no text.
    """
    import pypdfium2  # pyright: ignore[reportMissingImports]

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        asks = "password" in str(error).lower()
        raise ValueError("needs a password" if asks else "damaged: PDFium can't open it") from None
    count = len(document)
    if count > most_pages:
        raise ValueError(f"has {count} pages, at most {most_pages} are read")
    pages: list[str] = []
    title = ""
    for number in range(count):
        try:
            page = document[number]
            lines = arrange(*_words(page))
            page.close()
        except pypdfium2.PdfiumError:
            raise ValueError(f"damaged: page {number + 1} of {count} can't be loaded") from None
        pages.append("\n".join(lines))
        if number == 0:
            title = next((line[2:] for line in lines if line.startswith("# ") and not line[2].isdigit()), "")
    if not any(page.strip() for page in pages):
        raise ValueError(f"no text on {count} pages: scanned pictures, perhaps")
    about = document.get_metadata_dict()
    return Raw(
        pages,
        title=title or about.get("Title", ""),
        authors=[about["Author"]] if about.get("Author") else [],
        date=_date(about.get("CreationDate", "")),
    )


def _words(page: Any) -> tuple[list[Piece], str]:
    """Return the words of a page in the file's order, and the text that is written upwards or downwards."""
    import pypdfium2.raw as c  # pyright: ignore[reportMissingImports]

    text = page.get_textpage()
    words: list[Piece] = []
    current: list[tuple[str, float, float, float, float]] = []
    rotated: list[str] = []
    box = c.FS_RECTF()

    def finish() -> None:
        if current:
            letters, lefts, bottoms, rights, tops = zip(*current, strict=True)
            words.append(Piece("".join(letters), min(lefts), min(bottoms), max(rights), max(tops)))
            current.clear()

    for i in range(text.count_chars()):
        letter = chr(c.FPDFText_GetUnicode(text, i))
        if c.FPDFText_IsHyphen(text, i) == 1:
            letter = "-"
        elif c.FPDFText_HasUnicodeMapError(text, i) == 1 or letter in "\0\ufffe\uffff":
            letter = "\ufffd"
        upright = abs(c.FPDFText_GetCharAngle(text, i)) < 0.2 or c.FPDFText_IsGenerated(text, i) == 1
        if not upright:
            rotated.append(letter)
            continue
        if letter.isspace() or not c.FPDFText_GetLooseCharBox(text, i, ctypes.byref(box)):
            finish()
            if rotated and letter.isspace():
                rotated.append(" ")
            continue
        character = (letter, box.left, box.bottom, box.right, box.top)
        if current:
            _, _, bottom, right, top = current[-1]
            height = max(top - bottom, 1e-3)
            if (
                not -height < box.left - right < 0.35 * height
                or min(top, box.top) - max(bottom, box.bottom) < 0.3 * height
            ):
                finish()
        current.append(character)
    finish()
    text.close()
    return words, " ".join("".join(rotated).split())


def arrange(words: list[Piece], rotated: str = "") -> list[str]:
    """Return the lines in reading order. Empty lines separate paragraphs; ``# `` begins a line in a larger font.

    Args:
        words: the words of a page.
        rotated: text that is written upwards or downwards, which becomes the last line.
    """
    words = [word for word in words if word.height > 0 and word.right > word.left]
    if not words:
        return [rotated] if rotated else []
    text_height = median(word.height for word in words for _ in word.text)
    out = _region([cell for row in _rows(words) for cell in _cells(row)], text_height)
    return [*out, "", rotated] if rotated else out


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Return the pieces of each line, from left to right; lines from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.middle, p.left)):
        for row in rows[-3:]:
            if min(abs(piece.middle - row[0].middle), abs(piece.middle - row[-1].middle)) < 0.4 * min(
                piece.height, row[0].height
            ):
                row.append(piece)
                break
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _cells(row: list[Piece]) -> list[Piece]:
    """Join the words of a line into cells. A wide gap begins a new cell."""
    cells = [[row[0]]]
    for word in row[1:]:
        if word.left - cells[-1][-1].right > GAP * min(word.height, cells[-1][-1].height):
            cells.append([word])
        else:
            cells[-1].append(word)
    return [
        Piece(
            " ".join(word.text for word in cell),
            cell[0].left,
            median(word.bottom for word in cell),
            max(word.right for word in cell),
            median(word.top for word in cell),
        )
        for cell in cells
    ]


def _region(cells: list[Piece], text_height: float) -> list[str]:
    gutter = _gutter(cells)
    if gutter is None:
        return _lines(cells, text_height)
    out: list[str] = []
    left: list[Piece] = []
    right: list[Piece] = []
    across: list[Piece] = []

    def finish() -> None:
        for part in (left, right):
            if part:
                out.extend(["", *_region(part, text_height)] if out else _region(part, text_height))
                part.clear()

    for cell in sorted(cells, key=lambda c: (-c.middle, c.left)):
        if cell.left < gutter < cell.right:
            finish()
            across.append(cell)
            continue
        if across:
            out.extend(["", *_lines(across, text_height)] if out else _lines(across, text_height))
            across.clear()
        (left if cell.right <= gutter else right).append(cell)
    finish()
    if across:
        out.extend(["", *_lines(across, text_height)])
    return out


def _gutter(cells: list[Piece]) -> float | None:
    """Return the place between two columns of text: few pieces cross it, and both sides have enough filled lines."""
    first, last = min(c.left for c in cells), max(c.right for c in cells)
    width = last - first
    best: tuple[int, float] | None = None
    for place in sorted({round(c.left - 1, 1) for c in cells if 0.25 * width < c.left - first < 0.75 * width}):
        left = [c for c in cells if c.right <= place]
        right = [c for c in cells if c.left >= place]
        sides = (_filled(left), _filled(right))
        if min(len(left), len(right)) >= MIN_COLUMN_LINES and min(sides) >= MIN_FILLED:
            crossing = len(cells) - len(left) - len(right)
            if crossing <= min(len(left), len(right)) and (best is None or crossing < best[0]):
                best = (crossing, place)
    return best[1] if best else None


def _filled(cells: list[Piece]) -> float:
    """Return the mean share of their common width that lines fill."""
    if not cells:
        return 0.0
    width = max(c.right for c in cells) - min(c.left for c in cells)
    return sum(c.right - c.left for c in cells) / len(cells) / max(width, 1e-3)


def _lines(cells: list[Piece], text_height: float) -> list[str]:
    rows = _rows(cells)
    steps = [a[0].middle - b[0].middle for a, b in pairwise(rows)]
    pitch = max(text_height, sorted(steps)[len(steps) // 4]) if steps else text_height  # of lines within a paragraph
    out: list[str] = []
    before: tuple[float, float, bool] | None = None
    for row in rows:
        height = max(row, key=lambda cell: len(cell.text)).height
        text = "\t".join(cell.text for cell in row)
        heading = height > 1.15 * text_height and len(text.split()) <= 25 and any(letter.isalpha() for letter in text)
        step = before[0] - row[0].middle if before else 0.0
        if heading and before and before[2] and abs(before[1] - height) < 0.1 * height and step < 1.6 * height:
            out[-1] += " " + text
        else:
            if before and (step > 1.35 * pitch or heading or before[2]):
                out.append("")
            out.append("# " + text if heading else text)
        before = (row[0].middle, height, heading)
    return out


def _date(stamp: str) -> str:
    """Return ``D:20260612093000Z`` as 2026-06-12."""
    digits = stamp.removeprefix("D:")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else ""
