"""Read results tables in running text (pipes or tabs): the difference of each row from the baseline's row.

A table is read only if its columns are benchmarks and it has a baseline row. Levels alone are no claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auxjepa_review.claims.form import Form
from auxjepa_review.claims.lexicon import Lexicon, normalise
from auxjepa_review.claims.numbers import plain_text
from auxjepa_review.claims.tokens import tokenise

MAX_ROWS = 200
_CELL = re.compile(
    r"^[*_\s]*(?P<n>-?\d{1,3}(?:\.\d+)?)\s?(?:%|percent)?\s?(?:±\s?\d+(?:\.\d+)?\s?%?)?\s?(?:\([^()]*\))?[*_\s†‡]*$"
)
_COST = re.compile(
    r"second|minute|hour|time|mem|param|cost|size|speed|rank|\b(?:ms|[KMGT]i?B|G?FLOPs?|GPUs?|n|seeds?|steps?|epochs?)\b",
    re.I,
)
_RULE = re.compile(r"^[\s|:+=-]+$")


@dataclass(frozen=True)
class Line:
    """A line of a table: its place on the page, and its cells."""

    start: int
    end: int
    cells: tuple[str, ...]


def read_results(page: str, lexicon: Lexicon, near: bool) -> Iterator[tuple[int, int, Form]]:
    """Yield start and end of a table's row on the page, and a difference that the row states; rows in order.

    Args:
        page: text of the page.
        lexicon: names of methods and benchmarks.
        near: whether the document is about the study.
    """
    for head, *rows in _tables(page):
        columns = {i: names for i, cell in enumerate(head.cells) if i and (names := _benchmark(cell, lexicon, near))}
        base = next((r for r in rows if _is_reference(r.cells[0], lexicon, near)), None)
        if base is None or not columns:
            continue
        for row in rows:
            variant = _variant(row.cells[0], lexicon, near)
            if row is base or not variant:
                continue
            for i, benchmark in columns.items():
                level, reference = _level(row, i), _level(base, i)
                if level is not None and reference is not None:
                    note = f"difference: {level[0]:g} against {reference[0]:g} in the row {base.cells[0]!r}"
                    yield row.start, row.end, _difference(variant, benchmark, level, reference, note)


def _difference(
    variant: str, benchmark: str, level: tuple[float, int], reference: tuple[float, int], note: str
) -> Form:
    decimals = min(level[1], reference[1])
    return Form(
        kind="difference",
        variants=(variant,),
        benchmarks=(benchmark,),
        expected=round(level[0] - reference[0], 6),
        tolerance=10.0**-decimals,
        inferred=(note,),
    )


def _tables(page: str) -> Iterator[list[Line]]:
    """Yield groups of neighbouring lines that have at least two cells and equal numbers of cells."""
    block: list[Line] = []
    at = 0
    for text in page.splitlines(keepends=True):
        line = _line(text, at)
        at += len(text)
        if line is not None and (not block or len(line.cells) == len(block[0].cells)):
            block += [line] if not _RULE.match(text) else []
            continue
        if text.strip() and not _RULE.match(text):  # HTML rows come as paragraphs of one line
            if 2 < len(block) <= MAX_ROWS:
                yield block
            block = [line] if line is not None else []
    if 2 < len(block) <= MAX_ROWS:
        yield block


def _line(text: str, at: int) -> Line | None:
    body = text.strip()
    cells = body.strip("|").split("|") if "|" in body else body.split("\t")
    lead = len(text) - len(text.lstrip())
    return Line(at + lead, at + lead + len(body), tuple(c.strip() for c in cells)) if len(cells) > 1 else None


def _level(line: Line, i: int) -> tuple[float, int] | None:
    match = _CELL.match(plain_text(line.cells[i]))
    if match is None or not 0 <= float(match["n"]) <= 100:
        return None
    return float(match["n"]), len(match["n"].partition(".")[2])


def _benchmark(cell: str, lexicon: Lexicon, near: bool) -> str:
    """Return the benchmark of a column's head: a known one, or the name as written."""
    if _COST.search(cell):
        return ""
    tokens = tokenise(plain_text(cell), lexicon, near)
    names = [t for t in tokens if t.kind in ("benchmark", "name") and not t.group]
    return names[0].names[0] if len(names) == 1 else ""


def _variant(cell: str, lexicon: Lexicon, near: bool) -> str:
    text = plain_text(cell).strip("*_ ")
    names = [n for n in lexicon.find(text, near) if n.sort == "variant"]
    if len(names) == 1 and names[0].end - names[0].start >= len(text) - 2:
        return names[0].name
    return normalise(text) if re.search(r"[A-Za-z]", text) else ""


def _is_reference(cell: str, lexicon: Lexicon, near: bool) -> bool:
    return any(n.sort == "reference" for n in lexicon.find(plain_text(cell), near))
