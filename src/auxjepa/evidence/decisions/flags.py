"""Flags: reasons why a test that passes does not decide its claim, each with one sentence.

A test compares scores. It does not know whether the networks were trained, whether the benchmark can show a difference,
or whether its own assumptions hold. A flag names such a fault, and takes the words "supported" and "refuted" away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from auxjepa.evidence.statistics.bounds import undoing_bounds
from auxjepa.evidence.statistics.intervals import t_interval
from auxjepa.evidence.statistics.records import ComparisonError, CorrectnessReader, Effect, FaultReader
from auxjepa.evidence.wording import format_count, format_number, format_signed, format_signed_interval
from auxjepa.rows import MEAN_OF_MARKS, Row
from auxjepa.runs.health import COLLAPSED, HEALTHY, NARROW, SHRINKING

RANDOM_INIT = "random_init"
PERCENT = (0.0, 100.0)
"""Lowest and highest score of metrics that are shares of correct marks."""
CEILING = 99.0
"""Mean score from which a side is at the ceiling, in percent."""


@dataclass(frozen=True)
class Flag:
    """One reason that takes the word away.

    Args:
        name: short name, for tables.
        message: the reason in words, without a final stop.
    """

    name: str
    message: str


@dataclass(frozen=True)
class FlagContext:
    """Facts on the two sides of a comparison, in addition to its scores.

    Args:
        variant: rows of the variant.
        reference: rows of the reference.
        random_init: rows of the control ``random_init`` on the same benchmark.
        planned_random_init: seeds on which a random-init score is registered.
        guess: score of an answer without features (chance, or the most frequent class); None where it is not known.
        health: word on the health of a run by its content hash; empty where no run has one, None to leave it out.
        correct: reads the marks of a row.
        marks_fault: reads the fault of the marks of a row; None to leave it out.
        suspects: runs that agree with another one more than two trainings do.
        margin: margin of an equivalence; None for a directional claim.
    """

    variant: tuple[Row, ...]
    reference: tuple[Row, ...]
    random_init: tuple[Row, ...] = ()
    planned_random_init: frozenset[int] = frozenset()
    guess: float | None = None
    health: Mapping[str, str] | None = None
    correct: CorrectnessReader | None = None
    marks_fault: FaultReader | None = None
    suspects: Collection[str] = ()
    margin: float | None = None

    @property
    def sides(self) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """Rows of the variant and of the reference."""
        return self.variant, self.reference

    @property
    def has_random_side(self) -> bool:
        """Return whether a side is the control ``random_init``."""
        return any(row.control == RANDOM_INIT for side in self.sides for row in side)

    @property
    def is_percent(self) -> bool:
        """Return whether scores go from 0 to 100."""
        return all(row.metric in MEAN_OF_MARKS for row in self.reference)


def list_flags(effect: Effect, context: FlagContext) -> tuple[Flag, ...]:
    """Return every flag of a comparison. They matter only if its test is significant.

    Args:
        effect: the paired effect, corrected for its family.
        context: facts on its two sides.
    """
    if effect.n < 2:
        return ()
    checks = (
        _contradicting,
        _suspected_copies,
        _unhealthy,
        _unknown_health,
        _not_above_random,
        _at_floor,
        _at_ceiling,
        _few_clips,
        _median,
        _near_bound,
    )
    return tuple(flag for check in checks for flag in check(effect, context))


def list_unchecked(context: FlagContext) -> tuple[str, ...]:
    """Return what could not be checked for a comparison, because it was not measured or is not in the folder.

    Args:
        context: facts on its two sides.
    """
    unchecked = []
    if not context.has_random_side and not context.random_init and not context.planned_random_init:
        unchecked.append("whether the reference is above random init" + _describe_narrow(context))
    if not any(_marks(row, context) is not None for side in context.sides for row in side):
        unchecked.append("the doubt from the test clips")
    return tuple(unchecked)


def _describe_narrow(context: FlagContext) -> str:
    """Return how many runs of the reference are narrow, which is a reason to score random init; '' below half."""
    words = [(context.health or {}).get(row.run) for row in context.reference if row.control is None]
    narrow = words.count(NARROW)
    return f" ({narrow} of its {len(words)} runs are narrow)" if narrow and 2 * narrow >= len(words) else ""


def _contradicting(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag scores that are not the mean of their marks, those of random init among them."""
    if context.marks_fault is None:
        return []
    rows = [row for rows in (*context.sides, context.random_init) for row in rows if row.seed in effect.seeds]
    false = sum(context.marks_fault(row) == "contradicting" for row in rows)
    if not false:
        return []
    return [Flag("scores contradict marks", f"{false} of {len(rows)} scores are not the mean of their marks")]


