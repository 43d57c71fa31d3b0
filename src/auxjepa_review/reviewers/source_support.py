"""Mark whether a reader can find the source of a statement, and whether the sources support it."""

from __future__ import annotations

import re

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import make_mark, own_findings, section_text, share_in_words

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
    """Return marks for listed references, statements with a citation, and support in other documents."""
    marks = [_listed(dossier), _cites(dossier)]
    return [*marks, *_supported(dossier)]


def references(text: str) -> list[str]:
    """Return the identifiers in a list of references, each once, and '' for each entry without an identifier."""
    identifiers = [(m[1] or m[2]).lower().rstrip(".>,)") for m in LINK.finditer(text)]
    entries = ENTRY.findall(text)
    return list(dict.fromkeys(identifiers)) + [""] * max(0, len(entries) - len(identifiers))


def _listed(dossier: Dossier) -> Mark:
    listed = len(references(section_text(dossier.document, "references", "bibliography")))
    match = RETRIEVED.search(dossier.document.text)
    reported = int(match[1] or match[2]) if match else None
    if reported:
        reason = share_in_words(listed, reported, "papers that it reports to have read are in its references")
        return make_mark("sources are listed", 3, listed / reported, reason)
    return make_mark("sources are listed", 3, 1 if listed else 0, f"{listed} references" if listed else "no references")


def _cites(dossier: Dossier) -> Mark:
    here = dossier.document.id
    spans = [m.span for f in own_findings(dossier) for m in f.statement.mentions if m.span.document == here]
    spans += [row.span for row in dossier.document.rows]
    sentences = {(span.page, span.start): span.text for span in spans}
    if not sentences:
        return make_mark("statements cite a source", 3, 0, "it has no statement")
    citing = sum(bool(CITED.search(text)) for text in sentences.values())
    return make_mark(
        "statements cite a source",
        3,
        citing / len(sentences),
        share_in_words(citing, len(sentences), "statements cite one"),
    )


def _supported(dossier: Dossier) -> list[Mark]:
    """Mark the support by other documents, if verification found passages in any."""
    here = dossier.document.id
    findings = own_findings(dossier)
    outside = [[p for p in (*f.supporting, *f.opposing) if p.span.document != here] for f in findings]
    if not any(outside):
        return []
    supported = sum(any(p.span.document != here for p in f.supporting) for f in findings)
    opposed = sum(bool(f.opposing) and not f.supporting for f in findings)
    reason = share_in_words(supported, len(findings), "statements are found in other documents")
    reason += f"; {opposed} only with other numbers or verdicts" if opposed else ""
    return [make_mark("other documents say it too", 2, supported / len(findings), reason)]
