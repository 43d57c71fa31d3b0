"""Small dossiers, made by hand: a document with a table of claims, and findings on its rows."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa.evidence.ledger.entry import Check, Entry
from auxjepa_review.records import ClaimRow, Document, Dossier, Finding, Mention, Span, Statement, Word, Work

TEXT = """A made-up report

Abstract

We compare two objectives.

1 Introduction

Research question: Does ZAP improve accuracy on Toys-20 in few-shot settings?

2 Methodology

A literature search yielded 4 papers. A quality score of 8.0/10.

3 Results

4 papers retrieved. 2 claims extracted; 1 independently verified. Quality review score: 8.0/10.

4 Limitations

All numbers come from one seed and a test set of 500 test clips.

5 Extracted Claims

ZAP gains 2.50 points on Toys-20.\tyes\t0.90
ZAP loses 1.00 points on Boxes.\tno\t0.20

References

- arXiv:2001.00001
- arXiv:2001.00002
- arXiv:2001.00003
- arXiv:2001.00004
"""
ROWS = (("ZAP gains 2.50 points on Toys-20.", True, 0.9), ("ZAP loses 1.00 points on Boxes.", False, 0.2))


def document(
    text: str = TEXT, rows: Sequence[tuple[str, bool | None, float | None]] = ROWS, name: str = "made-up"
) -> Document:
    """A document whose rows stand in its text, where they do."""
    made = Document(id=name, work=Work(title="A made-up report"), pages=(text,))
    kept = []
    for number, (sentence, verified, confidence) in enumerate(rows, 1):
        start = max(0, text.find(sentence))
        span = made.span(1, start, min(len(text), start + len(sentence)))
        kept.append(
            ClaimRow(number=number, span=span, text=sentence, verified=verified, confidence=confidence, cut=False)
        )
    return made.model_copy(update={"rows": tuple(kept)})


def claim(number: int, value: float, statement: str) -> Claim:
    return Claim(
        id=f"zap-{number}",
        statement=statement,
        kind="difference",
        regime="made-up",
        variants=("zap",),
        benchmarks=("toys" if number == 1 else "boxes",),
        expected=value,
        sources=(Source(document="made-up", row=number),),
    )


def finding(
    of: Document, number: int, word: Word, *, value: float = 1.0, checks: Sequence[Check] = (), **more: object
) -> Finding:
    """A finding on a row of the document; with checks it has an entry of the ledger too."""
    row = of.rows[number - 1]
    said = claim(number, value, row.text)
    entry = (
        Entry(
            claim=said, results="published", word="inconclusive", arithmetic="holds", checks=tuple(checks), sentence=""
        )
        if checks
        else None
    )
    mention = Mention(claim=said, span=row.span, row=row)
    statement = Statement(claim=said, mentions=(mention,))
    probability = {"supported": 0.9, "contradicted": 0.1}.get(word, 0.5)
    return Finding(statement=statement, word=word, probability=probability, reason="", entry=entry, **more)  # type: ignore[arg-type]


def dossier(*words: Word, of: Document | None = None, checks: Sequence[Check] = ()) -> Dossier:
    """The document with a word on each of its rows, in their order."""
    of = of or document()
    return Dossier(document=of, findings=tuple(finding(of, i, w, checks=checks) for i, w in enumerate(words, 1)))


def elsewhere(text: str) -> Span:
    """A place in another document."""
    return Span(document="another", page=1, start=0, end=len(text), text=text)
