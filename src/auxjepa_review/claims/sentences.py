"""Split a document into sentences with their places and sections. Each row of its table of claims is one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auxjepa_review.claims.numbers import plain_text
from auxjepa_review.records import ClaimRow, Document, Span

_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+)?(?:(?:\d{1,2}(?:\.\d{1,2})*|[A-Z]|[IVX]{1,5})\.?[ \t]+(?=[A-Z]))?"
    r"(?P<title>[A-Z][^\n.!?]{1,80})[ \t]*$"
)
_KNOWN_HEADING = re.compile(
    r"(?:abstract|introduction|background|related work|method\w*|approach|experiments?|experimental \w+|results?|"
    r"ablations?|discussion|limitations?|conclusions?|references|appendix|acknowledg\w+|extracted claims|claims?)\b",
    re.I,
)
_END = re.compile(r"[.!?][\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9+*]|\s*$)")
_SHORT = re.compile(
    r"(?:\b(?:vs|Fig|Figs|Eq|Eqs|Sec|Tab|al|e\.g|i\.e|cf|approx|resp|No|Dr|Prof|abs|rel|ca|St|w\.r\.t)|\b[A-Z])$"
)
_SKIPPED = re.compile(r"^(?:references|bibliography|acknowledg)", re.I)
MAX_LENGTH = 1200
"""Largest number of characters of a sentence. Longer ones are tables that lost their lines."""


@dataclass(frozen=True)
class Sentence:
    """A sentence at its place (``span``), and as plain text on one line (``text``)."""

    span: Span
    text: str
    section: str
    row: ClaimRow | None = None
    cut: bool = False


def sentences(document: Document) -> Iterator[Sentence]:
    """Yield the rows of the table of claims and the sentences of the text, page by page. References are left out."""
    section = ""
    for number, page in enumerate(document.pages, 1):
        rows = sorted((r for r in document.rows if r.span.page == number), key=lambda r: r.span.start)
        row_places = [(r.span.start, r.span.end) for r in rows]
        starts: list[tuple[int, str]] = [(0, section)]
        for start, end, title in _blocks(page):
            if title is not None:
                section = title
                starts.append((start, section))
            elif not _SKIPPED.match(section):
                for a, b in _split_block(page, start, end):
                    if all(b <= x or a >= y for x, y in row_places) and b - a <= MAX_LENGTH:
                        yield Sentence(document.span(number, a, b), flatten(page[a:b]), section)
        for row in rows:
            title = next(name for start, name in reversed(starts) if start <= row.span.start)
            yield Sentence(row.span, flatten(row.text), title, row, row.cut)


def flatten(text: str) -> str:
    """Return a text on one line, with plain characters and with words joined that were separated at line ends."""
    text = re.sub(r"(?<=[a-z])-[ \t]*\n[ \t]*(?=[a-z])", "", text)
    text = re.sub(r"(?<=\w)-[ \t]*\n[ \t]*(?=\w)", "-", text)
    text = re.sub(r"(?<=\d)\s?(?:±|\+/-)\s?\d+(?:[.,]\d+)?", "", text)
    return " ".join(plain_text(text).split())


def _blocks(page: str) -> Iterator[tuple[int, int, str | None]]:
    """Yield paragraphs (start, end, None) and headings (start, end, title). Lines of tables are left out."""
    start: int | None = None
    at = 0
    fenced = False
    for line in page.splitlines(keepends=True):
        end = at + len(line)
        mark = line.lstrip().startswith(("```", "~~~"))
        fenced ^= mark
        title = None if fenced else _title(line)
        table = fenced or mark or "\t" in line.strip() or _is_table_line(line.strip())
        listed = bool(re.match(r"\s*(?:[-*•]|\d+[.)])\s+\S", line))
        if (title is not None or table or not line.strip() or listed) and start is not None:
            yield start, at, None
            start = None
        if title is not None:
            yield at, end, title
        elif line.strip() and not table and start is None:
            start = at
        at = end
    if start is not None:
        yield start, at, None


def _is_table_line(line: str) -> bool:
    """Check whether bars separate cells; the bars of ``|d| = 0.8`` have no spaces inside."""
    apart = len(re.findall(r"(?:^|\s)\|(?=\s|$)", line))
    return line.startswith("|") or apart > 1 or (line.count("|") > 1 and " " not in line)


def _title(line: str) -> str | None:
    match = _HEADING.match(line.rstrip("\n"))
    if match is None:
        return None
    marked = re.match(r"\s*(?:#|\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z])", line)
    title = match["title"].strip()
    short = len(title.split()) <= 9 and not title.endswith((",", ";", ":"))
    return (
        title
        if short
        and (line.lstrip().startswith("#") or (_KNOWN_HEADING.match(title) and (marked or len(title.split()) <= 4)))
        else None
    )


def _split_block(page: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in _END.finditer(page, start, end):
        before = page[max(at, match.start() - 12) : match.start()]
        if match[0].startswith(".") and match.end() < end and _SHORT.search(before):
            continue
        yield from _strip(page, at, match.end())
        at = match.end()
    yield from _strip(page, at, end)


def _strip(page: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = page[start:end]
    lead = re.match(r"\s*(?:(?:[-*•]|\d+[.)])\s+)?", text)
    a = start + (lead.end() if lead else 0)
    b = start + len(text.rstrip())
    if b > a:
        yield a, b
