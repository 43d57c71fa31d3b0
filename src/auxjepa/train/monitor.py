"""Alarms for collapse: spread and effective rank of features on a fixed batch, with a verdict.

These numbers are alarms and not scores: a high rank doesn't mean that an encoder is useful.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.models.jepa import JEPA
from auxjepa.models.vit import patchify
from auxjepa.runs.summary import COLLAPSED_RANK, COLLAPSED_STD
from auxjepa.seeds import generator
from auxjepa.train.spectra import Spectrum, spectrum

Verdict = Literal["healthy", "shrinking", "collapsed"]

SHRINKING = 0.5
MAX_TOKENS = 8192
LARGEST = 1e15
SEVERITY: tuple[Verdict, ...] = ("healthy", "shrinking", "collapsed")


class Spread(NamedTuple):
    """Spread of features around the mean of their position.

    Args:
        std: mean over channels of the standard deviation across clips, in units of the features' root mean square; 0 if
            the features of all clips are equal.
        rank: RankMe of the centred features, in channels.
    """

    std: float
    rank: float


def spread(features: Float[Tensor, "B N D"]) -> Spread:
    """Return the spread of token features around the mean of their position; NaN if they aren't finite.

    Source: RankMe, Garrido et al. 2023, eq. 1
    """
    features = features.detach().float()
    if not features.isfinite().all():
        return Spread(float("nan"), float("nan"))
    if features.abs().amax() > LARGEST:  # their squares would overflow, and their scale doesn't matter
        features = features / features.abs().amax()
    scale = features.square().mean().sqrt().clamp_min(1e-12)
    centred = (features - features.mean(dim=0, keepdim=True)) / scale
    tokens = centred.flatten(0, 1)
    std = tokens.square().mean(dim=0).sqrt().mean().item()
    if len(tokens) > MAX_TOKENS:  # random, because a stride would select the same few positions of every clip
        tokens = tokens[torch.randperm(len(tokens), generator=generator("rank"))[:MAX_TOKENS].to(tokens.device)]
    values = torch.linalg.svdvals(tokens.double())
    share = values / values.sum().clamp_min(1e-300) + 1e-7
    return Spread(std, torch.exp(-(share * share.log()).sum()).item())


class Look(NamedTuple):
    """Measures of the features of a batch: spread by role, and the spectrum of the student, which is evaluated."""

    spreads: dict[str, Spread]
    spectrum: Spectrum

    @property
    def metrics(self) -> dict[str, float]:
        """Values for ``metrics.jsonl``. Features that are equal for all clips have no spectrum, and JSON has no NaN."""
        spreads = {f"{key}/{role}": v for role, one in self.spreads.items() for key, v in one._asdict().items()}
        return spreads | {f"{key}/student": v for key, v in self.spectrum._asdict().items() if math.isfinite(v)}


@torch.no_grad()
def look(model: JEPA, pixels: Float[Tensor, "B 3 F X Y"]) -> Look:
    """Return the spread of whole-clip features (last level) of teacher and student, and the spectrum of the student."""
    grid = model.grid(pixels)
    patches, image = patchify(pixels, grid), pixels.shape[2] == 1
    encoders = {"teacher": model.teacher, "student": model.student}
    features = {
        role: encoder(patches, grid, image=image)[:, :, -1] for role, encoder in encoders.items() if encoder is not None
    }
    spreads = {role: spread(tokens) for role, tokens in features.items()}
    return Look(spreads, spectrum(features["student"], grid.T))


@dataclass
class Monitor:
    """Verdict on features during training, from their present and their best spread.

    Collapsed: std below 0.02 of the features' size or rank below 1.5. Shrinking: std or rank is below half of its best.
    """

    best: dict[str, tuple[float, float]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Return the worse verdict of student and teacher."""
        return SEVERITY[max((SEVERITY.index(verdict) for verdict in self.verdicts.values()), default=0)]

    def update(self, role: str, now: Spread) -> Verdict:
        """Return the verdict on the features of ``role`` (student or teacher) and update the best spread."""
        std, rank = self.best.get(role, (0.0, 0.0))
        self.best[role] = (max(std, now.std), max(rank, now.rank))
        if now.std < COLLAPSED_STD or now.rank < COLLAPSED_RANK:
            self.verdicts[role] = "collapsed"
        elif now.std < SHRINKING * std or now.rank < SHRINKING * rank:
            self.verdicts[role] = "shrinking"
        else:
            self.verdicts[role] = "healthy"
        return self.verdicts[role]
