"""From what was found on a claim to the probability that it is true as stated.

A logistic regression on few features, fitted to labelled claims (``data/calibration.json`` says on which, and how to
fit it again). Where no results speak of a claim there is nothing to fit on; the odds are set by hand, as the file says.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
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
"""Of every coefficient around 0, so that a few unanimous labels don't give certainty: the scale of the weakly
informative prior of Gelman et al. (2008), chosen beforehand and not tuned."""
LOOSE = ("quoted", "wording", "rounding")


class Model(Typed):
    """Log-odds: ``intercept + weights . features`` where results speak of a claim."""

    intercept: float
    weights: dict[str, float]
    passage: float = Field(default=1.0, description="log-odds per independent source without results; set by hand")
    secondary: float = Field(default=0.5, description="log-odds where only its own source says it; set by hand")


class Item(NamedTuple):
    """A labelled claim: claims of one group (they share numbers) are never divided between fitting and testing."""

    features: dict[str, float]
    true: bool
    group: str
    weight: float = 1.0


@cache
def model() -> Model:
    """The fitted model of the package."""
    return Model.model_validate(json.loads(FILE.read_text(encoding="utf-8"))["model"])


def features(answer: str, checks: Sequence[Check]) -> dict[str, float]:
    """``outcome``: 1 where results agree, -1 where they don't, 0 where they say nothing; ``loose``: the same where that
    rests on a reading or on rounding, else 0."""
    side = {"holds": 1.0, "fails": -1.0}.get(answer, 0.0)
    return {"outcome": side, "loose": side * any(c.name in LOOSE and c.state != "ok" for c in checks)}


def probability(found: Mapping[str, float], fitted: Model) -> float:
    """That a claim is true, given its features; 0.5 where results say nothing."""
    if not found["outcome"]:
        return 0.5
    return expit(fitted.intercept + sum(fitted.weights[name] * found[name] for name in FEATURES))


def expit(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def fit(items: Sequence[Item], prior_sd: float = PRIOR_SD) -> Model:
    """The most probable coefficients under a normal prior; strictly concave, so there is one answer.

    Raises:
        ValueError: without a labelled claim.
    """
    if not items:
        raise ValueError("nothing to fit on")
    x = np.array([[1.0, *(item.features[name] for name in FEATURES)] for item in items])
    sign = np.array([1.0 if item.true else -1.0 for item in items])
    weight = np.array([item.weight for item in items])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (x @ w)
        value = float(weight @ np.logaddexp(0, -margin) + (w @ w) / (2 * prior_sd**2))
        slope = -(weight * sign / (1 + np.exp(margin))) @ x + w / prior_sd**2
        return value, slope

    found = optimize.minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"ftol": 1e-14})
    intercept, *rest = (round(float(v), 4) for v in found.x)
    return Model(intercept=intercept, weights=dict(zip(FEATURES, rest, strict=True)))


def held_out(items: Sequence[Item], groups: Iterable[str] | None = None) -> list[float]:
    """The probability of every item by a model that was fitted without its group.

    Args:
        groups: of every item, in place of its own.
    """
    names = list(groups) if groups is not None else [item.group for item in items]
    fitted = {
        name: fit([item for item, other in zip(items, names, strict=True) if other != name])
        for name in dict.fromkeys(names)
    }
    return [probability(item.features, fitted[name]) for item, name in zip(items, names, strict=True)]


def brier(p: Sequence[float], true: Sequence[bool], weight: Sequence[float] | None = None) -> float:
    """Mean squared distance of probabilities from what is true (0 is best; 0.25 is always saying 0.5)."""
    return float(np.average((np.asarray(p) - np.asarray(true, float)) ** 2, weights=weight))


def log_loss(p: Sequence[float], true: Sequence[bool], weight: Sequence[float] | None = None) -> float:
    """Mean of minus the logarithm of the probability that was given to what is true (0.69 is always saying 0.5)."""
    q = np.clip(np.where(true, p, 1 - np.asarray(p)), 1e-12, 1)
    return float(np.average(-np.log(q), weights=weight))
