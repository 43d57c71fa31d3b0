"""Alarms for collapse: spread and effective rank of features on a fixed batch, with a plain verdict.

These are alarms, never scores: a high rank doesn't mean that an encoder is good for anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

Verdict = Literal["healthy", "shrinking", "collapsed"]

COLLAPSED_STD, COLLAPSED_RANK = 0.02, 1.5
SHRINKING = 0.5
MAX_TOKENS = 8192


class Spread(NamedTuple):
    """``std``: mean over channels of the standard deviation across clips at the same position, in units of the
    features' root mean square (0: every clip looks alike). ``rank``: RankMe of the same, in channels."""

    std: float
    rank: float


def spread(features: Float[Tensor, "B N D"]) -> Spread:
    """Spread of token features around the mean of their position (RankMe: Garrido et al. 2023, eq. 1)."""
    features = features.detach().float()
    scale = features.square().mean().sqrt().clamp_min(1e-12)
    centred = (features - features.mean(dim=0, keepdim=True)) / scale
    tokens = centred.flatten(0, 1)
    std = tokens.square().mean(dim=0).sqrt().mean().item()
    stride = max(1, len(tokens) // MAX_TOKENS)
    values = torch.linalg.svdvals(tokens[::stride].double())
    share = values / values.sum().clamp_min(1e-300) + 1e-7
    return Spread(std, torch.exp(-(share * share.log()).sum()).item())


@dataclass
class Monitor:
    """Keeps the best spread seen so far and says whether the present one is a reason to worry."""

    best: dict[str, tuple[float, float]] = field(default_factory=dict)
    verdict: Verdict = "healthy"

    def update(self, role: str, now: Spread) -> Verdict:
        """Judge the features of ``role`` (student or teacher) and remember the best seen."""
        std, rank = self.best.get(role, (0.0, 0.0))
        self.best[role] = (max(std, now.std), max(rank, now.rank))
        if now.std < COLLAPSED_STD or now.rank < COLLAPSED_RANK:
            self.verdict = "collapsed"
        elif now.std < SHRINKING * std or now.rank < SHRINKING * rank:
            self.verdict = "shrinking"
        else:
            self.verdict = "healthy"
        return self.verdict
