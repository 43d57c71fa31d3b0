"""What a number of seeds can show: power of the paired t test, minimum detectable effect, seeds needed.

The standard deviation comes from the study itself. From 3 pairs it is known to a factor of about 6 (its 95 % interval
reaches from half to six times the estimate), so these numbers plan the next study and prove nothing about this one.
"""

from __future__ import annotations

import math
from functools import lru_cache

from scipy import optimize, special

from auxjepa.evidence.intervals import ROUNDING
from auxjepa.evidence.significance import seeds_to_test

MOST_SEEDS = 1000


def power(standardised: float, pairs: int, alpha: float = 0.05) -> float:
    """Chance that a two-sided paired t test finds an effect of ``standardised`` standard deviations of a difference."""
    if pairs < 2:
        return 0.0
    shift = abs(standardised) * math.sqrt(pairs)
    # scipy.special's functions are the ones behind scipy.stats, without its checks: a report asks thousands of times.
    critical = float(special.stdtrit(pairs - 1, 1 - alpha / 2))
    # Far out the power is 1 to ten digits, and the functions below lose themselves in NaN.
    if shift - critical > 8 * math.sqrt(1 + critical**2 / (2 * (pairs - 1))):
        return 1.0
    # An effect found with the wrong sign: below 1e-8 from a shift of 4 on, where scipy's lower tail turns to NaN.
    wrong = float(special.nctdtr(pairs - 1, shift, -critical)) if shift < 4 else 0.0
    return 1 - float(special.nctdtr(pairs - 1, shift, critical)) + wrong


@lru_cache(maxsize=4096)
def _detectable(pairs: int, alpha: float, wanted: float) -> float:
    high = 1.0
    while power(high, pairs, alpha) < wanted:
        high *= 2
    return float(optimize.brentq(lambda d: power(d, pairs, alpha) - wanted, 0.0, high, xtol=1e-9))  # type: ignore[arg-type]


def minimum_detectable_effect(
    sd: float, pairs: int, comparisons: int = 1, alpha: float = 0.05, wanted: float = 0.8
) -> float:
    """Smallest true mean difference found with chance ``wanted`` (units of ``sd``, the per-seed differences' sd).

    ``alpha`` is shared among ``comparisons`` (the first step of Holm, so on the safe side). The t test stands in for
    the sign-flip test: too hopeful where a design has only just enough seeds (docs/evidence/calibration.md).

    Raises:
        ValueError: with fewer than 2 pairs.
    """
    if pairs < 2:
        raise ValueError(f"a detectable effect needs at least 2 pairs, got {pairs}")
    return sd * _detectable(pairs, alpha / comparisons, wanted)


@lru_cache(maxsize=4096)
def seeds_needed(
    effect: float, sd: float, comparisons: int = 1, alpha: float = 0.05, wanted: float = 0.8
) -> int | None:
    """Seeds for which a true ``effect`` is found with chance ``wanted``; None where more than 1,000 would be needed.

    Never below :func:`~auxjepa.evidence.significance.seeds_to_test`: with fewer the exact test cannot speak at all.
    """
    low = max(2, seeds_to_test(comparisons, alpha))
    if sd <= ROUNDING * max(1.0, abs(effect)):
        return low if effect else None
    size, share = effect / sd, alpha / comparisons
    if power(size, MOST_SEEDS, share) < wanted:
        return None
    high = MOST_SEEDS
    while low < high:
        middle = (low + high) // 2
        if power(size, middle, share) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low
