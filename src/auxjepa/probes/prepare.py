"""What is done to features before a head reads them, fitted on training clips only: centring and whitening."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.probes.protocol import Protocol

FLOOR = 1e-4
"""Variances below this share of the largest one aren't blown up."""


@dataclass(frozen=True)
class Preparation:
    """Per-position means and a whitening matrix, or identities where the protocol asks for neither."""

    mean: Float[Tensor, "1 N_or_1 D"]
    matrix: Float[Tensor, "D D"] | None

    def __call__(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "B N D"]:
        centred = tokens.float() - self.mean
        return centred if self.matrix is None else centred @ self.matrix


def fit(tokens: Float[Tensor, "n N D"], protocol: Protocol) -> Preparation:
    """Fit on training tokens (whitening: RECIPE.md; an unwhitened attentive probe sat at chance on fine motion)."""
    tokens = tokens.float()
    mean = tokens.mean(dim=0, keepdim=True) if protocol.centre else tokens.new_zeros(1, 1, tokens.shape[-1])
    if not protocol.whiten:
        return Preparation(mean, None)
    flat = (tokens - mean).flatten(0, 1)
    covariance = (flat.T.double() @ flat.double()) / len(flat)
    values, vectors = torch.linalg.eigh(covariance)
    scale = values.clamp_min(FLOOR * float(values[-1]) + 1e-12).rsqrt()
    return Preparation(mean, (vectors * scale).float())


def choose_channels(tokens: Float[Tensor, "n N D"], protocol: Protocol) -> Float[Tensor, "n N C"]:
    """The half of the channels that the protocol reads (the last level's own division)."""
    cut = max(1, int(tokens.shape[-1] * protocol.ratio))
    parts = {"all": slice(None), "appearance": slice(0, cut), "dynamics": slice(cut, None)}
    return tokens[..., parts[protocol.channels]]
