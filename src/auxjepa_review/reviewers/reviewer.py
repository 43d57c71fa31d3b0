"""Shared parts of reviewers: marks, sections, and the verdicts on a document's own rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from auxjepa_review.records import Document, Dossier, Finding, Mark, Word
from auxjepa_review.verify import combine_words, group_by_row

Reviewer = Callable[[Dossier], list[Mark]]
"""A function from a dossier to marks. No reviewer sees another review. A criterion that cannot apply is left out."""

HEADING = re.compile(
    r"^[^\S\n]*+(?:#{1,6}[^\S\n]++)?(?:\d++(?:\.\d++)*+\.?[^\S\n]++)?(?P<name>abstract|introduction|methodology|methods?|experiments?|results?"
    r"|discussion|limitations?|conclusions?|extracted claims|claims|references|bibliography|related work"
    r"|data availability|code availability|reproducibility(?: statement)?)[^\S\n]*+:?[^\S\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)


def make_mark(criterion: str, possible: int, share: float | int, reason: str) -> Mark:
    """Return a mark with a share of the possible points.

    Args:
        criterion: name of the criterion.
        possible: points that are possible.
        share: share of them, 0 to 1.
        reason: reason for the share.
    """
    return Mark(criterion=criterion, possible=possible, points=possible * min(1.0, max(0.0, share)), reason=reason)


def share_in_words(count: int, of: int, what: str) -> str:
    """Return '3 of 14 papers ...' for a reason.

    Args:
        count: number of cases that count.
        of: number of all cases.
        what: description of the cases.
    """
    return f"{count} of {of} {what}"


def split_sections(document: Document) -> dict[str, str]:
    """Return the text under each heading (lower case); the text before the first heading has the key ''."""
    text = document.text
    headings = [("", 0, 0)] + [(m["name"].lower(), m.start(), m.end()) for m in HEADING.finditer(text)]
    ends = [start for _, start, _ in headings[1:]] + [len(text)]
    text_by_heading: dict[str, str] = {}
    for (name, _, begin), end in zip(headings, ends, strict=True):
        text_by_heading[name] = text_by_heading.get(name, "") + text[begin:end]
    return text_by_heading


def section_text(document: Document, *names: str) -> str:
    """Return the text under headings that begin with one of the names."""
    return "\n".join(text for name, text in split_sections(document).items() if name and name.startswith(names))


def first_match(text: str, *patterns: str) -> str:
    """Return the first passage that one of the patterns matches, on one line; '' if none matches."""
    for pattern in patterns:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return " ".join(match.group().split())
    return ""


def own_findings(dossier: Dossier) -> list[Finding]:
    """Return the findings on statements of the document itself."""
    return [f for f in dossier.findings if f.stated_in(dossier.document.id)]


def row_words(dossier: Dossier) -> dict[int, Word]:
    """Return the verdict on every row of the document's table, by its number."""
    rows, here = group_by_row(dossier.findings), dossier.document.id
    return {
        row.number: combine_words(f.word for f in rows.get((here, row.number), [])) for row in dossier.document.rows
    }
