"""Show statements in a report: summary, tables by document, contradictions, and every claim with its passages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import get_args

from auxjepa.evidence.wording import format_count
from auxjepa_review.records import Document, Finding, Passage, Word
from auxjepa_review.report.blocks import Block, Bullets, Code, Fold, Grid, Prose
from auxjepa_review.verify import combine_words, group_by_row

HEAD = ("claim", "statement", "verdict", "probability", "ledger", "documents say", "documents")
FACETS = (2, 4, 5)
PASSAGES = 3
STATES = {"ok": "✓", "problem": "✗", "unknown": "?"}


def summary(findings: Sequence[Finding]) -> str:
    """Return the number of statements with each verdict, and their mean probability."""
    if not findings:
        return "No claim that could be checked was found."
    parts = []
    for word in get_args(Word):
        with_word = [f for f in findings if f.word == word]
        if with_word:
            parts.append(f"{len(with_word)} {word} (mean probability of being true {_mean(with_word):.2f})")
    return f"{format_count(len(findings), 'statement')}: {'; '.join(parts)}."


def by_document(documents: Sequence[Document], findings: Sequence[Finding]) -> Grid | None:
    """Return a table of the statements of every document by verdict; None without statements."""
    if not findings:
        return None
    words = get_args(Word)
    body = []
    for document in documents:
        stated = [f for f in findings if f.stated_in(document.id)]
        body.append((document.id, str(len(stated)), *(str(sum(f.word == word for f in stated)) for word in words)))
    return Grid(("document", "statements", *words), tuple(body), "Verdicts on the statements of each document")


def own_verdicts(documents: Sequence[Document], findings: Sequence[Finding]) -> Grid | None:
    """Return a table of the documents' own column 'verified' compared with the evidence, over rows that evidence
    decides."""
    rows = group_by_row(findings)
    body = []
    for document in documents:
        marked = [row for row in document.rows if row.verified is not None]
        words = {row.number: combine_words(f.word for f in rows.get((document.id, row.number), [])) for row in marked}
        decided = [row for row in marked if words[row.number] in ("supported", "contradicted")]
        if not marked:
            continue
        right = sum(row.verified == (words[row.number] == "supported") for row in decided)
        false_rows = [row for row in decided if words[row.number] == "contradicted"]
        detected = sum(row.verified is False for row in false_rows)
        body.append(
            (
                document.id,
                str(len(marked)),
                str(sum(row.verified is True for row in marked)),
                str(len(decided)),
                f"{right} of {len(decided)}",
                f"{detected} of {len(false_rows)}",
            )
        )
    if not body:
        return None
    head = ("document", "rows", "called verified", "decided by evidence", "own verdict right", "false rows detected")
    return Grid(head, tuple(body), "The documents' own verdicts, row by row")


def contradictions(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return a line for each statement that documents disagree on."""
    return tuple(
        f"{f.statement.claim.statement}: {'; '.join(f.statement.disagreements)}"
        for f in findings
        if f.statement.disagreements
    )


def blocks(findings: Sequence[Finding]) -> tuple[Block, ...]:
    """Return a table of all statements, and a fold for each of them."""
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
        _own_verdict_counts(finding),
        ", ".join(dict.fromkeys(m.span.document for m in statement.mentions)),
    )


def _own_verdict_counts(finding: Finding) -> str:
    """Return the counts of the documents' own verdicts on a statement."""
    verdicts = [m.row.verified for m in finding.statement.mentions if m.row is not None and m.row.verified is not None]
    counts = [
        f"{verdicts.count(value)} {word}" for value, word in ((True, "verified"), (False, "not")) if value in verdicts
    ]
    return ", ".join(counts)


def _fold(finding: Finding) -> Fold:
    claim = finding.statement.claim
    blocks: list[Block] = [Prose(f"{finding.reason} Probability of being true as stated: {finding.probability:.2f}.")]
    places = dict.fromkeys(f"{_where(m.span)}: “{_on_one_line(m.span.text)}”" for m in finding.statement.mentions)
    blocks += [Prose("Stated in:"), Bullets(tuple(places))]
    for title, passages in (("For it:", finding.supporting), ("Against it:", finding.opposing)):
        if passages:
            lines = dict.fromkeys(_quoted(p) for p in islice(passages, PASSAGES))
            blocks += [Prose(title), Bullets(tuple(lines))]
    if finding.statement.disagreements:
        blocks += [Prose("Documents disagree:"), Bullets(finding.statement.disagreements)]
    if finding.checks:
        rows = tuple((STATES[c.state], c.name, c.message) for c in finding.checks)
        blocks.append(Grid(("", "check", "result"), rows, f"Checks ({len(rows)})"))
    if finding.entry is not None:
        blocks.append(Prose(f"Ledger: {finding.entry.sentence}"))
    if finding.command:
        blocks += [Prose("This command would decide it:"), Code(finding.command)]
    return Fold(f"claim-{claim.id}", claim.statement, finding.word, tuple(blocks))


def _quoted(passage: Passage) -> str:
    return f"{_where(passage.span)}: “{_on_one_line(passage.span.text)}”"


def _where(span) -> str:
    return f"{span.document}, page {span.page}, characters {span.start}–{span.end}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _mean(findings: Sequence[Finding]) -> float:
    return sum(f.probability for f in findings) / len(findings)
