"""Meta-analysis of paired differences from several studies that may share networks.

A difference is the score of one network of the variant minus the score of one network of the reference. The same pair
of networks counts once. Two differences that share one network are correlated, because half of the variance of a
difference comes from each side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from auxjepa.evidence.statistics.records import ComparisonError

SHARED = 0.49
"""Correlation of two differences that share a network: about half of the variance of a difference comes from each side.

With exactly 1/2, four differences of two times two networks would have a correlation matrix without an inverse."""
FEWEST_FOR_HETEROGENEITY = 3
"""Smallest number of studies for which heterogeneity is stated."""
Interval = tuple[float, float]


@dataclass(frozen=True)
class Difference:
    """Score of a variant's network minus the score of a reference's network.

    Args:
        study: the study that it counts for.
        variant_network: hash of the variant's network.
        reference_network: hash of the reference's network.
        value: the difference.
    """

    study: str
    variant_network: str
    reference_network: str
    value: float


@dataclass(frozen=True)
class MetaAnalysis:
    """Combined difference of several studies.

    Args:
        studies: number of studies with a pair that counts.
        pairs: number of distinct pairs of networks.
        networks: number of distinct networks.
        shared: number of networks that are in more than one pair.
        fixed: generalised least-squares mean over networks, for further networks of the same studies.
        fixed_interval: its t interval; None with a single pair.
        random: mean over studies with random effects; None with a single study.
        random_interval: its Hartung-Knapp-Sidik-Jonkman interval, for further studies; None with a single study.
        tau: standard deviation of the true differences between studies; None with fewer than 3 studies.
        q: Cochran's Q, generalised to correlated studies; None with fewer than 3 studies.
        p: p value of Q; None with fewer than 3 studies.
        i2: share of the variance between means of studies that is heterogeneity; None with fewer than 3 studies.
    """

    studies: int
    pairs: int
    networks: int
    shared: int
    fixed: float
    fixed_interval: Interval | None
    random: float | None
    random_interval: Interval | None
    tau: float | None
    q: float | None
    p: float | None
    i2: float | None


def distinct(differences: Sequence[Difference]) -> list[Difference]:
    """Return each pair of networks once: the first one counts.

    Args:
        differences: differences in the order of the studies.
    """
    first: dict[tuple[str, str], Difference] = {}
    for one in differences:
        first.setdefault((one.variant_network, one.reference_network), one)
    return list(first.values())


def correlations(differences: Sequence[Difference]) -> Float[np.ndarray, "n n"]:
    """Return the correlations of differences: 1 on the diagonal, about 1/2 where two share a network, else 0.

    Args:
        differences: distinct differences.
    """
    variants = np.array([one.variant_network for one in differences])
    references = np.array([one.reference_network for one in differences])
    same = (variants[:, None] == variants).astype(float) + (references[:, None] == references)
    return np.where(np.eye(len(same), dtype=bool), 1.0, SHARED * same)


def combine(differences: Sequence[Difference], confidence: float = 0.95) -> MetaAnalysis:
    """Return the combined difference. Repeated pairs of networks count once.

    The variance of a difference is pooled over studies. With random effects, tau is Paule and Mandel's estimate for
    correlated means, and the interval is Hartung, Knapp, Sidik and Jonkman's with t of k - 1 degrees of freedom. It is
    never narrower than with a scale factor of 1.

    Args:
        differences: differences in the order of the studies, in one unit.
        confidence: confidence of the intervals.

    Raises:
        ComparisonError: without a difference, or where all differences of each study are equal.

    Source:
        Hartung and Knapp (2001); Sidik and Jonkman (2002); Paule and Mandel (1982); Roever et al. (2015) for the scale
        factor.
    """
    counted = distinct(differences)
    if not counted:
        raise ComparisonError("there is no difference to combine")
    values, r = np.array([one.value for one in counted]), correlations(counted)
    names = list(dict.fromkeys(one.study for one in counted))
    weights = np.array([[one.study == name for one in counted] for name in names], float)
    weights /= weights.sum(axis=1, keepdims=True)
    networks = [n for one in counted for n in (one.variant_network, one.reference_network)]
    fixed, inverse = _gls(values, r)
    n, k = len(values), len(names)
    interval = None
    if n > 1:
        residual = values - fixed
        variance = float(residual @ np.linalg.solve(r, residual)) / (n - 1) * inverse
        half = _t(n - 1, confidence) * math.sqrt(variance)
        interval = fixed - half, fixed + half
    random = random_interval = tau = q = p = i2 = None
    if k > 1:
        noise = _noise(values, weights, r)
        means, within = weights @ values, noise * (weights @ r @ weights.T)
        tau2 = _paule_mandel(means, within)
        random, inverse = _gls(means, within + tau2 * np.eye(k))
        scale = max(1.0, _q(means, within + tau2 * np.eye(k)) / (k - 1))
        half = _t(k - 1, confidence) * math.sqrt(scale * inverse)
        random_interval = random - half, random + half
        if k >= FEWEST_FOR_HETEROGENEITY:
            tau, q = math.sqrt(tau2), _q(means, within)
            p, i2 = float(special.chdtrc(k - 1, q)), max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0
    return MetaAnalysis(
        studies=k,
        pairs=n,
        networks=len(set(networks)),
        shared=sum(networks.count(one) > 1 for one in set(networks)),
        fixed=fixed,
        fixed_interval=interval,
        random=random,
        random_interval=random_interval,
        tau=tau,
        q=q,
        p=p,
        i2=i2,
    )


def _gls(values: Float[np.ndarray, " n"], covariance: Float[np.ndarray, "n n"]) -> tuple[float, float]:
    """Return the generalised least-squares mean and its variance."""
    solved = np.linalg.solve(covariance, np.column_stack([np.ones(len(values)), values]))
    precision, weighted = float(solved[:, 0].sum()), float(solved[:, 1].sum())
    return weighted / precision, 1 / precision


def _noise(values: Float[np.ndarray, " n"], weights: Float[np.ndarray, "k n"], r: Float[np.ndarray, "n n"]) -> float:
    """Return the variance of a difference, pooled over studies.

    Raises:
        ComparisonError: when no study has 2 differences that vary.
    """
    squares = expected = 0.0
    for row in weights:
        index = np.flatnonzero(row)
        m = len(index)
        squares += float(np.sum((values[index] - values[index].mean()) ** 2))
        expected += m - float(r[np.ix_(index, index)].sum()) / m  # m - 1 for uncorrelated differences
    if squares <= 0 or expected <= 0:
        raise ComparisonError("no study has 2 differences that vary, so their noise is not known")
    return squares / expected


def _q(means: Float[np.ndarray, " k"], covariance: Float[np.ndarray, "k k"]) -> float:
    residual = means - _gls(means, covariance)[0]
    return float(residual @ np.linalg.solve(covariance, residual))


def _paule_mandel(means: Float[np.ndarray, " k"], within: Float[np.ndarray, "k k"]) -> float:
    """Return the variance between studies with which Q has its expected value, or 0."""
    k = len(means)
    if _q(means, within) <= k - 1:
        return 0.0
    low, high = 0.0, float(means.var(ddof=1)) + float(np.trace(within))
    while _q(means, within + high * np.eye(k)) > k - 1:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _q(means, within + middle * np.eye(k)) > k - 1 else (low, middle)
    return (low + high) / 2


def _t(freedom: int, confidence: float) -> float:
    return float(special.stdtrit(freedom, (1 + confidence) / 2))
