"""Compute the probability that a claim is true as stated, from the evidence on it.

A logistic regression on few features is fitted to labelled claims (``data/calibration.json`` describes the fit and
repeats its command). Without results there is no data to fit. The odds of that case are set by hand, and the file says
so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import Field
from scipy import optimize

from auxjepa.config import Typed
from auxjepa.evidence.ledger.entry import Check

FILE = Path(__file__).parents[1] / "data" / "calibration.json"
FEATURES = ("outcome", "loose")
PRIOR_SD = 2.5
"""Standard deviation of every coefficient around 0, so that a few unanimous labels do not give certainty.

It is the scale of the weakly informative prior of Gelman et al. (2008), chosen beforehand and not tuned.
"""
LOOSE = ("quoted", "wording", "rounding")


class Model(Typed):
    """Log-odds ``intercept + weights . features`` for claims on which results exist."""

    intercept: float
    weights: dict[str, float]
    passage: float = Field(default=1.0, description="log-odds per independent source without results; set by hand")
    secondary: float = Field(default=0.5, description="log-odds if only its own source states it; set by hand")


class Item(NamedTuple):
    """A labelled claim. Claims of one group share numbers and are never split between fitting and testing."""

    features: dict[str, float]
    true: bool
    group: str
    weight: float = 1.0


@cache
def model() -> Model:
    """Return the fitted model of the package."""
    return Model.model_validate(json.loads(FILE.read_text(encoding="utf-8"))["model"])


def features(answer: str, checks: Sequence[Check]) -> dict[str, float]:
    """Return the features of a claim.

    ``outcome`` is 1 if results agree, -1 if they disagree, and 0 without results. ``loose`` is the outcome if it
    depends on an interpretation or on rounding, and 0 otherwise.

    Args:
        answer: "holds", "fails" or "".
        checks: checks of the claim.
    """
    side = {"holds": 1.0, "fails": -1.0}.get(answer, 0.0)
    return {"outcome": side, "loose": side * any(c.name in LOOSE and c.state != "ok" for c in checks)}


def probability(values: Mapping[str, float], fitted: Model) -> float:
    """Return the probability that a claim is true, from its features; 0.5 without results.

    Args:
        values: features of the claim.
        fitted: the model.
    """
    if not values["outcome"]:
        return 0.5
    return expit(fitted.intercept + sum(fitted.weights[name] * values[name] for name in FEATURES))


def expit(x: float) -> float:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def fit(items: Sequence[Item], prior_sd: float = PRIOR_SD) -> Model:
    """Return the most probable coefficients under a normal prior. The objective is strictly concave, so the result is
    unique.

    Args:
        items: labelled claims.
        prior_sd: standard deviation of the prior.

    Raises:
        ValueError: there is no labelled claim.
    """
    if not items:
        raise ValueError("nothing to fit on")
    x = np.array([[1.0, *(item.features[name] for name in FEATURES)] for item in items])
    sign = np.array([1.0 if item.true else -1.0 for item in items])
    item_weights = np.array([item.weight for item in items])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (x @ w)
        value = float(item_weights @ np.logaddexp(0, -margin) + (w @ w) / (2 * prior_sd**2))
        slope = -(item_weights * sign / (1 + np.exp(margin))) @ x + w / prior_sd**2
        return value, slope

    optimum = optimize.minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"ftol": 1e-14})
    intercept, *weights = (round(float(v), 4) for v in optimum.x)
    return Model(intercept=intercept, weights=dict(zip(FEATURES, weights, strict=True)))


def held_out(items: Sequence[Item], groups: Sequence[str], usable: Sequence[bool]) -> list[float]:
    """Return the probability of every item from a model that was fitted without the item's group.

    Args:
        items: labelled claims.
        groups: group of each item.
        usable: whether a model may be fitted to each item.
    """
    fitted = {
        left_out: fit([i for i, group, fits in zip(items, groups, usable, strict=True) if fits and group != left_out])
        for left_out in dict.fromkeys(groups)
    }
    return [probability(item.features, fitted[group]) for item, group in zip(items, groups, strict=True)]


def brier(p: Sequence[float], true: Sequence[bool], weight: Sequence[float] | None = None) -> float:
    """Return the mean squared distance of probabilities from the truth: 0 is best, 0.25 results from a constant 0.5."""
    return float(np.average((np.asarray(p) - np.asarray(true, float)) ** 2, weights=weight))


def log_loss(p: Sequence[float], true: Sequence[bool], weight: Sequence[float] | None = None) -> float:
    """Return the mean of minus the logarithm of the true label's probability: 0.69 results from a constant 0.5."""
    q = np.clip(np.where(true, p, 1 - np.asarray(p)), 1e-12, 1)
    return float(np.average(-np.log(q), weights=weight))
