"""The registered hypotheses of a confirming study: what was claimed, what was measured, what may be said."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auxjepa.evidence.decision import Outcome
from auxjepa.evidence.verdicts import bracket, probability, signed
from auxjepa.report.plots import Entry, panel
from auxjepa.report.words import Sentence, Strong, join

DASH = "–"
HEAD = ("hypothesis", "claim", "verdict", "in one sentence", "pairs", "p", "p corrected", "suggested by")
WORDS = ("supported", "refuted", "inconclusive", "not testable")
TONES = {"supported": "s3", "refuted": "s2", "inconclusive": "s0", "not testable": "control"}
SHAPES = {"supported": 0, "refuted": 3, "inconclusive": 1, "not testable": 5}


def _told(outcome: Outcome) -> str:
    e = outcome.effect
    if e is None or e.interval is None:
        return outcome.hypothesis.statement
    numbers = f"({signed(e.mean)} {bracket(e.interval)})".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{outcome.hypothesis.statement} {numbers}"


def rows(found: Sequence[Outcome]) -> list[list[str]]:
    """One row a hypothesis (columns: ``HEAD``)."""
    table = []
    for outcome in found:
        hypothesis, verdict, e = outcome.hypothesis, outcome.verdict, outcome.effect
        numbers = [str(e.n), probability(e.p), probability(e.p_adjusted)] if e else [DASH] * 3
        if hypothesis.margin is not None:
            numbers[1] = DASH  # a sign-flip p says nothing about equivalence
        table.append([hypothesis.id, hypothesis.statement, verdict.word, verdict.sentence, *numbers, hypothesis.why])
    return table


def figure(found: Sequence[Outcome]) -> Markup | None:
    """Forest plot of all hypotheses, marks by verdict."""
    entries = [
        Entry(o.hypothesis.id, o.effect, o.verdict.word in WORDS[:2], TONES[o.verdict.word], SHAPES[o.verdict.word])
        for o in found
        if o.effect is not None
    ]
    under = "points, variant minus the hypothesis’s reference"
    return panel("hypotheses-forest", "Registered hypotheses", under, "Differences behind the hypotheses", entries)


def answer(found: Sequence[Outcome]) -> list[Sentence]:
    """What became of the hypotheses, in sentences."""
    if not found:
        return []
    groups = {word: [o for o in found if o.verdict.word == word] for word in WORDS}
    counted = join(f"{len(group)} {word}" for word, group in groups.items() if group)
    noun = "hypothesis" if len(found) == 1 else "hypotheses"
    sentences: list[Sentence] = [[f"Of {len(found)} registered {noun}: {counted}."]]
    sentences += [
        [Strong(word.capitalize()), f": {'; '.join(map(_told, groups[word]))}."] for word in WORDS[:2] if groups[word]
    ]
    undecided = groups["inconclusive"] + groups["not testable"]
    if undecided:
        sentences.append(["Not decided: " + "; ".join(o.hypothesis.statement for o in undecided) + "."])
    return sentences
