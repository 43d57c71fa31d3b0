"""Minimum detectable effect and number of seeds needed, of the exact sign-flip test; power of the paired t test.

The standard deviation must be known for these numbers. From a pilot it is uncertain by a large factor:
:mod:`~auxjepa.evidence.statistics.pilot` corrects for this.
"""

from __future__ import annotations

import math
from functools import lru_cache

from scipy import special

from auxjepa.evidence.statistics.rounding import ROUNDING
from auxjepa.evidence.statistics.sign_flip_power import EXACT_UP_TO, sign_flip_power
from auxjepa.evidence.statistics.significance import seeds_to_test

MOST_SEEDS = 1000
"""Number of seeds above which no number is given."""


def power(standardised: float, pairs: int, alpha: float = 0.05) -> float:
    """Return the probability that a two-sided paired t test finds an effect.

    The sign-flip test has less power where a design has just enough seeds
    (:func:`~auxjepa.evidence.statistics.sign_flip_power.sign_flip_power`).

    Args:
        standardised: true effect, in standard deviations of a per-seed difference.
        pairs: number of pairs; with fewer than 2 the power is 0.
        alpha: significance level.
    """
    if pairs < 2:
        return 0.0
    shift = abs(standardised) * math.sqrt(pairs)
    # scipy.special is faster than scipy.stats, which calls it after its checks; a report calls this thousands of times.
    critical = float(special.stdtrit(pairs - 1, 1 - alpha / 2))
    # For very large effects the power is 1 to ten digits, and the functions below return NaN.
    if shift - critical > 8 * math.sqrt(1 + critical**2 / (2 * (pairs - 1))):
        return 1.0
    # The probability of the wrong sign is below 1e-8 from a shift of 4 on, where scipy's lower tail returns NaN.
    wrong = float(special.nctdtr(pairs - 1, shift, -critical)) if shift < 4 else 0.0
    return 1 - float(special.nctdtr(pairs - 1, shift, critical)) + wrong


@lru_cache(maxsize=4096)
def _detectable(pairs: int, alpha: float, comparisons: int, target_power: float) -> float:
    from scipy import optimize  # takes a part of a second to import, and few processes need it

    def excess(standardised: float) -> float:
        return sign_flip_power(standardised, pairs, alpha, comparisons) - target_power

    if pairs < seeds_to_test(comparisons, alpha):
        return math.inf
    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-9)) if excess(0.0) < 0 else 0.0  # type: ignore[arg-type]


def minimum_detectable_effect(
    sd: float, pairs: int, comparisons: int = 1, alpha: float = 0.05, target_power: float = 0.8
) -> float:
    """Return the smallest true mean difference that is found with probability ``target_power``, in the unit of ``sd``.

    The test is the exact sign-flip test of normal differences after the first step of Holm. The result is infinite
    where the number of pairs cannot reach ``alpha``, however large the effect is.

    Args:
        sd: standard deviation of the per-seed differences.
        pairs: number of pairs, at least 2.
        comparisons: number of comparisons that share ``alpha`` (the first step of Holm, which is conservative).
        alpha: significance level.
        target_power: probability of finding the difference.

    Raises:
        ValueError: with fewer than 2 pairs.
    """
    if pairs < 2:
        raise ValueError(f"a detectable effect needs at least 2 pairs, got {pairs}")
    return sd * _detectable(pairs, alpha, comparisons, target_power)


@lru_cache(maxsize=4096)
def seeds_needed(
    effect: float, sd: float, comparisons: int = 1, alpha: float = 0.05, target_power: float = 0.8
) -> int | None:
    """Return the number of seeds with which the sign-flip test finds a true effect with probability ``target_power``.

    The number is never below :func:`~auxjepa.evidence.statistics.significance.seeds_to_test`: with fewer seeds the
    exact test cannot reach ``alpha``. The result is None where more than 1,000 seeds are needed.

    Args:
        effect: true mean difference, in the unit of ``sd``.
        sd: standard deviation of the per-seed differences.
        comparisons: number of comparisons that share ``alpha``.
        alpha: significance level.
        target_power: probability of finding the effect.
    """
    low = max(2, seeds_to_test(comparisons, alpha))
    if sd <= ROUNDING * max(1.0, abs(effect)):
        return low if effect else None
    size, share = effect / sd, alpha / comparisons
    if power(size, MOST_SEEDS, share) < target_power:
        return None
    high = MOST_SEEDS
    while low < high:
        middle = (low + high) // 2
        if power(size, middle, share) >= target_power:
            high = middle
        else:
            low = middle + 1
    # The t test needs no more seeds than the sign-flip test, so the search for the exact test starts there.
    while low <= EXACT_UP_TO and sign_flip_power(size, low, alpha, comparisons) < target_power:
        low += 1
    return low
