"""Latent temporal contrast (LTC): a token should be closer to the teacher at t than to the teacher at t+1."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, joined
from auxjepa.step import Step, View


def temporal_contrast_loss(
    now: Float[Tensor, "P C"],
    target_now: Float[Tensor, "P C"],
    target_after: Float[Tensor, "P C"],
    margin: float | int = 0.5,
) -> Float[Tensor, ""]:
    """Return the mean of ``max(0, margin - cos(z_t, h_t) + cos(z_t, h_{t+1}))`` (no gradient to the teacher)."""
    same = F.cosine_similarity(now, target_now.detach(), dim=-1, eps=1e-8)
    other = F.cosine_similarity(now, target_after.detach(), dim=-1, eps=1e-8)
    return (margin - same + other).relu().mean()


class TemporalContrast(Objective):
    """Margin loss over pairs of visible tokens. The gradient reaches the student at t."""

    def __init__(self, *, levels: int, dim: int, margin: float | int = 0.5) -> None:
        super().__init__(levels=levels, dim=dim)
        self.margin = margin

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        now, target_now, target_after = map(joined, (pairs.now, pairs.target_now, pairs.target_after))
        return temporal_contrast_loss(now, target_now, target_after, self.margin)
