"""The section on the registered hypotheses of a confirming study: claims, effects and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auxjepa.evidence.decisions.decision import Outcome
from auxjepa.evidence.decisions.verdicts import DECIDED
from auxjepa.evidence.wording import DASH, format_effect, format_p, join_words
from auxjepa.report.forest import ForestLine, forest_plot
from auxjepa.report.sentences import Sentence, Strong, keep_together

HEAD = ("hypothesis", "claim", "verdict", "in one sentence", "pairs", "p", "p corrected", "suggested by")
WORDS = ("supported", "refuted", "flagged", "inconclusive", "not testable")
TONES = {"supported": "s3", "refuted": "s2", "flagged": "s6", "inconclusive": "s0", "not testable": "control"}
SHAPES = {"supported": 0, "refuted": 3, "flagged": 2, "inconclusive": 1, "not testable": 5}


def rows(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """Return one row a hypothesis (columns: ``HEAD``).

    Args:
        outcomes: outcomes of the hypotheses.
    """
    table = []
    for outcome in outcomes:
        hypothesis, verdict, e = outcome.hypothesis, outcome.verdict, outcome.effect
        numbers = [str(e.n), format_p(e.p), format_p(e.p_adjusted)] if e else [DASH] * 3
        if hypothesis.margin is not None:
            numbers[1] = DASH  # a sign-flip p says nothing about equivalence
        table.append([hypothesis.id, hypothesis.statement, verdict.word, verdict.sentence, *numbers, hypothesis.why])
    return table


def figure(outcomes: Sequence[Outcome]) -> Markup | None:
    """Return a forest plot of all hypotheses; marks show the verdicts.

    Args:
        outcomes: outcomes of the hypotheses.
    """
    lines = [
        ForestLine(o.hypothesis.id, o.effect, o.verdict.word in DECIDED, TONES[o.verdict.word], SHAPES[o.verdict.word])
        for o in outcomes
        if o.effect is not None
    ]
    subtitle = "points, variant minus the hypothesis’s reference"
    title = "Differences that the hypotheses are about"
    return forest_plot("hypotheses-forest", "Registered hypotheses", subtitle, title, lines)


def answer(outcomes: Sequence[Outcome]) -> list[Sentence]:
    """Return the outcomes of the hypotheses in sentences.

    Args:
        outcomes: outcomes of the hypotheses.
    """
    if not outcomes:
        return []
    groups = {word: [o for o in outcomes if o.verdict.word == word] for word in WORDS}
    counts = join_words(f"{len(group)} {word}" for word, group in groups.items() if group)
    noun = "hypothesis" if len(outcomes) == 1 else "hypotheses"
    sentences: list[Sentence] = [[f"Of {len(outcomes)} registered {noun}: {counts}."]]
    sentences += [
        [Strong(word.capitalize()), f": {'; '.join(map(_statement, groups[word]))}."]
        for word in DECIDED
        if groups[word]
    ]
    if groups["flagged"]:
        flagged = "; ".join(f"{_statement(o)}: {', '.join(f.name for f in o.verdict.flags)}" for o in groups["flagged"])
        start = " (the test is significant, but it does not decide the claim): "
        sentences.append([Strong("Flagged"), f"{start}{flagged}."])
    undecided = groups["inconclusive"] + groups["not testable"]
    if undecided:
        sentences.append(["Not decided: " + "; ".join(o.hypothesis.statement for o in undecided) + "."])
    return sentences


def _statement(outcome: Outcome) -> str:
    if outcome.effect is None or outcome.effect.interval is None:
        return outcome.hypothesis.statement
    return f"{outcome.hypothesis.statement} {keep_together(f'({format_effect(outcome.effect)})')}"
