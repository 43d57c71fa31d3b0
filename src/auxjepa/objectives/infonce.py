"""InfoNCE: two views of one clip should be closer to each other than to the other clips of the batch."""

from __future__ import annotations

from itertools import combinations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from auxjepa.objectives.objective import Objective, average, joined, positive, two_layer
from auxjepa.step import Step


def infonce_loss(a: Float[Tensor, "B E"], b: Float[Tensor, "B E"], temperature: float | int = 0.1) -> Float[Tensor, ""]:
    """Return the cross-entropy of identifying each clip's partner in the batch, in both directions.

    Source: arXiv 1807.03748
    """
    similarity = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T / temperature
    partner = torch.arange(len(a), device=a.device)
    return (F.cross_entropy(similarity, partner) + F.cross_entropy(similarity.T, partner)) / 2


class InfoNCE(Objective):
    """Clip-level contrast between masks of one clip: the contrastive reference.

    The masks of a step are its augmentations: the mean of a clip's visible tokens passes a two-layer projection, and
    every two views are contrasted. With one view, the partner is the teacher's mean over the whole clip (without
    gradient), as in momentum contrast. The term is undefined for a batch of one clip.
    The gradient reaches the student and the projection.

    Args:
        temperature: temperature of the softmax.
        hidden_dim: width of the projection's hidden layer.
        out_dim: width of its output.

    Raises:
        ConfigError: for values out of range.
    """

    doubling = "any"

    def __init__(
        self, *, levels: int, dim: int, temperature: float | int = 0.1, hidden_dim: int = 256, out_dim: int = 128
    ) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(temperature=temperature, out_dim=out_dim)
        self.temperature = temperature
        self.head = two_layer(levels * dim, hidden_dim, out_dim)

    def loss(self, step: Step) -> Float[Tensor, ""]:
        if len(step.target) < 2:
            return average((), step)
        clips = [self.head(joined(view.context).mean(1)) for view in step.views]
        if len(clips) == 1:
            clips.append(self.head(joined(step.target).detach().mean(1)))
        return average((infonce_loss(a, b, self.temperature) for a, b in combinations(clips, 2)), step)
