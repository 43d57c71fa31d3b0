"""Numbers and lists as text: signs, intervals, p values, counts and lists, for verdicts and for pages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auxjepa.evidence.statistics.records import Effect, Estimate

DASH = "–"
"""Sign for a missing number."""
MINUS = "\N{MINUS SIGN}"
CORRECTION_NAMES = {"holm": "Holm", "benjamini_hochberg": "Benjamini and Hochberg"}
"""Names of the corrections in sentences."""
Interval = tuple[float, float]
SMALLEST_LIMIT = 1e-4
"""Limit below which a text names no limit."""


def format_number(value: float, digits: int = 1) -> str:
    """Return a number with a fixed number of decimals and a true minus sign.

    Args:
        value: the number.
        digits: number of decimals.
    """
    return f"{value:.{digits}f}".replace("-", MINUS)


def format_signed(value: float, digits: int = 1) -> str:
    """Return a difference with its sign: '+2.3', '−2.3', and '0.0' without a sign.

    Args:
        value: the difference.
        digits: number of decimals.
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return text.lstrip("-")
    return f"+{text}" if value > 0 else f"{MINUS}{text[1:]}"


def format_interval(interval: Interval, digits: int = 1) -> str:
    """Return an interval of scores: '[11.2, 14.3]'.

    Args:
        interval: lower and upper end.
        digits: number of decimals.
    """
    return f"[{format_number(interval[0], digits)}, {format_number(interval[1], digits)}]"


def format_signed_interval(interval: Interval, digits: int = 1) -> str:
    """Return an interval of differences: '[−1.0, +2.0]'.

    Args:
        interval: lower and upper end.
        digits: number of decimals.
    """
    return f"[{format_signed(interval[0], digits)}, {format_signed(interval[1], digits)}]"


def format_effect(effect: Effect, digits: int = 1) -> str:
    """Return the mean of an effect and its t interval, if it has one: '+2.3 [+1.0, +3.6]'.

    Args:
        effect: the paired effect.
        digits: number of decimals.
    """
    return _with_interval(format_signed(effect.mean, digits), effect.interval, digits, signed=True)


def format_estimate(estimate: Estimate, digits: int = 1) -> str:
    """Return a score and its interval, if it has one: '13.3 [11.2, 14.3]'.

    Args:
        estimate: a value that needs no sign.
        digits: number of decimals.
    """
    return _with_interval(format_number(estimate.value, digits), estimate.interval, digits, signed=False)


def format_signed_estimate(estimate: Estimate, digits: int = 1) -> str:
    """Return a difference and its interval, if it has one: '+1.0 [+0.2, +1.8]'.

    Args:
        estimate: a difference.
        digits: number of decimals.
    """
    return _with_interval(format_signed(estimate.value, digits), estimate.interval, digits, signed=True)


def format_limit(value: float | None, digits: int = 1) -> str:
    """Return a positive limit with enough decimals that it does not round to 0; empty where it has none.

    Args:
        value: the limit; None where there is none.
        digits: smallest number of decimals.
    """
    if value is None or not SMALLEST_LIMIT <= value < math.inf:
        return ""
    return f"{value:.{max(digits, -math.floor(math.log10(value)))}f}"


def format_p(p: float) -> str:
    """Return a p value with two significant digits, or the bound '< 0.001'.

    Args:
        p: the p value, or another probability.
    """
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def format_percent(share: float) -> str:
    """Return a share as whole percent: '12 %'.

    Args:
        share: the share, 0 to 1.
    """
    return f"{100 * share:.0f} %"


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun: '1 seed', '3 seeds'.

    Args:
        number: how many there are.
        noun: the noun in the singular; its plural ends in 's'.
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_quantity(value: int | float) -> str:
    """Return a large number in a short form: '640', '4,000', '0.17 M'.

    Args:
        value: the number.
    """
    return f"{value / 1e6:.2f} M" if value >= 100_000 else f"{value:,.0f}"


def difference_unit(unit: str) -> str:
    """Return the unit of differences of scores: 'points' for percent, else the unit of the scores.

    Args:
        unit: unit of the scores; empty where it is not known.
    """
    return "points" if unit == "%" else unit


def join_words(words: Iterable[str]) -> str:
    """Return a list in words: 'a', 'a and b', 'a, b and c'.

    Args:
        words: the members of the list.
    """
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _with_interval(text: str, interval: Interval | None, digits: int, signed: bool) -> str:
    if interval is None:
        return text
    return f"{text} {(format_signed_interval if signed else format_interval)(interval, digits)}"
