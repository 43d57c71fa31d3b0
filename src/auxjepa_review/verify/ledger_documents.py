"""The ledger's five documents and typed claims as records of a review; recorded facts; and verdicts on whole rows."""

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
SENTENCE_ENDS = (".", ")", "!", "?")
"""Ends of a row that was not cut."""
# The ledger's file gives this description of its five documents.
DESCRIPTION = "A literature synthesis of arXiv 2605.17165, Factorized Latent Dynamics for Video JEPA."


@cache
def load_facts() -> Facts:
    """Return the facts that ``auxjepa.audit.structure`` recorded when it was last executed (data/facts.json)."""
    facts: Facts = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))["facts"]
    return facts


def load_ledger_documents(claim_set: ClaimSet | None = None) -> tuple[list[Document], list[Statement]]:
    """Return the ledger's documents, with a line a row, and one statement a claim with the rows that make it as
    mentions.

    The claims are typed by hand. ``auxjepa_review.claims`` extracts such statements from text.

    Args:
        claim_set: the ledger's claims; those of the package if None.
    """
    claim_set = claim_set or claims.load()
    documents = [document(n, p.question, [r.text for r in p.rows], p.rows) for n, p in claim_set.documents.items()]
    rows = {(d.id, row.number): row for d in documents for row in d.rows}
    statements = []
    for claim in claim_set.claims:
        cited = [rows[s.document, s.row] for s in claim.sources if s.row is not None]
        mentions = tuple(Mention(claim=claim, span=row.span, row=row, section="extracted claims") for row in cited)
        if mentions:
            statements.append(Statement(claim=claim, mentions=mentions))
    return documents, statements


def document(name: str, title: str, texts: Sequence[str], marks: Sequence[claims.DocumentRow] = ()) -> Document:
    """Return a document that consists of rows of claims, with a line a row.

    Args:
        name: id of the document.
        title: title of the document.
        texts: texts of the rows.
        marks: the document's own verdicts on its rows.
    """
    page = "\n".join(texts)
    bare = Document(id=name, work=Work(title=title, abstract=DESCRIPTION), pages=(page, DESCRIPTION))
    rows, start = [], 0
    for i, text in enumerate(texts):
        record = {"number": i + 1, "span": bare.span(1, start, start + len(text)), "text": text}
        cut = not text.endswith(SENTENCE_ENDS) or text.count("(") != text.count(")")
        mark = {"verified": marks[i].verified, "confidence": marks[i].confidence} if marks else {}
        rows.append(ClaimRow.model_validate({**record, **mark, "cut": cut}))
        start += len(text) + 1
    return bare.model_copy(update={"rows": tuple(rows)})


def combine_words(words: Iterable[Word]) -> Word:
    """Return the word on a sentence from the words on its parts. One false part makes it false; it holds if all
    parts hold."""
    all_words = list(words)
    if "contradicted" in all_words:
        return "contradicted"
    if all_words and all(word == "supported" for word in all_words):
        return "supported"
    return "not found" if "not found" in all_words or not all_words else "not testable"


def group_by_row(findings: Iterable[Finding]) -> dict[tuple[str, int], list[Finding]]:
    """Return the findings on the parts of each row, by document and number."""
    rows: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        places = {(m.span.document, m.row.number) for m in finding.statement.mentions if m.row is not None}
        for place in places:
            rows.setdefault(place, []).append(finding)
    return rows


def row_probability(parts: Sequence[Finding]) -> float:
    """Return the probability that a whole row is true: that of its least probable part.

    The parts of a row are not independent, because they rest on one table.
    """
    return min((f.probability for f in parts), default=0.5)
