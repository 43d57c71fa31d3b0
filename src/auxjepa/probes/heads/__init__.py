"""Classification heads that are trained together: every module holds ``G`` independent heads, one for each grid point.

All heads see the same batches, so a grid costs little more than one head. The head is selected on validation clips
alone.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from auxjepa.probes.heads.attentive import Attentive, ReleasedAttentive
from auxjepa.probes.heads.linear import Linear
from auxjepa.probes.heads.motion_router import MotionRouter
from auxjepa.probes.heads.parts import UNDECAYED
from auxjepa.probes.heads.space_time import SpaceTime
from auxjepa.probes.heads.spatial_router import SpatialRouter
from auxjepa.probes.heads.temporal_attention import TemporalAttention
from auxjepa.probes.heads.temporal_convolution import TemporalConvolution
from auxjepa.probes.protocol import Protocol

__all__ = ["SEES", "UNDECAYED", "Attentive", "Linear", "ReleasedAttentive", "build"]

SEES: dict[str, Literal["mean", "tokens", "steps", "places"]] = {
    "linear": "mean",
    "knn": "mean",
    "attentive": "tokens",
    "attentive_released": "tokens",
    "tap": "steps",
    "temporal_conv": "steps",
    "motion_router": "steps",
    "motion_router_full": "places",
    "spatial_router": "places",
    "st_attn": "places",
}
"""Input of each head: the mean token ``B D``, all tokens ``B N D``, the mean token of every time step ``B T D``, or all
tokens by time step and place ``B T S D``."""


def build(protocol: Protocol, grid: int, dim: int, classes: int, generator: torch.Generator) -> nn.Module:
    """Return ``G`` copies of the head that a protocol names. Its output is ``G B C``.

    Args:
        protocol: settings of the probe; :data:`SEES` defines the input of each head.
        grid: number of grid points G.
        dim: channels of a token.
        classes: number of classes C.
        generator: random numbers of the initial weights and of dropout.

    Raises:
        ValueError: if the head has no parameters to train.
        ValueError: if the number of channels isn't a multiple of the number of attention heads.
    """
    name, heads, dropout = protocol.head, protocol.attention_heads, protocol.dropout
    if name == "linear":
        return Linear(grid, dim, classes, generator)
    if name == "attentive":
        return Attentive(grid, dim, classes, heads, generator)
    if name == "attentive_released":
        return ReleasedAttentive(grid, dim, classes, heads, generator)
    if name == "tap":
        return TemporalAttention(grid, dim, classes, heads, dropout, generator)
    if name == "temporal_conv":
        return TemporalConvolution(grid, dim, classes, heads, dropout, generator)
    if name in ("motion_router", "motion_router_full"):
        return MotionRouter(grid, dim, classes, dropout, generator)
    if name == "spatial_router":
        return SpatialRouter(grid, dim, classes, dropout, generator)
    if name == "st_attn":
        return SpaceTime(grid, dim, classes, heads, dropout, generator)
    raise ValueError(f"the head {name!r} is not trained")
