"""Results tables in running text (pipes or tabs): every row's differences from the row that is the baseline.

Only a table whose columns are benchmarks and that has a baseline row is read; levels alone claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auxjepa_review.claims.form import Form
from auxjepa_review.claims.lexicon import Lexicon, normalised
from auxjepa_review.claims.numbers import plain
from auxjepa_review.claims.tokens import tokenise

MOST_ROWS = 200
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
    """A line of a table: where it stands on its page, and its cells."""

    start: int
    end: int
    cells: tuple[str, ...]


def results(page: str, lexicon: Lexicon, near: bool) -> Iterator[tuple[int, int, Form]]:
    """Start and end of a table's row on the page, and a difference that it makes; rows in order."""
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
                own, other = _level(row, i), _level(base, i)
                if own is not None and other is not None:
                    note = f"difference: {own[0]:g} against {other[0]:g} in the row {base.cells[0]!r}"
                    yield row.start, row.end, _difference(variant, benchmark, own, other, note)


def _difference(variant: str, benchmark: str, own: tuple[float, int], other: tuple[float, int], note: str) -> Form:
    decimals = min(own[1], other[1])
    return Form(
        kind="difference",
        variants=(variant,),
        benchmarks=(benchmark,),
        expected=round(own[0] - other[0], 6),
        tolerance=10.0**-decimals,
        inferred=(note,),
    )


def _tables(page: str) -> Iterator[list[Line]]:
    """Neighbouring lines of two cells and more, all with as many cells as the first."""
    block: list[Line] = []
    at = 0
    for text in page.splitlines(keepends=True):
        line = _line(text, at)
        at += len(text)
        if line is not None and (not block or len(line.cells) == len(block[0].cells)):
            block += [line] if not _RULE.match(text) else []
            continue
        if text.strip() and not _RULE.match(text):  # HTML rows come as paragraphs of one line
            if 2 < len(block) <= MOST_ROWS:
                yield block
            block = [line] if line is not None else []
    if 2 < len(block) <= MOST_ROWS:
        yield block


def _line(text: str, at: int) -> Line | None:
    body = text.strip()
    cells = body.strip("|").split("|") if "|" in body else body.split("\t")
    lead = len(text) - len(text.lstrip())
    return Line(at + lead, at + lead + len(body), tuple(c.strip() for c in cells)) if len(cells) > 1 else None


def _level(line: Line, i: int) -> tuple[float, int] | None:
    match = _CELL.match(plain(line.cells[i]))
    if match is None or not 0 <= float(match["n"]) <= 100:
        return None
    return float(match["n"]), len(match["n"].partition(".")[2])


def _benchmark(cell: str, lexicon: Lexicon, near: bool) -> str:
    """The benchmark that a column's head names: a known one, or a name as written."""
    if _COST.search(cell):
        return ""
    tokens = tokenise(plain(cell), lexicon, near)
    found = [t for t in tokens if t.kind in ("benchmark", "name") and not t.group]
    return found[0].names[0] if len(found) == 1 else ""


def _variant(cell: str, lexicon: Lexicon, near: bool) -> str:
    text = plain(cell).strip("*_ ")
    found = [n for n in lexicon.find(text, near) if n.sort == "variant"]
    if len(found) == 1 and found[0].end - found[0].start >= len(text) - 2:
        return found[0].name
    return normalised(text) if re.search(r"[A-Za-z]", text) else ""


def _is_reference(cell: str, lexicon: Lexicon, near: bool) -> bool:
    return any(n.sort == "reference" for n in lexicon.find(plain(cell), near))
