"""A document cut into what a search can find: one to three sentences, a row of a table, a line that is no sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auxjepa_review.claims.sentences import Sentence, sentences
from auxjepa_review.records import Document, Passage

SENTENCES = 3
LONG = 320
"""Characters from which on a passage takes no further sentence."""
LONGEST = 1200
"""Characters at which a line is cut."""
WORDS = 3
"""Words that a line has at least."""


def passages(document: Document) -> list[Passage]:
    """In the order of the text, without overlap; a row of its table of claims is one by itself."""
    found: list[Passage] = []
    group: list[Sentence] = []

    def finish() -> None:
        if group:
            first, last = group[0].span, group[-1].span
            found.append(Passage(span=document.span(first.page, first.start, last.end), section=group[0].section))
            group.clear()

    for one in sentences(document):
        if one.row is not None:
            finish()
            found.append(Passage(span=one.span, section=one.section))
            continue
        if group and not _goes_on(document, group, one):
            finish()
        group.append(one)
    finish()
    found += _rest(document, found)
    return sorted(found, key=lambda p: (p.span.page, p.span.start))


def _goes_on(document: Document, group: list[Sentence], one: Sentence) -> bool:
    """Whether a sentence stands in the same paragraph as those before, and these aren't enough yet."""
    first, last = group[0].span, group[-1].span
    if one.span.page != last.page or one.section != group[0].section or one.span.start < last.end:
        return False
    between = document.pages[last.page - 1][last.end : one.span.start]
    return not between.strip() and between.count("\n") < 2 and len(group) < SENTENCES and last.end - first.start < LONG


def _rest(document: Document, found: list[Passage]) -> Iterator[Passage]:
    """Lines that belong to no sentence and no row: of tables, lists, captions."""
    for number, page in enumerate(document.pages, 1):
        here = sorted((p for p in found if p.span.page == number), key=lambda p: p.span.start)
        at = 0
        section = ""
        for passage in here:
            yield from _between(document, number, at, passage.span.start, section)
            at, section = max(at, passage.span.end), passage.section
        yield from _between(document, number, at, len(page), section)


def _between(document: Document, number: int, start: int, end: int, section: str) -> Iterator[Passage]:
    for line in re.finditer(r"[^\n]+", document.pages[number - 1][start:end]):
        if len(re.findall(r"\w+", line[0])) >= WORDS and not line[0].startswith("#"):
            a = start + line.start() + len(line[0]) - len(line[0].lstrip())
            b = min(start + line.start() + len(line[0].rstrip()), a + LONGEST)
            yield Passage(span=document.span(number, a, b), section=section)
