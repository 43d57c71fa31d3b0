"""The sampler against weighted draws from the prior, and against studies drawn from the prior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.pooling_sampler import REFERENCE_SCALE, SCALE, sample


def half_cauchy(rng: np.random.Generator, size: tuple[int, ...] | int, scale: float = SCALE) -> np.ndarray:
    return scale * np.abs(rng.standard_cauchy(size))


def draw_effects(rng: np.random.Generator, k: int, variants: int, benchmarks: int) -> np.ndarray:
    """Effects from the prior, written without the sampler."""
    benchmark = half_cauchy(rng, (k, 1)) * rng.standard_normal((k, benchmarks))
    variant = half_cauchy(rng, (k, 1)) * rng.standard_normal((k, variants))
    interaction = half_cauchy(rng, (k, 1, 1)) * rng.standard_t(4, (k, variants, benchmarks))
    return benchmark[:, None] + variant[..., None] + interaction


def draw_noise_variance(rng: np.random.Generator, k: int, variants: int, benchmarks: int) -> np.ndarray:
    scale = rng.gamma(1, 1, (k, 1, benchmarks))
    return 4 * scale / rng.chisquare(4, (k, variants, benchmarks))


def test_effects_agree_with_weighted_draws_from_the_prior() -> None:
    # Two variants on one benchmark, three seeds, noise of clips: the likelihood is a product over seeds and one shift.
    d = np.array([[1.1, 0.2, 1.9], [0.4, -0.6, 0.7]])
    clips, shared = np.array([0.05, 0.1]), 0.08
    rng, k = np.random.default_rng(0), 250_000
    mu, noise = draw_effects(rng, k, 2, 1)[..., 0], draw_noise_variance(rng, k, 2, 1)[..., 0]
    reference = half_cauchy(rng, k, REFERENCE_SCALE) ** 2
    shift = rng.standard_normal((k, 2)) * np.sqrt(clips) + np.sqrt(shared) * rng.standard_normal((k, 1))
    a, b = noise[:, 0] + reference, noise[:, 1] + reference
    determinant = a * b - reference**2
    log = np.zeros(k)
    for s in range(3):
        x, y = (d[v, s] - mu[:, v] - shift[:, v] for v in (0, 1))
        log -= 0.5 * (np.log(determinant) + (b * x**2 - 2 * reference * x * y + a * y**2) / determinant)
    weight = np.exp(log - log.max())
    expected = weight @ mu / weight.sum()
    spread = np.sqrt(weight @ (mu - expected) ** 2 / weight.sum())
    assert weight.sum() ** 2 / (weight**2).sum() > 2000, "enough draws have weight"
    table = np.broadcast_to(d[:, None], (150, 2, 1, 3))
    observed = np.ones((2, 1, 3), bool)
    draws = sample(table, observed, clips[:, None], np.array([shared]), warm_up=100, draws=250, rng=rng)
    effects = draws.effects[..., 0].reshape(-1, 2)
    assert effects.mean(axis=0) == pytest.approx(expected, abs=0.03)
    assert effects.std(axis=0) == pytest.approx(spread, rel=0.06)
    assert draws.largest_r_hat < 1.15


def test_truths_from_the_prior_have_uniform_ranks() -> None:
    rng, k, shape = np.random.default_rng(1), 500, (3, 2)
    truth, noise = draw_effects(rng, k, *shape), draw_noise_variance(rng, k, *shape)
    reference = half_cauchy(rng, (k, 2), REFERENCE_SCALE)[..., None] * rng.standard_normal((k, 2, 3))
    clips, shared = np.array([[0.1, 0.0], [0.2, 0.0], [0.0, 0.0]]), np.array([0.1, 0.0])
    shift = rng.standard_normal((k, *shape)) * np.sqrt(clips) + (np.sqrt(shared) * rng.standard_normal((k, 2)))[:, None]
    d = (truth + shift)[..., None] + reference[:, None]
    d = d + np.sqrt(noise)[..., None] * rng.standard_normal((k, *shape, 3))
    observed = np.ones((*shape, 3), bool)
    observed[0, 0, 1:], observed[2, 1] = False, False  # one cell with one seed, one without any
    draws = sample(d, observed, clips, shared, warm_up=100, draws=300, rng=rng)
    ranks = (draws.effects < truth).mean(axis=0).reshape(k, -1)
    for column in ranks.T:
        for share in (0.1, 0.25, 0.5, 0.75, 0.9):
            below = int(np.sum(column < share))
            assert stats.binomtest(below, k, share).pvalue > 1e-4, (share, below / k)


def test_differences_that_were_not_measured_do_not_count() -> None:
    observed = np.array([[[True, True, False]], [[True, True, True]]])
    drawn = []
    for hidden in (0.0, 1e6):
        d = np.broadcast_to(np.array([[[1.0, 2.0, hidden]], [[0.0, 0.5, 0.2]]]), (4, 2, 1, 3))
        nothing = np.zeros((2, 1))
        drawn.append(sample(d, observed, nothing, nothing[0], warm_up=5, draws=5, rng=np.random.default_rng(0)).effects)
    assert (drawn[0] == drawn[1]).all()
