"""The ledger's five documents and their claims in a review's records; recorded facts; rows from their parts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from auxjepa.evidence.ledger import claims
from auxjepa.evidence.ledger.claims import ClaimSet
from auxjepa.evidence.ledger.ledger import Facts
from auxjepa_review.records import ClaimRow, Document, Finding, Mention, Statement, Word, Work

DATA = Path(__file__).parents[1] / "data"
CUT = (".", ")", "!", "?")  # how a row that wasn't cut ends
# What the ledger's file says of its five documents.
WHOSE = "A literature synthesis of arXiv 2605.17165, Factorized Latent Dynamics for Video JEPA."


@cache
def recorded() -> Facts:
    """What ``auxjepa.audit.structure`` found when it was last executed for this package (data/facts.json)."""
    facts: Facts = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))["facts"]
    return facts


def from_ledger(known: ClaimSet | None = None) -> tuple[list[Document], list[Statement]]:
    """The ledger's documents, a line a row, and one statement a claim: its mentions are the rows that make it.

    These are typed by hand; ``auxjepa_review.claims`` extracts such statements from text.
    """
    known = known or claims.load()
    documents = [document(n, p.question, [r.text for r in p.rows], p.rows) for n, p in known.documents.items()]
    rows = {(d.id, row.number): row for d in documents for row in d.rows}
    statements = []
    for claim in known.claims:
        cited = [rows[s.document, s.row] for s in claim.sources if s.row is not None]
        mentions = tuple(Mention(claim=claim, span=row.span, row=row, section="extracted claims") for row in cited)
        if mentions:
            statements.append(Statement(claim=claim, mentions=mentions))
    return documents, statements


def document(name: str, title: str, texts: Sequence[str], told: Sequence[claims.DocumentRow] = ()) -> Document:
    """A document of the study that consists of rows of claims, a line a row.

    Args:
        told: the document's own verdicts on its rows.
    """
    page = "\n".join(texts)
    bare = Document(id=name, work=Work(title=title, abstract=WHOSE), pages=(page, WHOSE))
    rows, start = [], 0
    for i, text in enumerate(texts):
        record = {"number": i + 1, "span": bare.span(1, start, start + len(text)), "text": text}
        cut = not text.endswith(CUT) or text.count("(") != text.count(")")
        own = {"verified": told[i].verified, "confidence": told[i].confidence} if told else {}
        rows.append(ClaimRow.model_validate({**record, **own, "cut": cut}))
        start += len(text) + 1
    return bare.model_copy(update={"rows": tuple(rows)})


def together(words: Iterable[Word]) -> Word:
    """The word on a sentence from those on its parts: one false part makes it false, all must hold for it to hold."""
    found = list(words)
    if "contradicted" in found:
        return "contradicted"
    if found and all(word == "supported" for word in found):
        return "supported"
    return "not found" if "not found" in found or not found else "not testable"


def by_row(findings: Iterable[Finding]) -> dict[tuple[str, int], list[Finding]]:
    """Findings on the parts of each row, by document and number."""
    rows: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        said = {(m.span.document, m.row.number) for m in finding.statement.mentions if m.row is not None}
        for place in said:
            rows.setdefault(place, []).append(finding)
    return rows


def probability(parts: Sequence[Finding]) -> float:
    """That a whole row is true: that of its least probable part (parts of a row stand on one table, not on many)."""
    return min((f.probability for f in parts), default=0.5)
