"""A small run in the paper's training regime: the default run of an audit."""

from __future__ import annotations

from typing import Literal

from auxjepa.config import DataConfig, ModelConfig, RunConfig, ScheduleConfig
from auxjepa.regimes import paper_recipe

Base = Literal["described", "released"]

# docs/paper/objectives.md: 0 for the first half, then linear to the full weight at the last step.
RELEASED_RAMP = ScheduleConfig(kind="linear", start=0.5, end=1.0, first=0.0, last=1.0)


def paper(base: Base = "described") -> RunConfig:
    """Return a small run in the paper's regime.

    It has a ViT of 12 blocks with features of 4 depths, 8 time steps, two masks (8 x 0.15 and 2 x 0.7), a context term
    and batch 8. Only width (192) and frame (64 pixels, 8 x 8 tokens) are smaller than in the paper, because they don't
    change which networks a term reaches.

    Args:
        base: ``described`` has a constant context term and masks that prefer no frame; ``released`` has the ramp and
            the cut of the released code.

    Source: docs/paper/objectives.md, docs/paper/recipe.md
    """
    recipe, released = paper_recipe(), base == "released"
    objectives, masks = recipe.objectives, recipe.masks
    if released:
        objectives = objectives | {"context": objectives["context"].model_copy(update={"schedule": RELEASED_RAMP})}
        masks = tuple(mask.model_copy(update={"truncation": "raster"}) for mask in masks)
    return recipe.model_copy(
        update={
            "regime": f"paper, {base}",
            "data": DataConfig(clips=64, frames=16, size=64),
            "model": ModelConfig(size="tiny", levels=4),
            "masks": masks,
            "objectives": objectives,
            "optim": recipe.optim.model_copy(update={"batch": 8, "precision": "fp32"}),
        }
    )
