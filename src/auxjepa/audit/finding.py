"""The paper's training regime in small: the run that a variant is audited in unless another is given."""

from __future__ import annotations

from typing import Literal

from auxjepa.config import DataConfig, ModelConfig, RunConfig, ScheduleConfig
from auxjepa.regimes import paper_recipe

Base = Literal["described", "released"]

# docs/paper/objectives.md: nothing for the first half, then a line to the full weight at the last step.
RELEASED_RAMP = ScheduleConfig(kind="linear", start=0.5, end=1.0, first=0.0, last=1.0)


def paper(base: Base = "described") -> RunConfig:
    """ViT of 12 blocks read at 4 depths, 8 time steps, two masks (8 x 0.15 and 2 x 0.7), a context term, batch 8.

    Width (192) and frame (64 pixels, 8 x 8 tokens) are the paper's in small, everything that decides which term
    reaches what is as there. ``described`` has the context term on throughout, and masks that are cut without
    preferring a frame; ``released`` has the released ramp and cut (docs/paper/objectives.md, docs/paper/recipe.md).
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
