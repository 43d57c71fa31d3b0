"""A document's own table of claims: each claim with the document's verdict and confidence, whatever the layout.

The table may be tab separated (so do tables of Markdown, HTML and PDF arrive), spaced, or blocks of text with the marks
on a line of their own (a PDF that was flattened to text), below, beside or in the middle of the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from auxjepa_review.records import ClaimRow, Span

YES = ("✓", "✔", "☑", "✅", "yes", "true", "verified", "supported")
NO = ("×", "✗", "✘", "✕", "✖", "❌", "☒", "x", "no", "false", "unverified", "unsupported")
OPEN = ("?", "–", "-", "—", "n/a", "unclear", "unknown")

_MARK = "(?P<mark>" + "|".join(re.escape(word) for word in sorted((*YES, *NO, *OPEN), key=len, reverse=True)) + ")"
_SCORE = r"(?P<score>[01]?[.,]\d{1,4}|[01]|\d{1,3}(?:[.,]\d+)?\s?%)"
_SAID = r"(?:claim|statement|assertion)s?"
_MARKED = r"(?:veri\S{1,3}ed|supported|verdict|status)\??"
_SCORED = r"(?:con\S{1,3}dence|score|probability)"
_HEADER = re.compile(
    rf"^[ \t]*(?:#\s+|no\.\s+)?{_SAID}(?P<rest>(?:[ \t]+(?:{_MARKED}|{_SCORED})){{1,2}})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"[ \t]*(?:#{1,6}\s|(?:\d{1,2}|[A-Z])\.?\s{1,4}[A-Z][a-z]{2,}(?:\s[A-Za-z]+){0,4}$|(?i:references|bibliography)$)"
)
LONGEST = 4000
"""Characters of a row; what stands behind them is no claim any more, and the row counts as cut."""
_DONE = re.compile(r"[.!?…][\"'”’)\]]*$")


@dataclass(frozen=True)
class _Line:
    page: int
    start: int
    text: str

    @property
    def empty(self) -> bool:
        return not self.text.strip()


@dataclass
class _Row:
    lines: list[_Line]
    mark: str
    score: str


def claim_rows(document: str, pages: Sequence[str]) -> tuple[ClaimRow, ...]:
    """The rows of the table of claims of mended pages, in order; none where there is no such table.

    A row's span is the claim's words where they stand together (mark and confidence left out); where the marks stand in
    their midst, the span holds them too and ``text`` doesn't.
    """
    lines = list(_lines(pages))
    starts = [i for i, line in enumerate(lines) if _HEADER.match(line.text)]
    if not starts:
        return ()
    ending = _ending(lines[starts[0]].text)
    body: list[_Line] = []
    for line in lines[starts[0] + 1 :]:
        if _HEADER.match(line.text):  # repeated on the next page
            continue
        if _END.match(line.text.rstrip()) and not ending.search(line.text):
            break
        body.append(line)
    found = [row for row in _rows(body, ending) if row.lines]
    long = [_shorten(row) for row in found]
    texts = [" ".join(" ".join(line.text for line in row.lines).split()) for row in found]
    sentences = sum(bool(_DONE.search(text)) for text in texts) * 2 >= len(texts)
    return tuple(
        ClaimRow(
            number=number,
            span=_span(document, pages, row),
            text=text,
            verified=_verified(row.mark),
            confidence=_confidence(row.score),
            cut=cut or (sentences and not _DONE.search(text)),
        )
        for number, (row, text, cut) in enumerate(zip(found, texts, long, strict=True), 1)
    )


def _shorten(row: _Row) -> bool:
    """Leave a row no more than ``LONGEST`` characters; whether it had more."""
    left, kept = LONGEST, []
    for line in row.lines:
        if left > 0:
            kept.append(_Line(line.page, line.start, line.text[:left]))
            left -= len(line.text)
    row.lines = kept
    return left < 0


def _lines(pages: Sequence[str]) -> Iterator[_Line]:
    for number, page in enumerate(pages, 1):
        start = 0
        for text in page.split("\n"):
            yield _Line(number, start, text)
            start += len(text) + 1


def _ending(header: str) -> re.Pattern[str]:
    """How a row ends under such a header: mark and confidence in its order, at a line's end."""
    columns = re.findall(rf"({_MARKED})|({_SCORED})", header, re.IGNORECASE)
    parts = [_MARK if marked else _SCORE for marked, _ in columns]
    if len(columns) == 2 and bool(columns[0][0]) == bool(columns[1][0]):
        parts = parts[:1]
    begin = r"(?:^|(?<![ \t])(?=[ \t]))[ \t]*+"
    return re.compile(begin + r"[ \t]++".join(parts) + r"[ \t]*+$", re.IGNORECASE)


def _rows(body: Sequence[_Line], ending: re.Pattern[str]) -> Iterator[_Row]:
    waiting: list[_Line] = []
    for block in _blocks(body):
        marked = [ending.search(line.text) for line in block]
        count = sum(found is not None for found in marked)
        if count == 0:
            waiting += block
            continue
        above = count > 1 and _from_above(block, marked)
        row: _Row | None = None
        for line, found in zip(block, marked, strict=True):
            if found is None:
                (row.lines if row and (above or count == 1) else waiting).append(line)
                continue
            if row:
                yield row
            words = _Line(line.page, line.start, line.text[: found.start()])
            given = found.groupdict()
            row = _Row([*waiting, *([] if words.empty else [words])], given.get("mark") or "", given.get("score") or "")
            waiting = []
        if row:
            yield row


def _from_above(block: Sequence[_Line], marked: Sequence[re.Match[str] | None]) -> bool:
    """Whether marks stand on the first line of a row of several lines; else they stand on its last."""
    if marked[0] is None or marked[0].start() == 0:
        return False
    if marked[-1] is None:
        return True
    votes = 0
    for (line, found), (_, after) in pairwise(zip(block, marked, strict=True)):
        if (found is None) != (after is None):  # where sentences end is where rows do
            ends = bool(_DONE.search((line.text if found is None else line.text[: found.start()]).rstrip()))
            votes += 1 if ends == (found is None) else -1
    return votes > 0


def _blocks(body: Sequence[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for line in body:
        if line.empty:
            if block:
                yield block
            block = []
        else:
            block.append(line)
    if block:
        yield block


def _span(document: str, pages: Sequence[str], row: _Row) -> Span:
    """From the first word to the last; of a row over a page's end the part on the first page."""
    page = row.lines[0].page
    lines = [line for line in row.lines if line.page == page]
    start = lines[0].start + len(lines[0].text) - len(lines[0].text.lstrip())
    end = lines[-1].start + len(lines[-1].text.rstrip())
    return Span(document=document, page=page, start=start, end=end, text=pages[page - 1][start:end])


def _verified(mark: str) -> bool | None:
    return True if mark.lower() in YES else False if mark.lower() in NO else None


def _confidence(score: str) -> float | None:
    if not score:
        return None
    value = float(score.rstrip("% ").replace(",", "."))
    value = value / 100 if score.endswith("%") else value
    return value if 0 <= value <= 1 else None
