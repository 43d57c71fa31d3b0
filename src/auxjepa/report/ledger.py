"""The claims ledger of a report: every claim of the documents, judged by this study's own rows."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence import claims, ledger
from auxjepa.evidence.entry import Entry, tally
from auxjepa.evidence.folder import Study
from auxjepa.evidence.measured import SETTING, measured
from auxjepa.report.words import join

HEAD = ("claim", "statement", "verdict", "in one sentence", "kind", "documents say", "results")
FACETS = (2, 4, 5)
"""Columns that a reader may choose a value of."""


def collect(study: Study) -> list[Entry]:
    """Every claim against every pretraining regime of the study; none where there is no score yet."""
    regimes = list(dict.fromkeys(row.regime for row in study.rows if row.control is None))
    known = claims.load().claims if regimes else ()
    found = []
    for regime in regimes:
        entries = ledger.verify(known, measured(study, regime))
        several = len(regimes) > 1
        found += [e.model_copy(update={"results": f"{e.results} ({regime})"}) if several else e for e in entries]
    return found


def rows(entries: Sequence[Entry]) -> list[list[str]]:
    """One row a claim (columns: ``HEAD``), what this study can judge first."""
    names = {entry.results for entry in entries}
    several = names if len(names) > 1 else ()
    order = ("supported", "refuted", "inconclusive", "not testable")
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
        for entry in sorted(entries, key=lambda e: order.index(e.word))
    ]


def summary(entries: Sequence[Entry]) -> str:
    """How many claims have which verdict."""
    counted = tally(entries)
    told = join(f"{n} {word}" for word, n in counted.items() if n)
    of = len({entry.claim.id for entry in entries if entry.claim.kind != "question"})
    rounds = f", each in {regimes} pretraining regimes" if (regimes := len({e.results for e in entries})) > 1 else ""
    return f"Of {of} claims{rounds}: {told}." if told else ""
