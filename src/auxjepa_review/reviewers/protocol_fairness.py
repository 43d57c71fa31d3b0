"""Mark whether everything was compared under equal conditions: same probe, same seed, trained networks, and
controls."""

from __future__ import annotations

from auxjepa.lists import shorten_list
from auxjepa_review.records import Dossier, Mark
from auxjepa_review.reviewers.reviewer import first_match, make_mark, own_findings, share_in_words

CHECKS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "trained": ("the compared networks were trained", 3, ()),
    "probe_epochs": (
        "probes were equal",
        2,
        (r"same (?:probe|protocol|budget|number of epochs)", r"identical(?:ly)? (?:probe|protocol|train)"),
    ),
    "same_seed": ("variant and reference share seeds", 2, (r"\bpaired\b[^.]{0,300}seeds?", r"same seeds?")),
    "controls": (
        "controls accompany the scores",
        2,
        (r"random(?:ly)?[- ]init\w*", r"majority[- ]class", r"\bchance\b", r"untrained encoder"),
    ),
}


def review(dossier: Dossier) -> list[Mark]:
    """Return marks by the ledger's checks if it can judge a statement; otherwise by the document's text."""
    with_checks = [f for f in own_findings(dossier) if f.entry is not None and f.entry.checks]
    return [_mark(dossier, with_checks, check, *rule) for check, rule in CHECKS.items() if with_checks or rule[2]]


def _mark(
    dossier: Dossier, with_checks: list, check: str, criterion: str, possible: int, patterns: tuple[str, ...]
) -> Mark:
    if not with_checks:
        passage = first_match(dossier.document.text, *patterns) if patterns else ""
        reason = f"“{passage}”; no results to check it" if passage else "not reported, and no results to check it"
        return make_mark(criterion, possible, 1 if passage else 0, reason)
    problems = {
        f.statement.claim.statement: c.message
        for f in with_checks
        for c in (f.entry.checks if f.entry else ())
        if c.name == check and c.state == "problem"
    }
    share = 1 - len(problems) / len(with_checks)
    first = shorten_list([f"{statement} ({message})" for statement, message in problems.items()], 1)
    reason = share_in_words(len(with_checks) - len(problems), len(with_checks), "compared statements pass") + (
        f"; {first}" if problems else ""
    )
    return make_mark(criterion, possible, share, reason)
