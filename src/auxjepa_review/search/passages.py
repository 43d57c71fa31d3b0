"""Split a document into passages: one to three sentences, a row of a table, or a line that is no sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auxjepa_review.claims.sentences import Sentence, sentences
from auxjepa_review.records import Document, Passage

MAX_SENTENCES = 3
FULL_LENGTH = 320
"""Number of characters from which a passage gets no further sentence."""
MAX_LENGTH = 1200
"""Largest number of characters of a line."""
MIN_WORDS = 3
"""Smallest number of words of a line."""


def passages(document: Document) -> list[Passage]:
    """Return the passages in the order of the text, without overlap. A row of the table of claims is one passage."""
    result: list[Passage] = []
    group: list[Sentence] = []

    def finish() -> None:
        if group:
            first, last = group[0].span, group[-1].span
            result.append(Passage(span=document.span(first.page, first.start, last.end), section=group[0].section))
            group.clear()

    for sentence in sentences(document):
        if sentence.row is not None:
            finish()
            result.append(Passage(span=sentence.span, section=sentence.section))
            continue
        if group and not _continues(document, group, sentence):
            finish()
        group.append(sentence)
    finish()
    result += _other_lines(document, result)
    return sorted(result, key=lambda p: (p.span.page, p.span.start))


def _continues(document: Document, group: list[Sentence], sentence: Sentence) -> bool:
    """Check whether a sentence continues the passage: same paragraph, and the passage is still short."""
    first, last = group[0].span, group[-1].span
    if sentence.span.page != last.page or sentence.section != group[0].section or sentence.span.start < last.end:
        return False
    between = document.pages[last.page - 1][last.end : sentence.span.start]
    return (
        not between.strip()
        and between.count("\n") < 2
        and len(group) < MAX_SENTENCES
        and last.end - first.start < FULL_LENGTH
    )


def _other_lines(document: Document, sentence_passages: list[Passage]) -> Iterator[Passage]:
    """Yield the lines outside of sentences and rows: of tables, lists and captions."""
    for number, page in enumerate(document.pages, 1):
        here = sorted((p for p in sentence_passages if p.span.page == number), key=lambda p: p.span.start)
        at = 0
        section = ""
        for passage in here:
            yield from _between(document, number, at, passage.span.start, section)
            at, section = max(at, passage.span.end), passage.section
        yield from _between(document, number, at, len(page), section)


def _between(document: Document, number: int, start: int, end: int, section: str) -> Iterator[Passage]:
    for line in re.finditer(r"[^\n]+", document.pages[number - 1][start:end]):
        if len(re.findall(r"\w+", line[0])) >= MIN_WORDS and not line[0].startswith("#"):
            a = start + line.start() + len(line[0]) - len(line[0].lstrip())
            b = min(start + line.start() + len(line[0].rstrip()), a + MAX_LENGTH)
            yield Passage(span=document.span(number, a, b), section=section)
