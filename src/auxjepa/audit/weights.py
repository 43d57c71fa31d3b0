"""The weights of positions in hard-region terms, and their unevenness."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.audit.records import Spread
from auxjepa.objectives import Objective
from auxjepa.objectives.hard_region import HardRegionPrediction, hard_region_weights
from auxjepa.objectives.latent_dynamics import LatentDynamics, latent_dynamics_error
from auxjepa.objectives.objective import joined, power
from auxjepa.step import Step, View
from auxjepa.tokens import gather


@torch.no_grad()
def pools(objective: Objective, step: Step) -> list[Float[Tensor, " _"]]:
    """Return the weights of each pool (a clip, or the batch) of every view; empty if the term has no weights."""
    if isinstance(objective, HardRegionPrediction):
        return [clip for view in step.views for clip in _prediction(objective, step, view)]
    if isinstance(objective, LatentDynamics) and objective.hard_region is not None:
        return [pool for view in step.views for pool in _dynamics(objective, step, view)]
    return []


def _prediction(objective: HardRegionPrediction, step: Step, view: View) -> list[Float[Tensor, " _"]]:
    if view.target_index.shape[1] < 2:
        return []
    target = gather(step.target, view.target_index)
    error = power(view.predicted.float() - target.float(), objective.exponent).flatten(2).mean(-1)
    return list(hard_region_weights(error, objective.temperature))


def _dynamics(objective: LatentDynamics, step: Step, view: View) -> list[Float[Tensor, " _"]]:
    pairs, region = step.pairs(view), objective.hard_region
    if region is None or len(pairs.now) < 2:
        return []
    guessed = objective.head(objective.subspaces.read(pairs.now, objective.channels))
    error = latent_dynamics_error(guessed, joined(pairs.target_now), joined(pairs.target_after))
    clip = pairs.where.nonzero()[:, 0]
    weights = region.weights(error, clip, len(pairs.where))
    return [weights] if region.pool == "batch" else [weights[clip == c] for c in clip.unique()]


def spread(pools: list[Float[Tensor, " _"]]) -> Spread | None:
    """Return the unevenness of weights, averaged over pools; None without pools."""
    if not pools:
        return None
    largest, top, effective = [], [], []
    for weights in pools:
        w = weights.double() / weights.double().mean()
        hardest = w.sort(descending=True).values
        # The tenth may end inside a position, which then counts in part, so that equal weights give exactly 0.1.
        count, part = divmod(len(w), 10)
        tenth = hardest[:count].sum() + (hardest[count] * part / 10 if part else 0.0)
        largest.append(float(w.max()))
        top.append(float(tenth / w.sum()))
        effective.append(float(w.sum().square() / w.square().sum() / len(w)))
    return Spread(max_over_mean=_mean(largest), top_tenth=_mean(top), effective=_mean(effective))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
