"""Simultaneous intervals: all of them contain their true difference together with the stated confidence.

The intervals are Student's at confidence ``1 - alpha / m`` (Bonferroni) for ``m`` comparisons. This holds for 2 seeds
as well as for 20, for every correlation of the comparisons, and where the variances of the variants differ. Two methods
with narrower intervals do not hold. Sign flips of all comparisons together have only ``2**(n - 1)`` patterns, which is
4 with 3 seeds. Dunnett's method needs one variance for all variants.
"""

from __future__ import annotations

from auxjepa.evidence.statistics.intervals import seed_interval
from auxjepa.evidence.statistics.records import Effect, direction_of


def simultaneous_interval(effect: Effect, comparisons: int) -> tuple[float, float] | None:
    """Return the interval of an effect that holds together with those of all comparisons of its family.

    The result is None where the effect has no interval at all.

    Args:
        effect: the paired effect; ``1 - effect.alpha`` is the confidence for the family.
        comparisons: number of comparisons of the family.

    Source:
        Dunn (1961), "Multiple Comparisons Among Means".
    """
    return seed_interval(effect.differences, 1 - effect.alpha / max(1, comparisons))


def simultaneous_direction(effect: Effect, comparisons: int) -> str:
    """Return 'up' or 'down' where the simultaneous interval is on one side of zero, else 'unclear'.

    Args:
        effect: the paired effect.
        comparisons: number of comparisons of the family.
    """
    return direction_of(simultaneous_interval(effect, comparisons))
