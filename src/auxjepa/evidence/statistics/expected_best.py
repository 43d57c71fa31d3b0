"""Expected best validation score of a random search after a number of trials, with a bootstrap interval.

The score that a search reports grows with its number of trials. The curve shows how much of it is the budget.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.special import gammaln

from auxjepa.evidence.statistics.bootstrap import RESAMPLES, percentile
from auxjepa.evidence.statistics.tuning_records import FEWEST_TRIALS, Estimator, ExpectedBest

MOST_CELLS = 20_000_000
"""Number of resampled values that are held together; more trials are resampled less often."""
FEWEST_RESAMPLES = 199


def best_weights(total: int, estimator: Estimator = "without replacement") -> Float[np.ndarray, "N N"]:
    """Return the probability that the best of ``n`` drawn trials is the ``i``-th smallest; rows are ``n = 1 .. N``.

    Args:
        total: number of observed trials, ``N``.
        estimator: ``"without replacement"``: the mean over all subsets of ``n`` trials,
            ``C(i - 1, n - 1) / C(N, n)``. It is unbiased for the expected best of ``n`` new trials.
            ``"with replacement"``: ``(i / N)^n - ((i - 1) / N)^n``, which is biased downwards.

    Source:
        Dodge et al. (2019), "Show Your Work: Improved Reporting of Experimental Results" (with replacement); Tang et
        al. (2020), "Showing Your Work Doesn't Always Work" (unbiased, without replacement).
    """
    n, i = np.arange(1, total + 1)[:, None], np.arange(1, total + 1)[None, :]
    if estimator == "with replacement":
        return (i / total) ** n - ((i - 1) / total) ** n
    below = np.maximum(i - n, 0)
    chosen = gammaln(i) - gammaln(n) - gammaln(below + 1)
    subsets = gammaln(total + 1) - gammaln(n + 1) - gammaln(total - n + 1)
    return np.where(i >= n, np.exp(chosen - subsets), 0.0)


def expected_best(
    objectives: Sequence[float],
    steps_per_trial: int,
    *,
    estimator: Estimator = "without replacement",
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ExpectedBest | None:
    """Return the expected best objective of one stage by budget; None without a trial.

    The interval is a percentile bootstrap over the trials, at each budget separately. It is too narrow where the budget
    is close to the number of observed trials, because no resample has a better trial than the best one.

    Args:
        objectives: objective of each trial of the stage; more is better.
        steps_per_trial: training steps of one trial.
        estimator: see :func:`best_weights`.
        confidence: confidence of the interval.
        resamples: number of resamples of the bootstrap.
        seed: seed of the bootstrap.
    """
    total = len(objectives)
    if total == 0:
        return None
    values = np.sort(np.asarray(objectives, dtype=np.float64))
    weights = best_weights(total, estimator)
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    if total >= FEWEST_TRIALS and values[-1] > values[0]:
        count = max(min(resamples, MOST_CELLS // total), min(resamples, FEWEST_RESAMPLES))
        draws = np.sort(values[np.random.default_rng(seed).integers(0, total, (count, total))], axis=1)
        ends = percentile(draws @ weights.T, confidence)
        low, high = _floats(ends[0]), _floats(ends[1])
    trials = tuple(range(1, total + 1))
    steps = tuple(n * steps_per_trial for n in trials)
    return ExpectedBest(estimator, trials, steps, _floats(weights @ values), low, high, confidence)


def _floats(values: Float[np.ndarray, " N"]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
