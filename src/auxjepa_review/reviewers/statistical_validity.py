"""Mark whether the numbers support the conclusions: seeds, intervals, tests, sizes, and differences beyond noise."""

from __future__ import annotations

from collections import Counter

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import first_match, make_mark, own_findings, row_words, share_in_words

REPORTED = {
    "seeds are reported": (
        r"\b(?:\d+|several|multiple|two|three|four|five|ten)\s+(?:\w+\s+)?seeds?\b",
        r"\bseeds?\s+\d+",
    ),
    "uncertainty is reported": (
        r"confidence interval",
        r"\b95\s*%\s*CI\b",
        r"±\s*\d",
        r"standard (?:deviation|error)",
        r"\d\s*\[\s*[+\-−]?\d[\d.]*\s*(?:,|–|to)\s*[+\-−]?\d[\d.]*\s*\]",
        r"bootstrap",
    ),
    "tests are reported": (r"\bp\s*[<=>]\s*0?\.\d", r"permutation test", r"sign[- ]flip", r"\bt[- ]test\b", r"mcnemar"),
    "comparisons are corrected": (
        r"\bholm\b",
        r"bonferroni",
        r"benjamini",
        r"multiple comparisons",
        r"false discovery",
    ),
    "test size is reported": (
        r"(?<![\w,])\d[\d,]*+\s+(?:test|evaluation)\s+(?:clips|videos|images|examples|samples)",
        r"\bn\s*=\s*\d+",
    ),
}
NOISE = ("seeds", "sampling", "identical", "test_size")
"""Checks of the ledger that show whether noise alone could cause a difference."""


def review(dossier: Dossier) -> list[Mark]:
    """Return marks for five items that a document should report, for the ledger's checks, and for its own
    confidences."""
    text = dossier.document.text
    marks = []
    for name, patterns in REPORTED.items():
        passage = first_match(text, *patterns)
        marks.append(make_mark(name, 1, 1 if passage else 0, f"“{passage}”" if passage else "not reported"))
    return [*marks, *_noise(dossier), *_confidences(dossier)]


def _noise(dossier: Dossier) -> list[Mark]:
    entries = [f.entry for f in own_findings(dossier) if f.entry is not None and f.entry.checks]
    if not entries:
        return []
    problems = [{c.name for c in entry.checks if c.state == "problem" and c.name in NOISE} for entry in entries]
    clear = sum(not names for names in problems)
    counted = Counter(name for names in problems for name in names)
    counts = ", ".join(f"{name} {n}" for name, n in counted.most_common())
    reason = share_in_words(
        clear, len(entries), "compared statements are beyond noise" + (f" (problems: {counts})" if counts else "")
    )
    return [make_mark("differences are beyond noise", 3, clear / len(entries), reason)]


def _confidences(dossier: Dossier) -> list[Mark]:
    """Mark the confidences as probabilities that a row is true: their Brier score against a constant one half."""
    word_by_row = row_words(dossier)
    pairs = [
        (row.confidence, word_by_row[row.number] == "supported")
        for row in dossier.document.rows
        if row.confidence is not None and word_by_row[row.number] in ("supported", "contradicted")
    ]
    if not pairs:
        return []
    brier = sum((p - truth) ** 2 for p, truth in pairs) / len(pairs)
    reason = f"Brier score {brier:.2f} on {len(pairs)} decided rows; a constant 0.5 gives 0.25"
    return [make_mark("confidences mean something", 2, 1 - brier / 0.25, reason)]
