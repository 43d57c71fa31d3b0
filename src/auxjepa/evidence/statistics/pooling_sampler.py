"""Gibbs sampler of the model of partial pooling.

The difference of variant v on benchmark b with seed s, in units of the benchmark's noise of seeds, is

    d[v, b, s] = mu[v, b] + clips[v, b] + shared_clips[b] + reference[b, s] + noise[v, b, s]
    mu[v, b]   = benchmark[b] + variant[v] + interaction[v, b]

``reference`` is the part that all variants share because they are compared with one run of the reference. The
variances of ``clips`` and ``shared_clips`` are given, because marks of test clips determine them.

Priors: ``benchmark``, ``variant`` and ``reference`` are normal and ``interaction`` has Student's t distribution with 4
degrees of freedom, all around 0. Their standard deviations are half-Cauchy with scale 0.5; that of ``reference`` has
scale 1. The variance of ``noise`` of a cell has a scaled inverse chi-squared distribution with 4 degrees of freedom
around the benchmark's variance, which has a Gamma(1, 1) distribution.

Source:
    Gelman et al. (2013), "Bayesian Data Analysis", chapters 11 and 15. Makalic and Schmidt (2016), "A Simple Sampler
    for the Horseshoe Estimator", for half-Cauchy priors. Liu and Sabatti (2000), "Generalised Gibbs Sampler and
    Multigrid Monte Carlo", for the joint moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

TAILS = 4.0
"""Degrees of freedom of the interactions. Few large effects then do not prevent the shrinkage of small effects."""
NOISE_FREEDOM = 4.0
"""Degrees of freedom with which a cell's variance is tied to the variance of its benchmark."""
SCALE = 0.5
"""Scale of the half-Cauchy distributions of the standard deviations of effects."""
REFERENCE_SCALE = 1.0
"""Scale of the half-Cauchy distribution of the standard deviation of the reference's part."""
FLOOR = 1e-9
"""Smallest variance, in units of the noise of seeds."""

Array = np.ndarray


@dataclass(frozen=True)
class Draws:
    """Draws from the posterior distribution.

    Args:
        effects: draws of ``mu``, draws by chains by variants by benchmarks.
        seed_variance: draws of the sum of the variances of ``reference`` and ``noise``, in the same shape.
    """

    effects: Float[np.ndarray, "N K V B"]
    seed_variance: Float[np.ndarray, "N K V B"]

    @property
    def largest_r_hat(self) -> float:
        """Largest potential scale reduction of the effects: chains that agree give about 1.

        Source:
            Gelman and Rubin (1992).
        """
        n = len(self.effects)
        within = self.effects.var(axis=0, ddof=1).mean(axis=0)
        between = self.effects.mean(axis=0).var(axis=0, ddof=1)
        return float(np.sqrt((n - 1) / n + between / np.maximum(within, FLOOR)).max())


def sample(
    differences: Float[np.ndarray, "K V B S"],
    observed: Bool[np.ndarray, "V B S"],
    clip_variance: Float[np.ndarray, "V B"],
    shared_clip_variance: Float[np.ndarray, " B"],
    *,
    warm_up: int,
    draws: int,
    rng: np.random.Generator,
) -> Draws:
    """Return draws of all effects. Each chain has a separate table of differences, which may be equal.

    Args:
        differences: chains by variants by benchmarks by seeds, in units of the noise of seeds.
        observed: whether a difference was measured; others are ignored.
        clip_variance: variance of a mean difference that comes from the choice of test clips, without the shared part.
        shared_clip_variance: variance from the choice of test clips that all variants of a benchmark share.
        warm_up: number of first draws that are thrown away.
        draws: number of draws that are returned for each chain.
        rng: source of random numbers.
    """
    chains = _Chains(differences, observed, clip_variance, shared_clip_variance, rng)
    effects = np.empty((draws, *chains.mu.shape))
    variances = np.empty_like(effects)
    for step in range(-warm_up, draws):
        chains.step()
        if step >= 0:
            effects[step] = chains.mu
            variances[step] = chains.noise + chains.reference_variance[:, None, :]
    return Draws(effects, variances)


