"""What a reviewer is, and what reviewers share: marks, sections, and the words of a document's own rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from auxjepa_review.records import Document, Dossier, Finding, Mark, Word
from auxjepa_review.verify import by_row, together

Reviewer = Callable[[Dossier], list[Mark]]
"""Marks from a dossier alone: no reviewer sees another's. A criterion that cannot apply is left out."""

HEADING = re.compile(
    r"^[^\S\n]*+(?:#{1,6}[^\S\n]++)?(?:\d++(?:\.\d++)*+\.?[^\S\n]++)?(?P<name>abstract|introduction|methodology|methods?|experiments?|results?"
    r"|discussion|limitations?|conclusions?|extracted claims|claims|references|bibliography|related work"
    r"|data availability|code availability|reproducibility(?: statement)?)[^\S\n]*+:?[^\S\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)


def mark(criterion: str, possible: int, share: float | int, reason: str) -> Mark:
    """``share`` of the possible points."""
    return Mark(criterion=criterion, possible=possible, points=possible * min(1.0, max(0.0, share)), reason=reason)


def part(count: int, of: int, what: str) -> str:
    """'3 of 14 papers ...' as reasons say it."""
    return f"{count} of {of} {what}"


def sections(document: Document) -> dict[str, str]:
    """Text by heading (lower case); what stands before the first one under ''."""
    text = document.text
    found = [("", 0, 0)] + [(m["name"].lower(), m.start(), m.end()) for m in HEADING.finditer(text)]
    ends = [start for _, start, _ in found[1:]] + [len(text)]
    out: dict[str, str] = {}
    for (name, _, begin), end in zip(found, ends, strict=True):
        out[name] = out.get(name, "") + text[begin:end]
    return out


def section(document: Document, *names: str) -> str:
    """The text under headings that begin with one of ``names``."""
    return "\n".join(text for name, text in sections(document).items() if name and name.startswith(names))


def says(text: str, *patterns: str) -> str:
    """The first passage that one of the patterns matches, on one line; '' where none does."""
    for pattern in patterns:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return " ".join(match.group().split())
    return ""


def own(dossier: Dossier) -> list[Finding]:
    """Findings on what the document itself states."""
    return [f for f in dossier.findings if f.stated_in(dossier.document.id)]


def words(dossier: Dossier) -> dict[int, Word]:
    """The word on every row of the document's table, by its number."""
    rows, here = by_row(dossier.findings), dossier.document.id
    return {row.number: together(f.word for f in rows.get((here, row.number), [])) for row in dossier.document.rows}
