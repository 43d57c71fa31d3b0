"""Alarms for collapse: spread and effective rank of features on a fixed batch, with a plain verdict.

These are alarms, never scores: a high rank doesn't mean that an encoder is good for anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.models.jepa import JEPA
from auxjepa.models.vit import patchify
from auxjepa.seeds import generator

Verdict = Literal["healthy", "shrinking", "collapsed"]

COLLAPSED_STD, COLLAPSED_RANK = 0.02, 1.5
SHRINKING = 0.5
MAX_TOKENS = 8192
LARGEST = 1e15
SEVERITY: tuple[Verdict, ...] = ("healthy", "shrinking", "collapsed")


class Spread(NamedTuple):
    """``std``: mean over channels of the standard deviation across clips at the same position, in units of the
    features' root mean square (0: every clip looks alike). ``rank``: RankMe of the same, in channels."""

    std: float
    rank: float


def spread(features: Float[Tensor, "B N D"]) -> Spread:
    """Spread of token features around the mean of their position (RankMe: Garrido et al. 2023, eq. 1); NaN where they
    aren't finite."""
    features = features.detach().float()
    if not features.isfinite().all():
        return Spread(float("nan"), float("nan"))
    if features.abs().amax() > LARGEST:  # their squares would overflow, and their size doesn't count
        features = features / features.abs().amax()
    scale = features.square().mean().sqrt().clamp_min(1e-12)
    centred = (features - features.mean(dim=0, keepdim=True)) / scale
    tokens = centred.flatten(0, 1)
    std = tokens.square().mean(dim=0).sqrt().mean().item()
    if len(tokens) > MAX_TOKENS:  # at random: a stride would pick the same few positions of every clip
        tokens = tokens[torch.randperm(len(tokens), generator=generator("rank"))[:MAX_TOKENS].to(tokens.device)]
    values = torch.linalg.svdvals(tokens.double())
    share = values / values.sum().clamp_min(1e-300) + 1e-7
    return Spread(std, torch.exp(-(share * share.log()).sum()).item())


@torch.no_grad()
def look(model: JEPA, pixels: Float[Tensor, "B 3 F X Y"]) -> dict[str, Spread]:
    """Spread of whole-clip features, last level, of teacher and student."""
    grid = model.grid(pixels)
    patches, image = patchify(pixels, grid), pixels.shape[2] == 1
    encoders = {"teacher": model.teacher, "student": model.student}
    return {
        role: spread(encoder(patches, grid, image=image)[:, :, -1])
        for role, encoder in encoders.items()
        if encoder is not None
    }


@dataclass
class Monitor:
    """Keeps the best spread seen so far and says whether the present one is a reason to worry.

    Collapsed: std below 0.02 of the features' size or rank below 1.5. Shrinking: either is under half of its best.
    """

    best: dict[str, tuple[float, float]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The worse of student's and teacher's."""
        return SEVERITY[max((SEVERITY.index(verdict) for verdict in self.verdicts.values()), default=0)]

    def update(self, role: str, now: Spread) -> Verdict:
        """Judge the features of ``role`` (student or teacher) and remember the best seen."""
        std, rank = self.best.get(role, (0.0, 0.0))
        self.best[role] = (max(std, now.std), max(rank, now.rank))
        if now.std < COLLAPSED_STD or now.rank < COLLAPSED_RANK:
            self.verdicts[role] = "collapsed"
        elif now.std < SHRINKING * std or now.rank < SHRINKING * rank:
            self.verdicts[role] = "shrinking"
        else:
            self.verdicts[role] = "healthy"
        return self.verdicts[role]
