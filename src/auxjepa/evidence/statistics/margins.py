"""Margins of equivalence with a reason: noise of the seeds, noise of the test clips, and distance to chance.

A margin below the noise of the test clips cannot be shown for other clips. A margin above the distance of the reference
to chance calls a variant equivalent that has lost everything. Between the two, the seeds of the study decide which
margin can be shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.statistics.pilot import upper_standard_deviation
from auxjepa.evidence.statistics.records import Effect, SampleTest

PLANNED_SEEDS = 10
"""Number of new seeds for which a margin is suggested."""
MOST_OF_FLOOR = 0.5
"""Largest margin, as a share of the distance of the reference to chance."""


@dataclass(frozen=True)
class MarginBounds:
    """Bounds of a margin of equivalence, in points. A bound is None where nothing gives it.

    Args:
        seed_noise: standard deviation of the per-seed differences.
        clip_noise: half-width of the 95 % interval of a difference over test clips.
        seeds: number of new seeds that ``by_seeds`` is for.
        by_seeds: margin that these seeds show with a probability of 80 % if both sides are equal.
        floor: distance of the reference to chance.
        suggestion: smallest margin above both noises; None where it is more than half of the distance to chance.
    """

    seed_noise: float | None
    clip_noise: float | None
    seeds: int
    by_seeds: float | None
    floor: float | None
    suggestion: float | None


def suggest_margin(effect: Effect, n_test: int, chance: float | None, seeds: int = PLANNED_SEEDS) -> MarginBounds:
    """Return the bounds of a margin from a pilot, and the smallest margin that is above both noises.

    Args:
        effect: the pilot's paired effect, in points.
        n_test: number of test clips; 0 where scores are no shares of clips.
        chance: chance level in percent; None where it is not known.
        seeds: number of new seeds.
    """
    noise = clip_noise(effect.sample_tests, n_test) if n_test else None
    spread = upper_standard_deviation(effect.sd, effect.n) if effect.sd else None
    by_seeds = None if spread is None else spread * _standardised_margin(seeds, effect.alpha)
    floor = None if chance is None else float(np.mean(effect.reference_scores)) - chance
    suggestion = None
    if by_seeds is not None:
        suggestion = math.ceil(10 * max(by_seeds, noise or 0.0) - 1e-9) / 10
        if floor is not None and suggestion > MOST_OF_FLOOR * floor:
            suggestion = None
    return MarginBounds(effect.sd, noise, seeds, by_seeds, floor, suggestion)


def clip_noise(tests: Sequence[SampleTest], n_test: int) -> float:
    """Return the half-width in points of the 95 % interval of a difference of two accuracies, for other test clips.

    With the marks of both sides it follows from the clips that only one side gets right, as in McNemar's test. Without
    marks it is the half-width of Wilson's interval of one accuracy of 50 %.

    Args:
        tests: McNemar tests, one a seed.
        n_test: number of test clips.
    """
    if not tests:
        low, high = wilson(0.5, n_test)
        return 50 * (high - low)
    variances = [
        (t.only_variant + t.only_reference - (t.only_variant - t.only_reference) ** 2 / n_test) / n_test**2
        for t in tests
    ]
    return 100 * float(special.ndtri(0.975)) * math.sqrt(float(np.mean(variances)))


def object_to_margin(margin: float, clip_noise: float | None, floor: float | None) -> str:
    """Return why a margin cannot be shown or means nothing; '' where nothing is against it.

    Args:
        margin: the margin in points.
        clip_noise: half-width of the interval over test clips; None where it is not known.
        floor: distance of the reference to chance, or the largest distance that a score can have.
    """
    if floor is not None and margin >= floor:
        distance = f"{max(0.0, floor):.1f} points"
        return f"the margin ±{margin:g} is not below the distance to chance ({distance}), so it means nothing"
    if clip_noise is not None and margin < clip_noise:
        noise = f"±{clip_noise:.1f} points"
        return f"the margin ±{margin:g} is below the noise of the test clips ({noise}): it holds for these clips only"
    return ""


@lru_cache
def _standardised_margin(seeds: int, alpha: float, power: float = 0.8) -> float:
    """Return the margin in standard deviations that two one-sided t tests show with ``power`` at no difference."""
    from scipy import optimize, stats  # take a part of a second to import, and few processes need them

    # The spread of the study is drawn at equally likely quantiles; the mean given the spread is normal.
    shares = (np.arange(128) + 0.5) / 128
    error = np.sqrt(stats.chi2.ppf(shares, seeds - 1) / (seeds - 1) / seeds)
    critical = float(special.stdtrit(seeds - 1, 1 - alpha)) * error

    def excess(margin: float) -> float:
        room = np.maximum(0.0, margin - critical) * math.sqrt(seeds)
        return float(np.mean(2 * special.ndtr(room) - 1)) - power

    return float(optimize.brentq(excess, 0.0, 1000.0))  # type: ignore[arg-type]
