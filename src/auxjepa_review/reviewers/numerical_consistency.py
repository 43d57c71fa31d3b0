"""Mark whether the numbers agree: with the results, with the document's own verdicts, and with each other."""

from __future__ import annotations

import re

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Finding, Mark
from auxjepa_review.reviewers.reviewer import make_mark, own_findings, row_words, share_in_words
from auxjepa_review.verify.units import TRUE_AS_RELATIVE, claimed_numbers, find_unit

CLAIM_COUNT = r"(?<!\d)(\d{1,9})\s+claims?\s+(?:were\s+)?extracted"
VERIFIED_COUNT = r"(?<!\d)(\d{1,9})\s+(?:were\s+)?(?:independently\s+)?verified"
REPEATED = {
    "papers retrieved": r"(?:yielded\s+(\d{1,9})\s+papers|(?<!\d)(\d{1,9})\s+papers?\s+retrieved)",
    "quality score": r"quality\s+(?:review\s+)?score(?:\s+of|:)?\s*(\d{1,9}(?:\.\d{1,9})?)\s*/\s*10",
    "claims extracted": CLAIM_COUNT,
}


def review(dossier: Dossier) -> list[Mark]:
    """Return the marks of four criteria. Only statements that evidence decides count."""
    marks = []
    for rule in (_against_results, _own_verdicts, _counts, _repetitions):
        result = rule(dossier)
        if result is not None:
            marks.append(result)
    return marks


def _against_results(dossier: Dossier) -> Mark | None:
    """Mark the agreement with results. A number with the wrong unit counts half."""
    decided = [f for f in own_findings(dossier) if f.word in ("supported", "contradicted")]
    if not decided:
        return None
    contradicted = [f for f in decided if f.word == "contradicted"]
    percent = [f for f in decided if f.word == "supported" and _percent(f, dossier)]
    examples = f": {shorten_list([f.statement.claim.statement for f in contradicted], 2)}" if contradicted else ""
    reason = share_in_words(len(decided) - len(contradicted), len(decided), f"decided statements agree{examples}")
    if percent:
        reason += (
            f"; points that are called percent count half: {shorten_list([_percent(f, dossier) for f in percent], 2)}"
        )
    return make_mark("numbers agree with results", 4, 1 - (len(contradicted) + len(percent) / 2) / len(decided), reason)


def _percent(finding: Finding, dossier: Dossier) -> str:
    """Return a sentence that calls the points of a supported statement percent; '' if there is none."""
    claim = finding.statement.claim
    if claim.kind not in ("difference", "range") or TRUE_AS_RELATIVE in finding.reason:
        return ""
    here = [m.span.text for m in finding.statement.mentions if m.span.document == dossier.document.id]
    return next((" ".join(text.split()) for text in here if find_unit(claimed_numbers(claim), text) == "percent"), "")


def _own_verdicts(dossier: Dossier) -> Mark | None:
    """Mark the document's own column 'verified' against the findings, row by row."""
    right, wrong = 0, []
    word_by_row = row_words(dossier)
    for row in dossier.document.rows:
        word = word_by_row[row.number]
        if row.verified is None or word not in ("supported", "contradicted"):
            continue
        if row.verified == (word == "supported"):
            right += 1
        else:
            wrong.append(f"row {row.number} ({'verified' if row.verified else 'not verified'}, but {word})")
    if not right + len(wrong):
        return None
    examples = f"; wrong: {shorten_list(wrong)}" if wrong else ""
    reason = share_in_words(right, right + len(wrong), f"own verdicts are right{examples}")
    return make_mark("own verdicts are right", 3, right / (right + len(wrong)), reason)


def _counts(dossier: Dossier) -> Mark | None:
    """Mark the counts in the prose against the rows of the table."""
    rows, text = dossier.document.rows, dossier.document.text
    checks = []
    if rows:
        verified = sum(row.verified is True for row in rows)
        for pattern, in_table, what in ((CLAIM_COUNT, len(rows), "claims"), (VERIFIED_COUNT, verified, "verified")):
            checks += [
                (n == in_table, f"{n:g} {what} in the text, {in_table} in the table") for n in _numbers(pattern, text)
            ]
    if not checks:
        return None
    wrong = [message for agrees, message in checks if not agrees]
    reason = shorten_list(wrong) if wrong else f"{len(checks)} counts agree with the table"
    return make_mark("counts agree with the table", 2, 1 - len(wrong) / len(checks), reason)


def _repetitions(dossier: Dossier) -> Mark | None:
    """Mark whether repeated numbers are equal."""
    numbers_by_name = {
        name: sorted(set(_numbers(pattern, dossier.document.text))) for name, pattern in REPEATED.items()
    }
    numbers_by_name = {name: numbers for name, numbers in numbers_by_name.items() if numbers}
    conflicts = [
        f"{name}: {' and '.join(f'{n:g}' for n in numbers)}"
        for name, numbers in numbers_by_name.items()
        if len(numbers) > 1
    ]
    conflicts += _contradictions(dossier)
    if not numbers_by_name and not conflicts:
        return None
    reason = shorten_list(conflicts) if conflicts else f"{shorten_list(list(numbers_by_name))}: equal in every place"
    return make_mark("says the same throughout", 1, 0 if conflicts else 1, reason)


def _contradictions(dossier: Dossier) -> list[str]:
    """Return the comparisons with different numbers in different places."""
    by_comparison: dict[tuple[object, ...], dict[tuple[object, ...], str]] = {}
    for finding in own_findings(dossier):
        claim = finding.statement.claim
        comparison = (claim.kind, claim.regime, claim.variants, claim.reference, claim.benchmarks, claim.among)
        numbers = (claim.expected, claim.low, claim.high, claim.count, claim.of)
        if any(n is not None for n in numbers):
            by_comparison.setdefault(comparison, {})[numbers] = claim.statement
    return [" but ".join(statements.values()) for statements in by_comparison.values() if len(statements) > 1]


def _numbers(pattern: str, text: str) -> list[float]:
    return [float(next(g for g in m.groups() if g)) for m in re.finditer(pattern, text, re.IGNORECASE)]
