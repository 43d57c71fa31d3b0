"""Ridge regression of a number on frozen features, in closed form, with its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from auxjepa.probes.kept import Tokens, gathered, mapped
from auxjepa.probes.prepare import choose_channels, fit
from auxjepa.probes.protocol import Protocol

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0)
"""Penalties from which validation clips select one. Features have a mean squared length of 1."""
MOST_FEATURES = 16_384
"""Largest number of features of a clip. If tokens have more, the means of time steps are read."""
MOST_SOLVED = 8192
"""Largest side of the linear system."""
DRAWS = 1000
"""Draws of the bootstrap over independent videos."""


@dataclass(frozen=True)
class FittedRidge:
    """Fitted ridge regression.

    Args:
        features: features that validation clips select: ``mean``, ``tokens`` or ``steps``.
        penalty: penalty that validation clips select.
        validation: R² on validation clips.
    """

    features: str
    penalty: float
    validation: float
    _predict: Callable[[Tokens], Tensor]

    def predict(self, tokens: Float[Tensor, "n N D"] | Tokens) -> Float[np.ndarray, " n"]:
        """Return the predicted number of each clip.

        Args:
            tokens: raw features.
        """
        return self._predict(tokens).cpu().numpy()


def fit_ridge(
    protocol: Protocol,
    train: tuple[Tokens, Float[np.ndarray, " n"]],
    validation: tuple[Tokens, Float[np.ndarray, " v"]],
    steps: int = 1,
) -> FittedRidge:
    """Fit a ridge regression on training clips. Validation clips select the features and the penalty.

    The features are the mean token of a clip, and all its tokens (or the means of its time steps). Tokens are prepared
    as for any probe: centred and whitened by training clips.

    Args:
        protocol: settings of the preparation.
        train: raw features and numbers of training clips.
        validation: raw features and numbers of validation clips.
        steps: number of time steps of the tokens.

    Raises:
        ValueError: if a split is empty.
        ValueError: if all training numbers are equal.

    Source: Hoerl and Kennard 1970.
    """
    for name, (tokens, target) in (("train", train), ("validation", validation)):
        if not len(target) or len(target) != len(tokens):
            raise ValueError(f"{name}: {len(target)} numbers for {len(tokens)} clips; one each is needed")
    if float(np.ptp(train[1])) == 0:
        raise ValueError("all training numbers are equal: nothing can be predicted")
    preparation = fit(mapped(lambda part: choose_channels(part, protocol), train[0]), protocol)
    best: FittedRidge | None = None
    for name, pool in _poolings(train[0].shape, steps).items():

        def read(tokens: Tokens, pool: Callable[[Tensor], Tensor] = pool) -> Tensor:
            return gathered(lambda part: pool(preparation(choose_channels(part, protocol))), tokens).double()

        fitted = _solve(name, read, (read(train[0]), train[1]), (read(validation[0]), validation[1]))
        if best is None or fitted.validation > best.validation:
            best = fitted
    assert best is not None
    return best


def _poolings(shape: tuple[int, ...], steps: int) -> dict[str, Callable[[Tensor], Tensor]]:
    clips, tokens, dim = shape
    out: dict[str, Callable[[Tensor], Tensor]] = {"mean": lambda part: part.mean(dim=1)}
    if tokens == 1:
        return out
    features = tokens * dim
    if features <= MOST_FEATURES and min(clips, features) <= MOST_SOLVED:
        out["tokens"] = lambda part: part.flatten(1)
    elif steps > 1 and tokens % steps == 0 and min(clips, steps * dim) <= MOST_SOLVED:
        out["steps"] = lambda part: part.unflatten(1, (steps, -1)).mean(dim=2).flatten(1)
    return out


def _solve(
    name: str,
    read: Callable[[Tokens], Tensor],
    train: tuple[Float[Tensor, "n C"], Float[np.ndarray, " n"]],
    validation: tuple[Float[Tensor, "v C"], Float[np.ndarray, " v"]],
) -> FittedRidge:
    """Return the regression with the best penalty. One eigenvalue problem serves every penalty."""
    x, y = train[0], torch.from_numpy(train[1]).to(train[0].device)
    centre, spread = x.mean(dim=0), x.std(dim=0, correction=0).clamp_min(1e-6) * x.shape[1] ** 0.5
    x, offset = (x - centre) / spread, y.mean()
    is_dual = x.shape[0] <= x.shape[1]
    values, vectors = torch.linalg.eigh(x @ x.T if is_dual else x.T @ x)
    projected = vectors.T @ ((y - offset) if is_dual else x.T @ (y - offset))
    highest, penalty, weights = -np.inf, PENALTIES[0], x.new_zeros(x.shape[1])
    held = (validation[0] - centre) / spread
    for candidate in PENALTIES:
        solution = vectors @ (projected / (values.clamp_min(0) + candidate))
        w = x.T @ solution if is_dual else solution
        r2 = r_squared((held @ w + offset).cpu().numpy(), validation[1])
        if r2 > highest:
            highest, penalty, weights = r2, candidate, w
    return FittedRidge(name, penalty, highest, lambda tokens: ((read(tokens) - centre) / spread) @ weights + offset)


def r_squared(predicted: Float[np.ndarray, " n"], actual: Float[np.ndarray, " n"]) -> float:
    """Return the coefficient of determination: 1 is perfect, and 0 is the error of the mean of the actual numbers.

    Args:
        predicted: predicted numbers.
        actual: actual numbers.
    """
    spread = float(np.square(actual - actual.mean()).sum())
    return 1 - float(np.square(predicted - actual).sum()) / spread if spread > 0 else 0.0


def regression_parts(
    predicted: Float[np.ndarray, " n"], actual: Float[np.ndarray, " n"], mean: float
) -> dict[str, float]:
    """Return errors and rank correlation of predictions, and the errors of the mean training number.

    Args:
        predicted: predicted numbers.
        actual: actual numbers.
        mean: mean number of the training clips.
    """
    from scipy import stats  # takes more than half a second to import, and few processes need it

    constant = np.full_like(actual, mean)
    is_defined = float(np.ptp(predicted)) > 0 and float(np.ptp(actual)) > 0
    return {
        "mae": float(np.abs(predicted - actual).mean()),
        "rmse": float(np.sqrt(np.square(predicted - actual).mean())),
        "spearman": float(np.asarray(stats.spearmanr(predicted, actual))[0]) if is_defined else 0.0,
        "mean_r2": 100 * r_squared(constant, actual),
        "mean_mae": float(np.abs(constant - actual).mean()),
        "mean_rmse": float(np.sqrt(np.square(constant - actual).mean())),
    }


def r_squared_interval(
    predicted: Float[np.ndarray, " n"], actual: Float[np.ndarray, " n"], units: Int[np.ndarray, " n"]
) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of R² over independent videos; None for fewer than five videos.

    Args:
        predicted: predicted numbers.
        actual: actual numbers.
        units: independent video of each number.
    """
    of = np.unique(units, return_inverse=True)[1]
    count = int(of.max()) + 1
    if count < 5:
        return None
    columns = (np.ones_like(actual), actual, np.square(actual), np.square(predicted - actual))
    sums = np.stack([np.bincount(of, weights=column, minlength=count) for column in columns], axis=1)
    weights = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), DRAWS)
    number, total, squares, errors = (weights @ sums).T
    spread = squares - np.square(total) / number
    ratios = 1 - errors[spread > 1e-12] / spread[spread > 1e-12]
    low, high = np.quantile(ratios, [0.025, 0.975]) if len(ratios) else (0.0, 0.0)
    return float(low), float(high)
