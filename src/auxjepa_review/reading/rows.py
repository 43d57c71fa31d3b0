"""Read a document's own table of claims in any layout: each claim with the document's verdict and confidence.

Tabs or spaces can separate the columns (tables of Markdown, HTML and PDF have tabs). In a PDF that was converted to
text, the marks can be on a separate line, after the claim or within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from auxjepa_review.records import ClaimRow, Span

YES = ("✓", "✔", "☑", "✅", "yes", "true", "verified", "supported")
NO = ("×", "✗", "✘", "✕", "✖", "❌", "☒", "x", "no", "false", "unverified", "unsupported")
UNDECIDED = ("?", "–", "-", "—", "n/a", "unclear", "unknown")

_MARK = "(?P<mark>" + "|".join(re.escape(word) for word in sorted((*YES, *NO, *UNDECIDED), key=len, reverse=True)) + ")"
_SCORE = r"(?P<score>[01]?[.,]\d{1,4}|[01]|\d{1,3}(?:[.,]\d+)?\s?%)"
_CLAIM_WORD = r"(?:claim|statement|assertion)s?"
_MARKED = r"(?:veri\S{1,3}ed|supported|verdict|status)\??"
_SCORED = r"(?:con\S{1,3}dence|score|probability)"
_HEADER = re.compile(
    rf"^[ \t]*(?:#\s+|no\.\s+)?{_CLAIM_WORD}(?P<rest>(?:[ \t]+(?:{_MARKED}|{_SCORED})){{1,2}})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"[ \t]*(?:#{1,6}\s|(?:\d{1,2}|[A-Z])\.?\s{1,4}[A-Z][a-z]{2,}(?:\s[A-Za-z]+){0,4}$|(?i:references|bibliography)$)"
)
MAX_LENGTH = 4000
"""Largest number of characters of a row. A longer row is cut."""
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")


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


def read_claim_rows(document: str, pages: Sequence[str]) -> tuple[ClaimRow, ...]:
    """Return the rows of the table of claims, in order; none if there is no such table.

    The span of a row covers the claim without mark and confidence if it is in one piece. If marks stand within the
    claim, the span includes them and ``text`` does not.

    Args:
        document: id of the document.
        pages: repaired pages.
    """
    lines = list(_lines(pages))
    starts = [i for i, line in enumerate(lines) if _HEADER.match(line.text)]
    if not starts:
        return ()
    ending = _end_pattern(lines[starts[0]].text)
    body: list[_Line] = []
    for line in lines[starts[0] + 1 :]:
        if _HEADER.match(line.text):  # repeated on the next page
            continue
        if _END.match(line.text.rstrip()) and not ending.search(line.text):
            break
        body.append(line)
    rows = [row for row in _rows(body, ending) if row.lines]
    was_cut = [_shorten(row) for row in rows]
    texts = [" ".join(" ".join(line.text for line in row.lines).split()) for row in rows]
    are_sentences = sum(bool(_SENTENCE_END.search(text)) for text in texts) * 2 >= len(texts)
    return tuple(
        ClaimRow(
            number=number,
            span=_span(document, pages, row),
            text=text,
            verified=_verified(row.mark),
            confidence=_confidence(row.score),
            cut=cut or (are_sentences and not _SENTENCE_END.search(text)),
        )
        for number, (row, text, cut) in enumerate(zip(rows, texts, was_cut, strict=True), 1)
    )


def _shorten(row: _Row) -> bool:
    """Cut a row to ``LONGEST`` characters, and return whether it was longer."""
    remaining, shortened = MAX_LENGTH, []
    for line in row.lines:
        if remaining > 0:
            shortened.append(_Line(line.page, line.start, line.text[:remaining]))
            remaining -= len(line.text)
    row.lines = shortened
    return remaining < 0


def _lines(pages: Sequence[str]) -> Iterator[_Line]:
    for number, page in enumerate(pages, 1):
        start = 0
        for text in page.split("\n"):
            yield _Line(number, start, text)
            start += len(text) + 1


def _end_pattern(header: str) -> re.Pattern[str]:
    """Return the pattern of a row's end under a header: mark and confidence in the header's order, at a line end."""
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
        count = sum(match is not None for match in marked)
        if count == 0:
            waiting += block
            continue
        from_above = count > 1 and _from_above(block, marked)
        row: _Row | None = None
        for line, match in zip(block, marked, strict=True):
            if match is None:
                (row.lines if row and (from_above or count == 1) else waiting).append(line)
                continue
            if row:
                yield row
            words = _Line(line.page, line.start, line.text[: match.start()])
            columns = match.groupdict()
            row = _Row(
                [*waiting, *([] if words.empty else [words])], columns.get("mark") or "", columns.get("score") or ""
            )
            waiting = []
        if row:
            yield row


def _from_above(block: Sequence[_Line], marked: Sequence[re.Match[str] | None]) -> bool:
    """Check whether the marks are on the first line of a row with several lines; otherwise they are on the last."""
    if marked[0] is None or marked[0].start() == 0:
        return False
    if marked[-1] is None:
        return True
    votes = 0
    for (line, match), (_, after) in pairwise(zip(block, marked, strict=True)):
        if (match is None) != (after is None):  # a row ends where a sentence ends
            is_end = bool(_SENTENCE_END.search((line.text if match is None else line.text[: match.start()]).rstrip()))
            votes += 1 if is_end == (match is None) else -1
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
    """Return the place from the first word to the last. If a row continues on the next page, its first part counts."""
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
