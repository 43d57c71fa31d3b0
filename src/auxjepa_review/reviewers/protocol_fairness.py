"""Was everything compared under equal conditions: same probe, same seed, trained networks, controls beside them?"""

from __future__ import annotations

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import mark, own, part, says

CHECKS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "trained": ("the compared networks were trained", 3, ()),
    "probe_epochs": (
        "probes were equal",
        2,
        (r"same (?:probe|protocol|budget|number of epochs)", r"identical(?:ly)? (?:probe|protocol|train)"),
    ),
    "same_seed": ("variant and reference share seeds", 2, (r"\bpaired\b[^.]{0,300}seeds?", r"same seeds?")),
    "controls": (
        "controls stand beside the scores",
        2,
        (r"random(?:ly)?[- ]init\w*", r"majority[- ]class", r"\bchance\b", r"untrained encoder"),
    ),
}


def review(dossier: Dossier) -> list[Mark]:
    """By the ledger's checks where it can judge a statement; otherwise by what the document tells."""
    judged = [f for f in own(dossier) if f.entry is not None and f.entry.checks]
    return [_mark(dossier, judged, check, *rule) for check, rule in CHECKS.items() if judged or rule[2]]


def _mark(dossier: Dossier, judged: list, check: str, criterion: str, possible: int, told: tuple[str, ...]) -> Mark:
    if not judged:
        found = says(dossier.document.text, *told) if told else ""
        reason = f"“{found}”; nothing to check it against" if found else "not told, and nothing to check it against"
        return mark(criterion, possible, 1 if found else 0, reason)
    problems = {
        f.statement.claim.statement: c.message
        for f in judged
        for c in (f.entry.checks if f.entry else ())
        if c.name == check and c.state == "problem"
    }
    share = 1 - len(problems) / len(judged)
    first = shorten_list([f"{statement} ({message})" for statement, message in problems.items()], 1)
    reason = part(len(judged) - len(problems), len(judged), "compared statements pass") + (
        f"; {first}" if problems else ""
    )
    return mark(criterion, possible, share, reason)
