"""The narrow predictor: it maps visible tokens and mask tokens to teacher features at hidden (and visible) tokens."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from auxjepa.models.vit import EPS, Transformer, Width, initialise
from auxjepa.tokens import Grid

SIZES: dict[str, Width] = {
    "nano": Width(48, 2, 2),
    "tiny": Width(96, 4, 3),
    "small": Width(192, 6, 6),
    "base": Width(256, 8, 8),
    "large": Width(384, 12, 12),
}


class Prediction(NamedTuple):
    """The output of the predictor; ``visible`` is None unless it was requested."""

    hidden: Float[Tensor, "B M L D"]
    visible: Float[Tensor, "B K L D"] | None


class Predictor(nn.Module):
    """The predictor: it fuses the levels of the context, adds a mask token per hidden position, and predicts features.

    Hidden and visible tokens have separate heads (V-JEPA 2.1). Positions are rotary or sin-cos, so the order of tokens
    doesn't matter and nothing is sorted.
    """

    def __init__(
        self,
        width: Width,
        *,
        dim: int,
        levels: int,
        position: Literal["rope", "sincos"] = "rope",
        rope: Literal["interleaved", "tiled"] = "interleaved",
        rope_interpolate: int | None = None,
    ) -> None:
        super().__init__()
        self.levels, self.dim, self.rope_interpolate = levels, dim, rope_interpolate
        self.fuse = nn.Sequential(nn.Linear(levels * dim, dim), nn.GELU(), nn.Linear(dim, width.dim))
        self.mask_token = nn.Parameter(torch.zeros(width.dim))
        self.trunk = Transformer(width, position, rope)
        self.norm = nn.LayerNorm(width.dim, EPS)
        self.hidden_head = nn.Linear(width.dim, levels * dim)
        self.visible_head = nn.Linear(width.dim, levels * dim)
        for module in (self.fuse, self.hidden_head, self.visible_head):
            initialise(module)
        nn.init.trunc_normal_(self.mask_token, std=0.02)

    def forward(
        self,
        context: Float[Tensor, "B K L D"],
        context_index: Int[Tensor, "B K"],
        target_index: Int[Tensor, "B M"],
        grid: Grid,
        visible: bool = False,
    ) -> Prediction:
        """Predict features at ``target_index``; with ``visible`` also at ``context_index``."""
        b, k = context_index.shape
        fused = self.fuse(context.flatten(2))
        masked = self.mask_token.to(fused.dtype).expand(b, target_index.shape[1], -1)
        index = torch.cat([context_index, target_index], dim=1)
        (out,) = self.trunk(torch.cat([fused, masked], dim=1), index, grid, self.rope_interpolate)
        out = self.norm(out)
        shape = (self.levels, self.dim)
        hidden = self.hidden_head(out[:, k:]).unflatten(-1, shape)
        return Prediction(hidden, self.visible_head(out[:, :k]).unflatten(-1, shape) if visible else None)
