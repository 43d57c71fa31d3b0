"""Ridge classifiers in closed form: how well a label can be read linearly from parts of an encoder's features.

Tokens are pooled for every time step and quarter of the frame. A reading is a part of the pooled features: all of them,
a half of the channels, the mean over time, or the differences between time steps.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from auxjepa.tokens import Grid

READINGS = ("whole", "appearance", "dynamics", "time_mean", "time_difference")
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
QUARTERS = 2


def pooled(tokens: Float[Tensor, "n N D"], grid: Grid) -> Float[Tensor, "n T Q D"]:
    """Return the mean token of every time step and quarter of the frame.

    Args:
        tokens: token features.
        grid: grid of the tokens.
    """
    planes = tokens.unflatten(1, (grid.T * grid.H, grid.W)).unflatten(1, (grid.T, grid.H))
    rows = planes.tensor_split(min(QUARTERS, grid.H), dim=2)
    cells = [cell.mean(dim=(2, 3)) for row in rows for cell in row.tensor_split(min(QUARTERS, grid.W), dim=3)]
    return torch.stack(cells, dim=2)


def read(features: Float[Tensor, "n T Q D"], reading: str, ratio: float = 0.5) -> Float[Tensor, "n C"]:
    """Return the features of a reading.

    Args:
        features: pooled features, see :func:`pooled`.
        reading: name of the reading, one of :data:`READINGS`.
        ratio: share of the channels in the appearance half.

    Raises:
        ValueError: if the reading is unknown.
        ValueError: if the reading is the difference of time steps and there is a single time step.
    """
    cut = max(1, int(features.shape[-1] * ratio))
    if reading == "whole":
        return features.flatten(1)
    if reading == "appearance":
        return features[..., :cut].flatten(1)
    if reading == "dynamics":
        return features[..., cut:].flatten(1)
    if reading == "time_mean":
        return features.mean(dim=1).flatten(1)
    if reading == "time_difference":
        if features.shape[1] < 2:
            raise ValueError("one time step has no differences")
        return features.diff(dim=1).flatten(1)
    raise ValueError(f"unknown reading {reading!r} (known: {', '.join(READINGS)})")


def ridge_accuracy(
    train: tuple[Float[Tensor, "n C"], Int[np.ndarray, " n"]],
    validation: tuple[Float[Tensor, "v C"], Int[np.ndarray, " v"]],
    test: tuple[Float[Tensor, "t C"], Int[np.ndarray, " t"]],
    classes: int,
) -> tuple[Bool[np.ndarray, " t"], float]:
    """Return whether a ridge classifier is correct on each test clip, and its share correct on validation clips.

    The penalty is selected on validation clips. Every feature is first scaled to zero mean and unit variance on
    training clips.

    Args:
        train: features and labels of the training clips.
        validation: features and labels of the validation clips.
        test: features and labels of the test clips.
        classes: number of classes.
    """
    x, y = train
    mean, scale = x.double().mean(dim=0), x.double().std(dim=0, correction=0).clamp_min(1e-6)
    ready = [(part.double() - mean) / scale for part in (x, validation[0], test[0])]
    targets = torch.eye(classes, dtype=torch.float64)[torch.from_numpy(y)]
    bias = targets.mean(dim=0)
    # One eigenvalue problem serves every penalty.
    values, vectors = torch.linalg.eigh(ready[0] @ ready[0].T)
    best, chosen = -1.0, torch.zeros(ready[0].shape[1], classes, dtype=torch.float64)
    for strength in STRENGTHS:
        dual = vectors @ ((vectors.T @ (targets - bias)) / (values.clamp_min(0) + strength)[:, None])
        weights = ready[0].T @ dual
        share = float(((ready[1] @ weights + bias).argmax(dim=1).numpy() == validation[1]).mean())
        if share > best:
            best, chosen = share, weights
    return (ready[2] @ chosen + bias).argmax(dim=1).numpy() == test[1], best