def _suspected_copies(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag networks that may be copies. Their scores count, because the evidence is not complete."""
    rows = [row for rows in context.sides for row in rows if row.seed in effect.seeds]
    suspected = sum(row.run in context.suspects for row in rows)
    if not suspected:
        return []
    why = f"{suspected} of {len(rows)} networks agree with another one more than two trainings do"
    return [Flag("suspected copies", why)]


def _unhealthy(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag collapsed runs of a side, and shrinking runs of the reference or of a variant that is not above it."""
    flags = []
    health = context.health or {}
    for role, rows in zip(("variant", "reference"), context.sides, strict=True):
        paired = [row for row in rows if row.seed in effect.seeds and row.control is None]
        words = [health.get(row.run) for row in paired]
        name = f"the reference {effect.reference}" if role == "reference" else effect.variant
        collapsed, shrinking = words.count(COLLAPSED), words.count(SHRINKING)
        is_winner = role == "variant" and context.margin is None and effect.mean > 0
        if collapsed:
            verb = "collapsed" if collapsed == len(words) else "collapsed, so not all of its runs were trained"
            flags.append(Flag(f"{role} unhealthy", f"{collapsed} of {len(words)} runs of {name} {verb}"))
        elif shrinking and 2 * shrinking >= len(words) and not is_winner:
            flags.append(Flag(f"{role} unhealthy", f"{shrinking} of {len(words)} runs of {name} are shrinking"))
    return flags


def _unknown_health(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag runs without a verdict on their health. A deleted record must not be better than a bad one."""
    if context.health is None:
        return []
    rows = [row for side in context.sides for row in side if row.seed in effect.seeds and row.control is None]
    unknown = sum(context.health.get(row.run) not in (HEALTHY, NARROW, SHRINKING, COLLAPSED) for row in rows)
    if not unknown:
        return []
    return [Flag("health unknown", f"the folder does not say whether {unknown} of {len(rows)} runs are healthy")]


def _not_above_random(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a reference that is not shown above random init on the seeds of the comparison."""
    if context.has_random_side or not (context.random_init or context.planned_random_init):
        return []
    name, planned = f"the reference {effect.reference}", context.planned_random_init & set(effect.seeds)
    missing = planned - {row.seed for row in context.random_init}
    if missing:
        why = f"{len(missing)} of {len(planned)} registered scores of random init are missing"
        return [Flag("reference not above random init", f"{why}, so {name} is not shown above it")]
    interval = _above_random(context.reference, effect, context)
    if interval is None:
        why = f"fewer than 2 seeds have a score of random init, so {name} is not shown above it"
        return [Flag("reference not above random init", why)]
    if interval[0] > 0:
        return []
    numbers = f"difference {format_signed_interval(interval)} points"
    return [Flag("reference not above random init", f"{name} is not shown above random init ({numbers})")]


def _at_floor(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a comparison where no side is shown above guessing or above random init."""
    guess, margin = context.guess, context.margin or 0.0
    scores = effect.scores, effect.reference_scores
    if guess is not None:
        lows = [_low(side, effect.alpha) for side in scores]
        if all(low <= guess for low in lows):
            return [Flag("at floor", f"neither side is shown above guessing ({format_number(guess)})")]
        if margin and all(float(np.mean(side)) <= guess + margin for side in scores):
            why = f"both sides are within the margin of guessing ({format_number(guess)})"
            return [Flag("at floor", f"{why}, so no other result was possible")]
    if not context.has_random_side:
        intervals = [_above_random(side, effect, context) for side in context.sides]
        if all(interval is not None and interval[0] <= 0 for interval in intervals):
            return [Flag("at floor", "neither side is shown above random init")]
    return []


def _at_ceiling(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a comparison where both sides are at the highest score."""
    if not context.is_percent:
        return []
    high = PERCENT[1]
    limit = min(CEILING, high - (context.margin or 0.0))
    scores = effect.scores, effect.reference_scores
    if all(float(np.mean(s)) >= limit or t_interval(s, 1 - effect.alpha)[1] >= high for s in scores):
        return [Flag("at ceiling", f"both sides are at the ceiling of {high:g}")]
    return []


def _few_clips(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a result that the interval over seeds and clips does not confirm."""
    variant, reference = ({row.seed: row for row in rows} for rows in context.sides)
    rows = [row for seed in effect.seeds for row in (variant[seed], reference[seed])]
    read = [_marks(row, context) for row in rows]
    present = [marks for marks in read if marks is not None]
    if not present and not (context.marks_fault and any(map(context.marks_fault, rows))):
        return []
    missing = len(read) - len(present)
    if missing or len({len(marks) for marks in present}) > 1:
        count = f"{missing} of {len(read)} scores have no usable marks"
        why = count if missing else "the scores have different numbers of test clips"
        return [Flag("few clips", f"{why}, so the doubt from the test clips is not known")]
    # scipy.stats takes more than half a second to import, and only passed tests need it
    from auxjepa.evidence.statistics.hierarchical import crossed_interval

    clips, margin = len(present[0]), context.margin
    confidence = 1 - effect.alpha if margin is None else 1 - 2 * effect.alpha
    try:
        low, high = crossed_interval(np.stack(present[::2]), np.stack(present[1::2]), confidence)
    except ComparisonError:
        return [Flag("few clips", f"{format_count(clips, 'test clip')} cannot show a difference")]
    interval = f"over seeds and {format_count(clips, 'test clip')} the {100 * confidence:g} % interval is "
    interval += f"{format_signed_interval((low, high))} points"
    if margin is None:
        return [] if low > 0 or high < 0 else [Flag("few clips", f"{interval}, which contains 0")]
    if abs(effect.mean) <= margin:
        return [] if -margin < low and high < margin else [Flag("few clips", f"{interval}, not within the margin")]
    return [] if low > margin or high < -margin else [Flag("few clips", f"{interval}, not outside the margin")]


def _median(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a directional result where few seeds decide the sign."""
    if context.margin is not None or effect.median * effect.mean >= 0:
        return []
    numbers = f"{format_signed(effect.mean, 2)} points and their median {format_signed(effect.median, 2)}"
    return [Flag("median and mean disagree", f"the mean of the differences is {numbers}")]


def _near_bound(effect: Effect, context: FlagContext) -> list[Flag]:
    """Flag a result that seeds far from a bound could undo, although none of them was observed."""
    if not context.is_percent or (context.margin is not None and abs(effect.mean) > context.margin):
        return []
    alpha = effect.alpha / max(1, effect.comparisons)
    sides = undoing_bounds(effect.scores, effect.reference_scores, PERCENT, alpha, context.margin)
    # The score of an untrained encoder near 0 is guessing, which has no rare seed far above.
    close = [(side, bound) for side, bound in sides if not _is_random(context.sides[side])]
    if not close:
        return []
    side, bound = close[0]
    name = (effect.variant, effect.reference)[side]
    why = f"the scores of {name} are close to the bound of {bound:g}, where differences need not be symmetric"
    return [Flag("near a bound", f"{why}: a rare seed that is not among {effect.n} could undo the result")]


def _above_random(rows: tuple[Row, ...], effect: Effect, context: FlagContext) -> tuple[float, float] | None:
    """Return the paired t interval of a side minus random init; None with fewer than 2 shared seeds."""
    scores = {row.seed: row.score for row in context.random_init}
    paired = [row.score - scores[row.seed] for row in rows if row.seed in effect.seeds and row.seed in scores]
    return t_interval(paired, 1 - effect.alpha) if len(paired) > 1 else None


def _low(scores: tuple[float, ...], alpha: float) -> float:
    return t_interval(scores, 1 - alpha)[0]


def _is_random(rows: tuple[Row, ...]) -> bool:
    return any(row.control == RANDOM_INIT for row in rows)


def _marks(row: Row, context: FlagContext) -> np.ndarray | None:
    """Return the marks of a row whose score is their mean; None for every other row."""
    return context.correct(row) if context.correct and context.is_percent else None
