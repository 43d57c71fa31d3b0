"""Records of partial pooling, which pages read without the functions that compute them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Interval = tuple[float, float]


@dataclass(frozen=True)
class ClipNoise:
    """Variances of the mean differences on one benchmark that come from the choice of its test clips.

    Args:
        variance_by_variant: variance of each variant's mean difference, in squared points.
        shared: part of these variances that all variants share through the reference.
    """

    variance_by_variant: Mapping[str, float]
    shared: float = 0.0


@dataclass(frozen=True)
class PooledEffect:
    """Pooled estimate of a mean difference, in the unit of the scores.

    Args:
        raw: mean difference over seeds.
        mean: posterior mean.
        interval: 95 % interval of the posterior distribution.
        above_zero: posterior probability that the effect is above 0.
        share: pooled mean divided by raw mean; None where the raw mean is within one standard error of 0.
    """

    raw: float
    mean: float
    interval: Interval
    above_zero: float
    share: float | None

    def negated(self) -> PooledEffect:
        """Return the effect in the other direction."""
        low, high = self.interval
        return PooledEffect(-self.raw, -self.mean, (-high, -low), 1 - self.above_zero, self.share)
