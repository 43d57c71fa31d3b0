"""Preparation of features before a head reads them: centring and whitening, fitted on training clips only."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.probes.kept import Features
from auxjepa.probes.protocol import Protocol

CLIPS_AT_ONCE = 1024
FLOOR = 1e-4
"""Smallest ratio of a variance to the largest one that whitening scales to 1. It scales smaller variances less."""


@dataclass(frozen=True)
class Preparation:
    """Means by position and a whitening matrix. They are zeros and None if the protocol disables them."""

    mean: Float[Tensor, "1 N_or_1 D"]
    matrix: Float[Tensor, "D D"] | None

    def __call__(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "B N D"]:
        # Training features from disk are on an accelerator and smaller splits are in memory: use the former's device.
        centred = tokens.to(self.mean.device).float() - self.mean
        return centred if self.matrix is None else centred @ self.matrix


def fit(tokens: Float[Tensor, "n N D"] | Features, protocol: Protocol) -> Preparation:
    """Fit the preparation on training tokens.

    Whitening scales tokens to covariance 1 in every direction with a variance above ``FLOOR`` of the largest. Without
    centring by position, whitening subtracts one mean of all tokens. Features on disk are read once, in parts. An
    unwhitened attentive probe stayed at chance on fine motion (docs/paper/laptop.md).

    Args:
        tokens: training tokens.
        protocol: settings of the probe.
    """
    if isinstance(tokens, Features):
        return _streamed(tokens, protocol)
    tokens = tokens.float()
    if not protocol.whiten:
        zero = tokens.new_zeros(1, 1, tokens.shape[-1])
        return Preparation(tokens.mean(dim=0, keepdim=True) if protocol.centre else zero, None)
    mean = tokens.mean(dim=0 if protocol.centre else (0, 1), keepdim=True)
    covariance = torch.zeros(tokens.shape[-1], tokens.shape[-1], dtype=torch.float64, device=tokens.device)
    for part in tokens.split(CLIPS_AT_ONCE):  # in parts: a float64 copy of a large data set doesn't fit in memory
        flat = (part - mean).flatten(0, 1).double()
        covariance += flat.T @ flat / (tokens.shape[0] * tokens.shape[1])
    return Preparation(mean, _whitening(covariance))


def _streamed(tokens: Features, protocol: Protocol) -> Preparation:
    """Return the preparation from one pass over features on disk, with sums in float64.

    The sums are those of tokens by position and of products of their channels.
    """
    positions, dim = tokens.shape[1:]
    double = {"dtype": torch.float64, "device": tokens.device}
    total, products = torch.zeros(positions, dim, **double), torch.zeros(dim, dim, **double)
    for part in tokens.split(CLIPS_AT_ONCE):
        total += part.sum(dim=0, dtype=torch.float64)
        if protocol.whiten:
            for clip in part:  # one clip at a time, so that the float64 copy stays small
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
    """Return the half of the channels that the protocol reads, by the protocol's ratio.

    Args:
        tokens: token features.
        protocol: settings of the probe.

    Raises:
        ValueError: if that half is empty.
    """
    cut = max(1, int(tokens.shape[-1] * protocol.ratio))
    parts = {"all": slice(None), "appearance": slice(0, cut), "dynamics": slice(cut, None)}
    chosen = tokens[..., parts[protocol.channels]]
    if not chosen.shape[-1]:
        raise ValueError(f"ratio {protocol.ratio:g} leaves no {protocol.channels} channels of {tokens.shape[-1]}")
    return chosen
