"""Verdicts on a study's comparisons: only a registered hypothesis decides, and it decides as its outcome says.

The claims of the ledger are a second list of comparisons on the same rows. A second family of tests on them would
decide what was not registered, and would decide it before the registered seeds are present.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auxjepa.evidence.decisions.decision import Outcome, find_outcome
from auxjepa.evidence.decisions.verdicts import Verdict, Word
from auxjepa.evidence.ledger.claim_comparisons import Direction
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.wording import format_count, format_effect

OPPOSITE: dict[Word, Word] = {"supported": "refuted", "refuted": "supported"}
"""Word on the opposite direction; every other word stays."""


def decide_comparison(
    outcomes: Sequence[Outcome] | None,
    sides: tuple[str | None, str | None],
    benchmark: str,
    regime: str,
    effect: Effect,
    claim: Direction,
) -> Verdict:
    """Return the verdict on the claim that a variant scores above or below a reference.

    Args:
        outcomes: outcomes of the study's registered hypotheses; None where nothing was registered.
        sides: variant and reference, by their names in the study.
        benchmark: benchmark of the study.
        regime: pretraining regime of both sides.
        effect: the paired effect, for comparisons that are not decided.
        claim: 'up' for above the reference, 'down' for below.
    """
    numbers = f"{_points(effect)}, {effect.wins} of {effect.n} seeds higher"
    if outcomes is None:
        why = "nothing is registered here: register this comparison and confirm it on new seeds"
        return Verdict("not testable", f"{numbers}; {why} ({format_count(effect.n, 'paired seed')} here).")
    outcome = find_outcome(outcomes, sides, benchmark, regime)
    if outcome is None:
        return Verdict("not testable", f"{numbers}; this comparison is not a registered hypothesis.")
    hypothesis, verdict = outcome.hypothesis, outcome.verdict
    is_mirrored = hypothesis.variant != sides[0]
    is_up = (hypothesis.claim == "above") != is_mirrored
    is_opposite = is_up != (claim == "up")
    statement = f" ({hypothesis.statement})" if is_opposite or is_mirrored else ""
    return replace(
        verdict,
        word=OPPOSITE.get(verdict.word, verdict.word) if is_opposite else verdict.word,
        sentence=f"{verdict.sentence.rstrip('.')}; registered as {hypothesis.id}{statement}.",
    )


def _points(effect: Effect) -> str:
    mean, _, interval = format_effect(effect).partition(" ")
    return f"{mean} points {interval}".rstrip()
