"""What is done to features before a head reads them, fitted on training clips only: centring and whitening."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.probes.kept import Features
from auxjepa.probes.protocol import Protocol

CLIPS_AT_ONCE = 1024
FLOOR = 1e-4
"""Variances below this share of the largest one aren't blown up."""


@dataclass(frozen=True)
class Preparation:
    """Per-position means and a whitening matrix, or identities where the protocol asks for neither."""

    mean: Float[Tensor, "1 N_or_1 D"]
    matrix: Float[Tensor, "D D"] | None

    def __call__(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "B N D"]:
        # Training features on disk come on an accelerator, smaller splits from memory: all go where the former are.
        centred = tokens.to(self.mean.device).float() - self.mean
        return centred if self.matrix is None else centred @ self.matrix


def fit(tokens: Float[Tensor, "n N D"] | Features, protocol: Protocol) -> Preparation:
    """Fit on training tokens (an unwhitened attentive probe stayed at chance on fine motion: docs/paper/laptop.md).

    Whitening takes tokens to covariance 1 in every direction whose variance is above ``FLOOR`` of the largest; without
    centring by position, it subtracts the one mean of all tokens. Features on disk are read once, in parts.
    """
    if isinstance(tokens, Features):
        return _streamed(tokens, protocol)
    tokens = tokens.float()
    if not protocol.whiten:
        zero = tokens.new_zeros(1, 1, tokens.shape[-1])
        return Preparation(tokens.mean(dim=0, keepdim=True) if protocol.centre else zero, None)
    mean = tokens.mean(dim=0 if protocol.centre else (0, 1), keepdim=True)
    covariance = torch.zeros(tokens.shape[-1], tokens.shape[-1], dtype=torch.float64, device=tokens.device)
    for part in tokens.split(CLIPS_AT_ONCE):  # in parts: the double copy of a large data set needn't fit in memory
        flat = (part - mean).flatten(0, 1).double()
        covariance += flat.T @ flat / (tokens.shape[0] * tokens.shape[1])
    return Preparation(mean, _whitening(covariance))


def _streamed(tokens: Features, protocol: Protocol) -> Preparation:
    """The same from one pass: sums of tokens by position, and of their products, in float64."""
    positions, dim = tokens.shape[1:]
    double = {"dtype": torch.float64, "device": tokens.device}
    total, products = torch.zeros(positions, dim, **double), torch.zeros(dim, dim, **double)
    for part in tokens.split(CLIPS_AT_ONCE):
        total += part.sum(dim=0, dtype=torch.float64)
        if protocol.whiten:
            for clip in part:  # a clip at a time: the double copy needn't fit in memory beside the part
                flat = clip.double()
                products += flat.T @ flat
    mean = total / len(tokens)
    if not protocol.whiten:
        mean = mean if protocol.centre else torch.zeros(1, dim, **double)
        return Preparation(mean[None].float(), None)
    if not protocol.centre:
        mean = mean.mean(dim=0, keepdim=True)
    squared = mean.T @ mean / len(mean)
    covariance = products / (len(tokens) * positions) - squared
    return Preparation(mean[None].float(), _whitening(covariance))


def _whitening(covariance: Float[Tensor, "D D"]) -> Float[Tensor, "D D"]:
    values, vectors = torch.linalg.eigh(covariance)
    scale = values.clamp_min(FLOOR * float(values[-1]) + 1e-12).rsqrt()
    return (vectors * scale).float()


def choose_channels(tokens: Float[Tensor, "n N D"], protocol: Protocol) -> Float[Tensor, "n N C"]:
    """The half of the channels that the protocol reads (the level's own division).

    Raises:
        ValueError: when that half is empty.
    """
    cut = max(1, int(tokens.shape[-1] * protocol.ratio))
    parts = {"all": slice(None), "appearance": slice(0, cut), "dynamics": slice(cut, None)}
    chosen = tokens[..., parts[protocol.channels]]
    if not chosen.shape[-1]:
        raise ValueError(f"ratio {protocol.ratio:g} leaves no {protocol.channels} channels of {tokens.shape[-1]}")
    return chosen
