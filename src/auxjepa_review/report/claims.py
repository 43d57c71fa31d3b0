"""Statements in a report: summary, tables by document, contradictions, and every claim with its passages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import get_args

from auxjepa.evidence.wording import format_count
from auxjepa_review.records import Document, Finding, Passage, Word
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Prose
from auxjepa_review.verify import by_row, together

HEAD = ("claim", "statement", "verdict", "probability", "ledger", "documents say", "documents")
FACETS = (2, 4, 5)
PASSAGES = 3
STATES = {"ok": "✓", "problem": "✗", "unknown": "?"}


def summary(findings: Sequence[Finding]) -> str:
    """How many statements have which word, and how sure that is."""
    if not findings:
        return "No claim that could be checked was found."
    parts = []
    for word in get_args(Word):
        own = [f for f in findings if f.word == word]
        if own:
            parts.append(f"{len(own)} {word} (mean probability of being true {_mean(own):.2f})")
    return f"{format_count(len(findings), 'statement')}: {'; '.join(parts)}."


def by_document(documents: Sequence[Document], findings: Sequence[Finding]) -> Grid | None:
    """Statements of every document by word."""
    if not findings:
        return None
    words = get_args(Word)
    body = []
    for document in documents:
        own = [f for f in findings if f.stated_in(document.id)]
        body.append((document.id, str(len(own)), *(str(sum(f.word == word for f in own)) for word in words)))
    return Grid(("document", "statements", *words), tuple(body), "What verification says of each document's statements")


def own_verdicts(documents: Sequence[Document], findings: Sequence[Finding]) -> Grid | None:
    """The documents' own column 'verified' against the evidence, over rows that evidence decides."""
    rows = by_row(findings)
    body = []
    for document in documents:
        told = [row for row in document.rows if row.verified is not None]
        words = {row.number: together(f.word for f in rows.get((document.id, row.number), [])) for row in told}
        decided = [row for row in told if words[row.number] in ("supported", "contradicted")]
        if not told:
            continue
        right = sum(row.verified == (words[row.number] == "supported") for row in decided)
        false = [row for row in decided if words[row.number] == "contradicted"]
        caught = sum(row.verified is False for row in false)
        body.append(
            (
                document.id,
                str(len(told)),
                str(sum(row.verified is True for row in told)),
                str(len(decided)),
                f"{right} of {len(decided)}",
                f"{caught} of {len(false)}",
            )
        )
    if not body:
        return None
    head = ("document", "rows", "called verified", "decided by evidence", "own verdict right", "false rows it caught")
    return Grid(head, tuple(body), "The documents' own verdicts, row by row")


def contradictions(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Statements that documents disagree on."""
    return tuple(
        f"{f.statement.claim.statement}: {'; '.join(f.statement.disagreements)}"
        for f in findings
        if f.statement.disagreements
    )


def blocks(findings: Sequence[Finding]) -> tuple[Block, ...]:
    """A table of all statements, then each one to open."""
    if not findings:
        return ()
    body = tuple(_row(f) for f in findings)
    table = Grid(HEAD, body, "Every statement; its name leads to its passages", name="claim", facets=FACETS)
    return (table, *(_fold(f) for f in findings))


def _row(finding: Finding) -> tuple[str, ...]:
    statement = finding.statement
    return (
        statement.claim.id,
        statement.claim.statement,
        finding.word,
        f"{finding.probability:.2f}",
        finding.entry.word if finding.entry else "",
        _said(finding),
        ", ".join(dict.fromkeys(m.span.document for m in statement.mentions)),
    )


def _said(finding: Finding) -> str:
    """The documents' own verdicts on it, counted."""
    own = [m.row.verified for m in finding.statement.mentions if m.row is not None and m.row.verified is not None]
    told = [f"{own.count(value)} {word}" for value, word in ((True, "verified"), (False, "not")) if value in own]
    return ", ".join(told)


def _fold(finding: Finding) -> Fold:
    claim = finding.statement.claim
    made: list[Block] = [Prose(f"{finding.reason} Probability of being true as stated: {finding.probability:.2f}.")]
    said = dict.fromkeys(f"{_where(m.span)}: “{_line(m.span.text)}”" for m in finding.statement.mentions)
    made += [Prose("Stated in:"), Bullets(tuple(said))]
    for title, passages in (("For it:", finding.supporting), ("Against it:", finding.opposing)):
        if passages:
            lines = dict.fromkeys(_quoted(p) for p in islice(passages, PASSAGES))
            made += [Prose(title), Bullets(tuple(lines))]
    if finding.statement.disagreements:
        made += [Prose("Documents disagree:"), Bullets(finding.statement.disagreements)]
    if finding.checks:
        rows = tuple((STATES[c.state], c.name, c.message) for c in finding.checks)
        made.append(Grid(("", "check", "found"), rows, f"What was checked ({len(rows)})"))
    if finding.entry is not None:
        made.append(Prose(f"Ledger: {finding.entry.sentence}"))
    if finding.command:
        made += [Prose("This would decide it:"), Code(finding.command)]
    return Fold(f"claim-{claim.id}", claim.statement, finding.word, tuple(made))


def _quoted(passage: Passage) -> str:
    return f"{_where(passage.span)}: “{_line(passage.span.text)}”"


def _where(span) -> str:
    return f"{span.document}, page {span.page}, characters {span.start}–{span.end}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _mean(findings: Sequence[Finding]) -> float:
    return sum(f.probability for f in findings) / len(findings)
