"""The weights that hard-region terms give to positions, and how uneven they are."""

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
    """Weights pool by pool (a clip, or the batch), of every view; empty where a term weights nothing."""
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


def spread(found: list[Float[Tensor, " _"]]) -> Spread | None:
    """How uneven the weights are, mean over pools; None where there are none."""
    if not found:
        return None
    largest, top, effective = [], [], []
    for weights in found:
        w = weights.double() / weights.double().mean()
        hardest = w.sort(descending=True).values
        # The tenth may end inside a position: that one counts in part, so that equal weights give exactly 0.1.
        whole, part = divmod(len(w), 10)
        tenth = hardest[:whole].sum() + (hardest[whole] * part / 10 if part else 0.0)
        largest.append(float(w.max()))
        top.append(float(tenth / w.sum()))
        effective.append(float(w.sum().square() / w.square().sum() / len(w)))
    mean = lambda values: sum(values) / len(values)  # noqa: E731
    return Spread(max_over_mean=mean(largest), top_tenth=mean(top), effective=mean(effective))
