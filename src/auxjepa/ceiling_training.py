"""Settings of the controls that are trained on the labels of a benchmark. Imports no torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auxjepa.config import Count, Typed

Ceiling = Literal["supervised", "convolution"]
CEILINGS: tuple[Ceiling, ...] = ("supervised", "convolution")
"""Controls that are trained on labels."""


class CeilingTraining(Typed):
    """Settings with which a network is trained on the labels of a benchmark."""

    version: Count = 1
    steps: Count = 3000
    batch: Count = 64
    clips: Count = Field(default=12_000, description="training clips of the world, which are drawn from its stream")
    learning_rates: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(3e-3,), min_length=1, description="validation clips select one"
    )
    weight_decay: float = Field(default=0.05, ge=0)
    readings: Count = Field(default=10, description="checkpoints from which validation clips select one")
