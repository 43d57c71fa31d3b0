"""Measures of features without labels that the monitor logs in addition to spread and rank.

None of them is a score. docs/evidence/health.md describes how well each predicts the accuracy of probes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

FIRST, LAST = 0.05, 0.5
"""Part of the ordered eigenvalues between which the power law is fitted, as shares of their number."""
SMALLEST = 1e-12
"""Smallest eigenvalue of the fit, relative to the largest one."""


class Spectrum(NamedTuple):
    """Measures of token features; NaN for features that are equal for all clips.

    Args:
        alpha: exponent of the eigenspectrum of the tokens (:func:`power_law`).
        clip_rank: RankMe of the means of clips, in channels.
        time_share: share of the variance that is a change within a clip over time, 0 to 1.
    """

    alpha: float
    clip_rank: float
    time_share: float


def spectrum(features: Float[Tensor, "B N D"], steps: int) -> Spectrum:
    """Return the measures of token features.

    The mean over clips of each position is removed first, because a code of the position says nothing about a clip.

    Args:
        features: token features in raster order with time first.
        steps: number of time steps of the tokens.

    Source: RankMe, Garrido et al. 2023, equation 1; alpha-ReQ, Agrawal et al. 2022, equation 1
    """
    x = features.detach().float()
    x = x - x.mean(dim=0, keepdim=True)
    largest = x.abs().amax()
    if not torch.isfinite(largest) or largest <= 0:
        return Spectrum(float("nan"), float("nan"), float("nan"))
    x = x / largest  # a square of large features would overflow
    return Spectrum(power_law(eigenvalues(x.flatten(0, 1))), rank_me(eigenvalues(x.mean(dim=1))), time_share(x, steps))


def eigenvalues(features: Float[Tensor, "n D"]) -> Float[Tensor, " D"]:
    """Return the eigenvalues of the second moments of features, largest first, on the CPU.

    Args:
        features: centred features, one row an example.
    """
    moments = (features.T @ features).double().cpu() / len(features)
    return torch.linalg.eigvalsh(moments).clamp_min(0).flip(0)


def power_law(values: Float[Tensor, " D"]) -> float:
    """Return the exponent of the power law of an eigenspectrum: large where few directions hold the variance.

    It is minus the slope of log eigenvalue over log place between 5 % and 50 % of the places.

    Args:
        values: eigenvalues, largest first.
    """
    begin = max(1, round(FIRST * len(values)))
    end = min(len(values), max(begin + 2, round(LAST * len(values))))
    if end - begin < 2 or not values[0] > 0:
        return float("nan")
    place = torch.arange(begin, end + 1, dtype=torch.float64).log()
    height = values[begin - 1 : end].clamp_min(SMALLEST * float(values[0])).log()
    place = place - place.mean()
    return float(-(place * height).sum() / place.square().sum())


def rank_me(values: Float[Tensor, " D"]) -> float:
    """Return RankMe: the exponential of the entropy of the singular values, in channels; NaN if all are 0.

    Args:
        values: eigenvalues of the second moments.
    """
    roots = values.sqrt()
    total = float(roots.sum())
    if not math.isfinite(total) or total <= 0:
        return float("nan")
    share = roots / total
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def time_share(centred: Float[Tensor, "B N D"], steps: int) -> float:
    """Return the share of the variance that is a change within a clip over time.

    Args:
        centred: token features without the mean of their position, in raster order with time first.
        steps: number of time steps of the tokens.
    """
    x = centred.unflatten(1, (steps, -1))
    total = float(x.square().sum())
    change = float((x - x.mean(dim=1, keepdim=True)).square().sum())
    return change / total if total > 0 else float("nan")
