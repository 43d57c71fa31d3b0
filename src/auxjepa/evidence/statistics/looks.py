"""Looks of a sequential study: numbers of seeds at which it tests, and the share of the error that each may use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Literal

Spending = Literal["pocock", "obrien_fleming"]
"""Function that distributes the error over the looks."""
MOST_SEEDS = 20
"""Largest number of seeds of a sequential test, which sums all sign patterns of the last look."""


def check_looks(looks: Sequence[int]) -> None:
    """Check that numbers of seeds can be looks.

    Args:
        looks: number of seeds of each look.

    Raises:
        ValueError: for fewer than two looks, looks that do not ascend, or more seeds than an exact test can have.
    """
    if len(looks) < 2:
        raise ValueError(f"looks needs at least two numbers of seeds, got {list(looks)}: with one look, leave it out")
    if any(first >= second for first, second in pairwise(looks)):
        raise ValueError(f"looks must ascend, for example [6, 8, 10], got {list(looks)}")
    if looks[-1] > MOST_SEEDS:
        raise ValueError(
            f"looks ends at {looks[-1]} seeds, but the exact test sums all sign patterns of at most {MOST_SEEDS}"
        )


def spending(looks: Sequence[int], alpha: float, kind: Spending = "pocock") -> tuple[float, ...]:
    """Return the share of the error that may be used by each look; the last one is 1.

    With ``t`` the share of the seeds, Pocock's type is ``log(1 + (e - 1) t)``. It uses the error early. O'Brien and
    Fleming's type is ``2 (1 - Phi(z / sqrt(t))) / alpha`` with ``z`` the normal quantile of ``1 - alpha / 2``. It saves
    the error for the last look, and leaves less to a look at 6 of 10 seeds than the smallest p of 6 seeds.

    Args:
        looks: number of seeds of each look.
        alpha: error over all looks.
        kind: the function.

    Source:
        Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials".
    """
    times = [seeds / looks[-1] for seeds in looks]
    if kind == "pocock":
        return tuple(math.log1p((math.e - 1) * t) for t in times)
    normal = NormalDist()
    z = normal.inv_cdf(1 - alpha / 2)
    return (*(2 * normal.cdf(-z / math.sqrt(t)) / alpha for t in times[:-1]), 1.0)


def smallest_sequential_p(looks: Sequence[int], shares: Sequence[float], number: int) -> float:
    """Return the smallest p that seeds which all agree can reach by a look.

    Args:
        looks: number of seeds of each look.
        shares: share of the error that may be used by each look (:func:`spending`).
        number: number of the look, from 1; 0 before the first look.
    """
    pairs = list(zip(looks, shares, strict=True))[:number]
    return min([1.0, *(2.0 / 2.0**seeds / share for seeds, share in pairs)])
