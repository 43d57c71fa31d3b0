"""Ridge regression against scikit-learn, and its scores against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from auxjepa.probes.protocol import Protocol
from auxjepa.probes.ridge import PENALTIES, fit_ridge, r_squared, r_squared_interval, regression_parts

PLAIN = Protocol(name="ridge", centre=False, whiten=False)
READY = Protocol(name="ridge")


def planted(clips: int, tokens: int = 1, dim: int = 6, noise: float = 0.1, seed: int = 0, at: int | None = None):
    """Random tokens and a number that is linear in their mean, or in the token ``at``."""
    rng = np.random.default_rng([seed, clips])
    x = rng.normal(size=(clips, tokens, dim))
    weights = np.random.default_rng(99).normal(size=dim)
    source = x.mean(axis=1) if at is None else x[:, at]
    return torch.from_numpy(x).float(), source @ weights + noise * rng.normal(size=clips)


@pytest.mark.parametrize(("clips", "dim"), [(40, 6), (20, 50)])
def test_predictions_are_those_of_scikit_learn(clips: int, dim: int) -> None:
    train, validation, test = (planted(n, dim=dim) for n in (clips, 30, 25))
    fitted = fit_ridge(PLAIN, train, validation)
    x = train[0][:, 0].double().numpy()
    mean, spread = x.mean(axis=0), x.std(axis=0) * dim**0.5
    scores = {}
    for penalty in PENALTIES:
        reference = Ridge(alpha=penalty).fit((x - mean) / spread, train[1])
        read = lambda part, r=reference: r.predict((part[0][:, 0].double().numpy() - mean) / spread)  # noqa: E731
        scores[penalty] = (r2_score(validation[1], read(validation)), read(test))
    best = max(PENALTIES, key=lambda penalty: scores[penalty][0])
    assert fitted.penalty == best and fitted.validation == pytest.approx(scores[best][0], abs=1e-6)
    assert np.allclose(fitted.predict(test[0]), scores[best][1], atol=1e-5)


@pytest.mark.parametrize(("at", "features", "clips"), [(None, "mean", 30), (2, "tokens", 400)])
def test_validation_chooses_between_the_mean_and_all_tokens(at: int | None, features: str, clips: int) -> None:
    train, validation, test = (planted(n, tokens=4, at=at, noise=0.3) for n in (clips, 200, 100))
    fitted = fit_ridge(READY, train, validation)
    assert fitted.features == features
    assert r_squared(fitted.predict(test[0]), test[1]) > 0.6


def test_tokens_that_are_too_many_are_read_as_time_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auxjepa.probes.ridge.MOST_FEATURES", 23)
    train, validation = (planted(n, tokens=4, at=1) for n in (300, 80))
    assert fit_ridge(READY, train, validation, steps=4).features == "steps"
    assert fit_ridge(READY, train, validation, steps=1).features == "mean"


def test_unrelated_features_predict_no_better_than_the_mean() -> None:
    train, validation, test = (planted(n, dim=30, seed=n)[0] for n in (100, 60, 200))
    target = {n: np.random.default_rng(n).normal(size=n) for n in (100, 60, 200)}
    fitted = fit_ridge(READY, (train, target[100]), (validation, target[60]))
    assert r_squared(fitted.predict(test), target[200]) < 0.05


def test_scores_follow_their_definitions() -> None:
    rng = np.random.default_rng(0)
    actual, predicted = rng.normal(size=50), rng.normal(size=50)
    parts = regression_parts(predicted, actual, 0.3)
    assert r_squared(predicted, actual) == pytest.approx(r2_score(actual, predicted))
    assert parts["mae"] == pytest.approx(np.abs(predicted - actual).mean())
    assert parts["rmse"] == pytest.approx(np.sqrt(((predicted - actual) ** 2).mean()))
    assert parts["spearman"] == pytest.approx(stats.spearmanr(predicted, actual).statistic)
    assert parts["mean_mae"] == pytest.approx(np.abs(0.3 - actual).mean()) and parts["mean_r2"] <= 0
    assert regression_parts(np.ones(50), actual, 0.3)["spearman"] == 0
    assert r_squared(actual, actual) == 1 and r_squared(np.ones(3), np.ones(3)) == 0


def test_the_interval_holds_the_score_and_is_wider_for_clips_of_few_videos() -> None:
    rng = np.random.default_rng(1)
    video = np.repeat(np.arange(20), 10)
    offset = rng.normal(size=20)[video]
    actual = offset + rng.normal(size=200)
    predicted = actual + offset + 0.3 * rng.normal(size=200)
    score = r_squared(predicted, actual)
    clips, videos = (r_squared_interval(predicted, actual, units) for units in (np.arange(200), video))
    assert clips is not None and videos is not None
    assert clips[0] < score < clips[1] and videos[1] - videos[0] > clips[1] - clips[0]
    assert r_squared_interval(predicted, actual, video % 4) is None


def test_numbers_that_cannot_be_fitted_are_refused() -> None:
    tokens, target = planted(10)
    with pytest.raises(ValueError, match="all training numbers are equal"):
        fit_ridge(READY, (tokens, np.ones(10)), (tokens, target))
    with pytest.raises(ValueError, match="validation: 9 numbers for 10 clips"):
        fit_ridge(READY, (tokens, target), (tokens, target[:9]))
