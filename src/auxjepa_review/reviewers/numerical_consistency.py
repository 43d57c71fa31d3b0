"""Do the numbers agree: with the results they are taken from, with the document's own verdicts, with one another?"""

from __future__ import annotations

import re

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Finding, Mark
from auxjepa_review.reviewers.reviewer import mark, own, part, words
from auxjepa_review.verify.units import TRUE_AS_RELATIVE, claimed, unit

CLAIMS_SAID = r"(?<!\d)(\d{1,9})\s+claims?\s+(?:were\s+)?extracted"
VERIFIED_SAID = r"(?<!\d)(\d{1,9})\s+(?:were\s+)?(?:independently\s+)?verified"
REPEATED = {
    "papers retrieved": r"(?:yielded\s+(\d{1,9})\s+papers|(?<!\d)(\d{1,9})\s+papers?\s+retrieved)",
    "quality score": r"quality\s+(?:review\s+)?score(?:\s+of|:)?\s*(\d{1,9}(?:\.\d{1,9})?)\s*/\s*10",
    "claims extracted": CLAIMS_SAID,
}


def review(dossier: Dossier) -> list[Mark]:
    """Four criteria; only statements that evidence decides count."""
    marks = []
    for rule in (_against_results, _own_verdicts, _counts, _repeated):
        made = rule(dossier)
        if made is not None:
            marks.append(made)
    return marks


def _against_results(dossier: Dossier) -> Mark | None:
    """A number that is in the table counts half where its document gives it a unit that it doesn't have."""
    decided = [f for f in own(dossier) if f.word in ("supported", "contradicted")]
    if not decided:
        return None
    wrong = [f for f in decided if f.word == "contradicted"]
    percent = [f for f in decided if f.word == "supported" and _percent(f, dossier)]
    told = f": {shorten_list([f.statement.claim.statement for f in wrong], 2)}" if wrong else ""
    reason = part(len(decided) - len(wrong), len(decided), f"decided statements agree{told}")
    if percent:
        reason += (
            f"; points that are called percent count half: {shorten_list([_percent(f, dossier) for f in percent], 2)}"
        )
    return mark("numbers agree with results", 4, 1 - (len(wrong) + len(percent) / 2) / len(decided), reason)


def _percent(finding: Finding, dossier: Dossier) -> str:
    """A sentence of the document that calls the points of a supported statement percent; '' where none does."""
    claim = finding.statement.claim
    if claim.kind not in ("difference", "range") or TRUE_AS_RELATIVE in finding.reason:
        return ""
    here = [m.span.text for m in finding.statement.mentions if m.span.document == dossier.document.id]
    return next((" ".join(text.split()) for text in here if unit(claimed(claim), text) == "percent"), "")


def _own_verdicts(dossier: Dossier) -> Mark | None:
    """Its own column 'verified' against what verification found, row by row."""
    right, wrong = 0, []
    found = words(dossier)
    for row in dossier.document.rows:
        word = found[row.number]
        if row.verified is None or word not in ("supported", "contradicted"):
            continue
        if row.verified == (word == "supported"):
            right += 1
        else:
            wrong.append(f"row {row.number} ({'verified' if row.verified else 'not verified'}, but {word})")
    if not right + len(wrong):
        return None
    told = f"; wrong: {shorten_list(wrong)}" if wrong else ""
    reason = part(right, right + len(wrong), f"own verdicts are right{told}")
    return mark("own verdicts are right", 3, right / (right + len(wrong)), reason)


def _counts(dossier: Dossier) -> Mark | None:
    """What the prose counts, against the rows of the table."""
    rows, text = dossier.document.rows, dossier.document.text
    checks = []
    if rows:
        verified = sum(row.verified is True for row in rows)
        for pattern, there, what in ((CLAIMS_SAID, len(rows), "claims"), (VERIFIED_SAID, verified, "verified")):
            checks += [(n == there, f"{n:g} {what} said, {there} in the table") for n in _numbers(pattern, text)]
    if not checks:
        return None
    wrong = [told for good, told in checks if not good]
    reason = shorten_list(wrong) if wrong else f"{len(checks)} counts agree with the table"
    return mark("counts agree with the table", 2, 1 - len(wrong) / len(checks), reason)


def _repeated(dossier: Dossier) -> Mark | None:
    """What is said twice is said alike."""
    said = {name: sorted(set(_numbers(pattern, dossier.document.text))) for name, pattern in REPEATED.items()}
    said = {name: numbers for name, numbers in said.items() if numbers}
    odd = [f"{name}: {' and '.join(f'{n:g}' for n in numbers)}" for name, numbers in said.items() if len(numbers) > 1]
    odd += _contradictions(dossier)
    if not said and not odd:
        return None
    reason = shorten_list(odd) if odd else f"{shorten_list(list(said))}: said alike wherever they are said"
    return mark("says the same throughout", 1, 0 if odd else 1, reason)


def _contradictions(dossier: Dossier) -> list[str]:
    """Comparisons for which the document gives different numbers in different places."""
    said: dict[tuple[object, ...], dict[tuple[object, ...], str]] = {}
    for finding in own(dossier):
        claim = finding.statement.claim
        about = (claim.kind, claim.regime, claim.variants, claim.reference, claim.benchmarks, claim.among)
        numbers = (claim.expected, claim.low, claim.high, claim.count, claim.of)
        if any(n is not None for n in numbers):
            said.setdefault(about, {})[numbers] = claim.statement
    return [" but ".join(statements.values()) for statements in said.values() if len(statements) > 1]


def _numbers(pattern: str, text: str) -> list[float]:
    return [float(next(g for g in m.groups() if g)) for m in re.finditer(pattern, text, re.IGNORECASE)]
