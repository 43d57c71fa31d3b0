"""The section on the claims ledger: every claim of the documents against the rows of this study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from auxjepa.evidence.decisions.verdicts import Word
from auxjepa.evidence.ledger.entry import Entry, describe_untested, tally
from auxjepa.evidence.ledger.study_claims import SETTING
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.wording import join_words

HEAD = ("claim", "statement", "verdict", "in one sentence", "kind", "documents say", "results")
FACETS = (2, 4, 5)
"""Columns that a reader can filter by value."""
ORDER: tuple[Word, ...] = get_args(Word)


def rows(entries: Sequence[Entry]) -> list[list[str]]:
    """Return one row a claim (columns: ``HEAD``), decided claims first; nothing where no claim can be compared.

    Args:
        entries: entries of the ledger.
    """
    if describe_untested(entries):
        return []
    names = {entry.results for entry in entries}
    several = names if len(names) > 1 else ()
    return [
        [
            entry.claim.id if entry.results not in several else f"{entry.claim.id} in {entry.results}",
            entry.claim.statement,
            entry.word,
            entry.sentence.removeprefix(f"{entry.word.capitalize()} {SETTING}: "),
            entry.claim.kind,
            entry.claim.verdicts or ("a question" if entry.claim.document else "released code"),
            entry.results,
        ]
        for entry in sorted(entries, key=lambda e: ORDER.index(e.word))
    ]


def summary(entries: Sequence[Entry]) -> str:
    """Return the number of claims by verdict, or that none can be compared, in one sentence.

    Args:
        entries: entries of the ledger.
    """
    if untested := describe_untested(entries):
        return f"{untested} auxjepa claims verify --results DIR --full lists each with its reason."
    counts = join_words(f"{n} {word}" for word, n in tally(entries).items() if n)
    claims = len({entry.claim.id for entry in entries if entry.claim.kind != "question"})
    regimes = len({e.results for e in entries})
    rounds = f", each in {regimes} pretraining regimes" if regimes > 1 else ""
    return f"Of {claims} claims{rounds}: {counts}." if counts else ""


def explain(study: Study) -> str:
    """Return how the claims are compared with this study, and which of them it decides.

    Args:
        study: the study.
    """
    if study.decides:
        decided = (
            "Only comparisons that are registered hypotheses are decided, by the outcomes of these hypotheses. Every "
            "other comparison is not testable, and its mean is shown."
        )
    elif study.registered is not None:
        decided = "The registration does not bind, so no claim is decided."
    else:
        decided = "No comparison is registered, so no claim is decided."
    return (
        "Each claim is compared here with the results of this study, which is not the published setting. So the "
        f"direction counts and the published size does not. {decided} auxjepa claims verify --results published "
        "compares the same claims with the published table."
    )
