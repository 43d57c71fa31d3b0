"""Measures of features without labels: eigenspectrum, LiDAR, change over time, distance from the initial encoder.

None of them is a score. docs/evidence/health.md says how well each predicts the accuracy of probes.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

SMALLEST = 1e-12
"""Smallest scale that is divided by."""
WITHIN = 1e-4
"""Share of the mean variance within a clip that is added to every direction, so that the matrix can be inverted."""
FIRST, LAST = 0.05, 0.5
"""Part of the ordered eigenvalues between which the power law is fitted, as shares of their number."""


def alpha(features: Float[Tensor, "n D"]) -> float:
    """Return the exponent of the power law of the eigenspectrum: large where few directions hold the variance.

    It is the slope of log eigenvalue over log place between 5 % and 50 % of the places; NaN for constant features.

    Args:
        features: one row an example.

    Source: alpha-ReQ, Agrawal et al. 2022, equation 1
    """
    values = _eigenvalues(features)
    begin = max(1, round(FIRST * len(values)))
    end = max(begin + 3, round(LAST * len(values)))
    values = values[begin - 1 : end]
    if len(values) < 3 or not values[0] > 0:
        return float("nan")
    place = torch.arange(begin, begin + len(values), dtype=torch.float64).log()
    height = values.clamp_min(1e-12 * float(values[0])).log()
    place = place - place.mean()
    return float(-(place * height).sum() / place.square().sum())


def effective_rank(features: Float[Tensor, "n D"]) -> float:
    """Return RankMe of centred features, in channels; 1 for constant features.

    Args:
        features: one row an example.

    Source: RankMe, Garrido et al. 2023, equation 1
    """
    return _entropy_rank(_eigenvalues(features).sqrt())


def lidar(views: Float[Tensor, "n q D"]) -> float:
    """Return the effective rank of linear discriminant analysis with a clip as class and its views as examples.

    It is low where directions that separate clips are few, or are not stable under the change of the view.

    Args:
        views: features of ``q`` views of each clip, at least 2.

    Raises:
        ValueError: if there are fewer than 2 clips or fewer than 2 views.

    Source: LiDAR, Thilak et al. 2023, equations 1 to 4
    """
    clips, count, dim = views.shape
    if clips < 2 or count < 2:
        raise ValueError(f"LiDAR needs at least 2 clips and 2 views, got {clips} and {count}")
    x = views.detach().double().cpu()
    means = x.mean(dim=1)
    inner = (x - means[:, None]).flatten(0, 1)
    within = inner.T @ inner / (clips * (count - 1))
    within += (WITHIN * within.diagonal().mean() + SMALLEST) * torch.eye(dim, dtype=torch.float64)
    outer = means - means.mean(dim=0)
    between = outer.T @ outer / (clips - 1)
    values, vectors = torch.linalg.eigh(within)
    root = vectors @ (values.clamp_min(SMALLEST).rsqrt()[:, None] * vectors.T)
    return _entropy_rank(torch.linalg.eigvalsh(root @ between @ root).clamp_min(0))


def share_over_time(features: Float[Tensor, "B N D"], steps: int) -> float:
    """Return the share of the variance around the mean of each position that is a change within a clip over time.

    It is 0 for features that are the same at all times of a clip; NaN for features that are equal for all clips.

    Args:
        features: token features in raster order with time first.
        steps: number of time steps of the tokens.
    """
    x = features.detach().double()
    x = (x - x.mean(dim=0, keepdim=True)).unflatten(1, (steps, -1))
    total = float(x.square().sum())
    change = float((x - x.mean(dim=1, keepdim=True)).square().sum())
    return change / total if total > 0 else float("nan")


def _eigenvalues(features: Float[Tensor, "n D"]) -> Float[Tensor, " k"]:
    """Return the eigenvalues of the covariance of features, largest first."""
    x = features.detach().double().cpu()
    x = x - x.mean(dim=0)
    return torch.linalg.eigvalsh(x.T @ x / max(1, len(x) - 1)).clamp_min(0).flip(0)


def _entropy_rank(values: Float[Tensor, " k"]) -> float:
    """Return the exponential of the entropy of values that are not negative."""
    total = float(values.sum())
    if not math.isfinite(total) or total <= 0:
        return 1.0
    share = values / total
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))
