"""Do its numbers carry what is concluded from them: seeds, intervals, tests, sizes, and differences beyond noise?"""

from __future__ import annotations

from collections import Counter

from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import mark, own, part, says, words

TOLD = {
    "seeds are told": (r"\b(?:\d+|several|multiple|two|three|four|five|ten)\s+(?:\w+\s+)?seeds?\b", r"\bseeds?\s+\d+"),
    "uncertainty is told": (
        r"confidence interval",
        r"\b95\s*%\s*CI\b",
        r"±\s*\d",
        r"standard (?:deviation|error)",
        r"\d\s*\[\s*[+\-−]?\d[\d.]*\s*(?:,|–|to)\s*[+\-−]?\d[\d.]*\s*\]",
        r"bootstrap",
    ),
    "tests are told": (r"\bp\s*[<=>]\s*0?\.\d", r"permutation test", r"sign[- ]flip", r"\bt[- ]test\b", r"mcnemar"),
    "comparisons are corrected": (
        r"\bholm\b",
        r"bonferroni",
        r"benjamini",
        r"multiple comparisons",
        r"false discovery",
    ),
    "test size is told": (
        r"(?<![\w,])\d[\d,]*+\s+(?:test|evaluation)\s+(?:clips|videos|images|examples|samples)",
        r"\bn\s*=\s*\d+",
    ),
}
NOISE = ("seeds", "sampling", "identical", "test_size")
"""Checks of the ledger that say whether noise alone could make a difference."""


def review(dossier: Dossier) -> list[Mark]:
    """Five things that should be told, then what the ledger's checks and its own confidences say."""
    text = dossier.document.text
    marks = []
    for name, patterns in TOLD.items():
        found = says(text, *patterns)
        marks.append(mark(name, 1, 1 if found else 0, f"“{found}”" if found else "not a word of it"))
    return [*marks, *_noise(dossier), *_confidences(dossier)]


def _noise(dossier: Dossier) -> list[Mark]:
    judged = [f.entry for f in own(dossier) if f.entry is not None and f.entry.checks]
    if not judged:
        return []
    problems = [{c.name for c in entry.checks if c.state == "problem" and c.name in NOISE} for entry in judged]
    clear = sum(not names for names in problems)
    counted = Counter(name for names in problems for name in names)
    told = ", ".join(f"{name} {n}" for name, n in counted.most_common())
    reason = part(clear, len(judged), "compared statements are beyond noise" + (f" (problems: {told})" if told else ""))
    return [mark("differences are beyond noise", 3, clear / len(judged), reason)]


def _confidences(dossier: Dossier) -> list[Mark]:
    """Its confidences as probabilities that a row is true: the Brier score against always saying one half."""
    found = words(dossier)
    told = [
        (row.confidence, found[row.number] == "supported")
        for row in dossier.document.rows
        if row.confidence is not None and found[row.number] in ("supported", "contradicted")
    ]
    if not told:
        return []
    brier = sum((p - truth) ** 2 for p, truth in told) / len(told)
    reason = f"Brier score {brier:.2f} on {len(told)} decided rows; saying 0.5 always gives 0.25"
    return [mark("confidences mean something", 2, 1 - brier / 0.25, reason)]