class _Chains:
    """State of all chains. Axes: chains K, variants V, benchmarks B, seeds S."""

    def __init__(
        self, differences: Array, observed: Array, clip_variance: Array, shared: Array, rng: np.random.Generator
    ) -> None:
        self.rng = rng
        self.mask = observed.astype(float)
        self.d = np.where(observed, differences, 0.0)
        self.count = self.mask.sum(axis=2)  # V B
        self.seeds = observed.any(axis=0).astype(float)  # B S
        self.clip_variance, self.shared_variance = clip_variance, shared
        chains, variants, benchmarks, _ = self.d.shape
        self.mu = self.d.sum(axis=3) / np.maximum(self.count, 1)
        # Chains start around the raw means. A chain that starts far from a large effect takes it for noise.
        self.mu = self.mu + rng.standard_normal(self.mu.shape) / np.sqrt(np.maximum(self.count, 1))
        self.clips = np.zeros_like(self.mu)
        self.shared = np.zeros((chains, benchmarks))
        self.reference = np.zeros((chains, benchmarks, self.d.shape[3]))
        self.benchmark, self.variant = np.zeros((chains, benchmarks)), np.zeros((chains, variants))
        self.noise = np.ones_like(self.mu)
        self.noise_scale = np.ones((chains, benchmarks))
        self.tails = np.ones_like(self.mu)
        start = lambda *shape: rng.uniform(0.1, 2, (chains, *shape)) ** 2  # noqa: E731
        self.reference_variance = start(benchmarks)
        self.interaction_variance, self.variant_variance, self.benchmark_variance = start(), start(), start()

    def step(self) -> None:
        """Draw every parameter once from its distribution given all others."""
        self._draw_structure()  # first, so that the first draw of an effect does not shrink it by a starting value
        self._draw_effects()
        self._draw_shared_errors()
        self._draw_noise()

    def _draw_effects(self) -> None:
        """Draw ``mu`` without the clips' part, then the clips' part."""
        total = (self.d - self.reference[:, None] * self.mask).sum(axis=3) - self.count * self.shared[:, None]
        sampling = self.noise / np.maximum(self.count, FLOOR)
        mean = total / np.maximum(self.count, 1)
        precision = 1 / (sampling + self.clip_variance)
        prior = 1 / self._spread()
        centre = self.benchmark[:, None] + self.variant[..., None]
        self.mu = self._normal(precision * mean + prior * centre, precision + prior)
        own = 1 / np.maximum(self.clip_variance, FLOOR)
        drawn = self._normal((mean - self.mu) / sampling, 1 / sampling + own)
        self.clips = np.where(self.clip_variance > FLOOR, drawn, 0.0)

    def _draw_shared_errors(self) -> None:
        """Draw the errors that all variants share, and move each of them jointly with the means of the benchmarks."""
        weight = self.mask / self.noise[..., None]  # K V B S
        error = self.d - ((self.mu + self.clips + self.shared[:, None])[..., None]) * self.mask
        precision = weight.sum(axis=1) + 1 / self.reference_variance[..., None]
        self.reference = self._normal((error * weight).sum(axis=1), precision) * self.seeds
        error = error - (self.reference[:, None] - self.shared[:, None, :, None]) * self.mask
        own = 1 / np.maximum(self.shared_variance, FLOOR)
        drawn = self._normal((error * weight).sum(axis=(1, 3)), weight.sum(axis=(1, 3)) + own)
        self.shared = np.where(self.shared_variance > FLOOR, drawn, 0.0)
        # The sum of the mean and the shared error is almost fixed by the data, so single draws would move slowly.
        prior = 1 / self.benchmark_variance[:, None]
        per_seed = self.seeds / self.reference_variance[..., None]
        shift = self._normal(
            (self.reference * per_seed).sum(axis=2) - self.benchmark * prior, per_seed.sum(axis=2) + prior
        )
        self._move_benchmarks(shift)
        self.reference = self.reference - shift[..., None] * self.seeds
        shift = self._normal(self.shared * own - self.benchmark * prior, prior + own)
        shift = np.where(self.shared_variance > FLOOR, shift, 0.0)
        self._move_benchmarks(shift)
        self.shared = self.shared - shift

    def _draw_noise(self) -> None:
        """Draw the variances of the noise and of the reference's part."""
        fitted = (self.mu + self.clips + self.shared[:, None])[..., None] + self.reference[:, None]
        squares = (((self.d - fitted) * self.mask) ** 2).sum(axis=3)
        scale = NOISE_FREEDOM * self.noise_scale[:, None]
        self.noise = self._inverse_gamma((NOISE_FREEDOM + self.count) / 2, (scale + squares) / 2)
        shape = 1 + self.mu.shape[1] * NOISE_FREEDOM / 2
        rate = 1 + NOISE_FREEDOM / 2 * (1 / self.noise).sum(axis=1)
        self.noise_scale = np.maximum(self.rng.standard_gamma(shape, rate.shape) / rate, FLOOR)
        squares = (self.reference**2).sum(axis=2)
        self.reference_variance = self._half_cauchy(
            self.reference_variance, self.seeds.sum(axis=1), squares, REFERENCE_SCALE
        )

    def _draw_structure(self) -> None:
        """Draw the effects of benchmarks and variants, and the variances of all three parts of ``mu``."""
        weight = 1 / self._spread()
        error = self.mu - self.variant[..., None]
        self.benchmark = self._normal(
            (error * weight).sum(axis=1), weight.sum(axis=1) + 1 / self.benchmark_variance[:, None]
        )
        error = self.mu - self.benchmark[:, None]
        self.variant = self._normal(
            (error * weight).sum(axis=2), weight.sum(axis=2) + 1 / self.variant_variance[:, None]
        )
        from_benchmarks, from_variants = 1 / self.benchmark_variance[:, None], 1 / self.variant_variance[:, None]
        shift = self._normal(
            (self.benchmark * from_benchmarks).sum(axis=1) - (self.variant * from_variants).sum(axis=1),
            (self.benchmark.shape[1] * from_benchmarks + self.variant.shape[1] * from_variants)[:, 0],
        )
        self.benchmark, self.variant = self.benchmark - shift[:, None], self.variant + shift[:, None]
        squares = (self.mu - self.benchmark[:, None] - self.variant[..., None]) ** 2
        ratio = squares / self.interaction_variance[:, None, None]
        self.tails = self._inverse_gamma((TAILS + 1) / 2, (TAILS + ratio) / 2)
        n = self.mu.shape[1] * self.mu.shape[2]
        self.interaction_variance = self._half_cauchy(
            self.interaction_variance, n, (squares / self.tails).sum(axis=(1, 2))
        )
        self.variant_variance = self._half_cauchy(
            self.variant_variance, self.variant.shape[1], (self.variant**2).sum(axis=1)
        )
        self.benchmark_variance = self._half_cauchy(
            self.benchmark_variance, self.benchmark.shape[1], (self.benchmark**2).sum(axis=1)
        )

    def _spread(self) -> Array:
        return np.maximum(self.interaction_variance[:, None, None] * self.tails, FLOOR)

    def _move_benchmarks(self, shift: Array) -> None:
        self.benchmark = self.benchmark + shift
        self.mu = self.mu + shift[:, None]

    def _normal(self, weighted: Array, precision: Array) -> Array:
        """Return normal draws with mean ``weighted / precision``."""
        return weighted / precision + self.rng.standard_normal(weighted.shape) / np.sqrt(precision)

    def _inverse_gamma(self, shape: Array | float, scale: Array) -> Array:
        return np.maximum(scale / self.rng.standard_gamma(shape, scale.shape), FLOOR)

    def _half_cauchy(self, variance: Array, n: Array | int, squares: Array, scale: float = SCALE) -> Array:
        """Return draws of a variance from ``n`` normal values, if its root is half-Cauchy."""
        mixed = self._inverse_gamma(1.0, scale**-2 + 1 / variance)
        return self._inverse_gamma((n + 1) / 2, 1 / mixed + squares / 2)
