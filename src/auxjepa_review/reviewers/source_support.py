"""Can a reader get from a statement to its source, and do the sources say it?"""

from __future__ import annotations

import re

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import mark, own, part, section

LINK = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf)/|arXiv:)\s*(\d{4}\.\d{4,5})|(?:doi\.org/|doi:\s*)(10\.\d{4,}/\S+)", re.IGNORECASE
)
ENTRY = re.compile(r"^[^\S\n]*+(?:[-*•]|\[\d++\]|\d++\.)\s++\S", re.MULTILINE)
RETRIEVED = re.compile(
    r"(?:yielded\s+(\d{1,9})\s+papers|(?<!\d)(\d{1,9})\s+papers?\s+(?:were\s+)?(?:retrieved|included))", re.IGNORECASE
)
CITED = re.compile(
    r"\[\d+(?:\s*[,–-]\s*\d+)*\]|\(\s*[A-Z][\w'-]+(?:\s+(?:et al\.?|and|&)\s*[\w'-]*)?,?\s+(?:19|20)\d\d[a-z]?\s*\)"
    r"|arxiv|doi",
    re.IGNORECASE,
)


def review(dossier: Dossier) -> list[Mark]:
    """References listed, statements that cite one, and passages outside the document that support them."""
    marks = [_listed(dossier), _cites(dossier)]
    return [*marks, *_supported(dossier)]


def references(text: str) -> list[str]:
    """Identifiers in a list of references, and entries without one, each once."""
    found = [(m[1] or m[2]).lower().rstrip(".>,)") for m in LINK.finditer(text)]
    plain = ENTRY.findall(text)
    return list(dict.fromkeys(found)) + [""] * max(0, len(plain) - len(found))


def _listed(dossier: Dossier) -> Mark:
    listed = len(references(section(dossier.document, "references", "bibliography")))
    match = RETRIEVED.search(dossier.document.text)
    said = int(match[1] or match[2]) if match else None
    if said:
        reason = part(listed, said, "papers that it says it read are in its references")
        return mark("sources are listed", 3, listed / said, reason)
    return mark("sources are listed", 3, 1 if listed else 0, f"{listed} references" if listed else "no references")


def _cites(dossier: Dossier) -> Mark:
    here = dossier.document.id
    spans = [m.span for f in own(dossier) for m in f.statement.mentions if m.span.document == here]
    spans += [row.span for row in dossier.document.rows]
    sentences = {(span.page, span.start): span.text for span in spans}
    if not sentences:
        return mark("statements cite a source", 3, 0, "no statement was found in it")
    citing = sum(bool(CITED.search(text)) for text in sentences.values())
    return mark(
        "statements cite a source", 3, citing / len(sentences), part(citing, len(sentences), "statements cite one")
    )


def _supported(dossier: Dossier) -> list[Mark]:
    """Only passages of other documents; applies where verification had any other to look at."""
    here = dossier.document.id
    found = own(dossier)
    outside = [[p for p in (*f.supporting, *f.opposing) if p.span.document != here] for f in found]
    if not any(outside):
        return []
    held = sum(any(p.span.document != here for p in f.supporting) for f in found)
    opposed = sum(bool(f.opposing) and not f.supporting for f in found)
    reason = part(held, len(found), "statements are found in other documents")
    reason += f"; {opposed} only with other numbers or verdicts" if opposed else ""
    return [mark("other documents say it too", 2, held / len(found), reason)]
