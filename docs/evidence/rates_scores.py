"""Random scores of encoders, seeds by benchmarks, for rates.py."""

from __future__ import annotations

import numpy as np

SD = 1.5
"""Standard deviation of a score over seeds, in points."""
HEALTHY, UNTRAINED, CHANCE = 60.0, 40.0, 12.5
"""Mean score of a trained encoder, of a random-init encoder, and of a guess among 8 classes."""


def normal(rng: np.random.Generator, seeds: int, width: int = 1, mean: float = HEALTHY, sd: float = SD) -> np.ndarray:
    """Return normal scores, seeds by benchmarks.

    Args:
        rng: source of randomness.
        seeds: number of seeds.
        width: number of benchmarks.
        mean: mean score.
        sd: standard deviation over seeds.
    """
    return mean + sd * rng.standard_normal((seeds, width))


def heavy(rng: np.random.Generator, seeds: int, width: int = 1) -> np.ndarray:
    """Return scores with heavy tails: Student's t with 3 degrees of freedom, seeds by benchmarks.

    Args:
        rng: source of randomness.
        seeds: number of seeds.
        width: number of benchmarks.
    """
    return HEALTHY + SD / np.sqrt(3) * rng.standard_t(3, (seeds, width))


def ceiling(rng: np.random.Generator, seeds: int, width: int = 1, mean: float = 99.0, shape: float = 1.0) -> np.ndarray:
    """Return skewed scores near 100 %: the share of errors is lognormal, seeds by benchmarks.

    Args:
        rng: source of randomness.
        seeds: number of seeds.
        width: number of benchmarks.
        mean: mean score.
        shape: standard deviation of the logarithm of the share of errors.
    """
    errors = np.exp(shape * rng.standard_normal((seeds, width)) - shape**2 / 2)
    return 100 - (100 - mean) * errors


def failing(rng: np.random.Generator, seeds: int, width: int = 1, part: float = 0.2, loss: float = 8.0) -> np.ndarray:
    """Return scores of a variant of which some runs lose points, with the same mean as other scores.

    Args:
        rng: source of randomness.
        seeds: number of seeds.
        width: number of benchmarks.
        part: share of the runs that lose points.
        loss: points that such a run loses.
    """
    fails = rng.random((seeds, width)) < part
    return normal(rng, seeds, width, HEALTHY + part * loss, 0.3) - loss * fails
