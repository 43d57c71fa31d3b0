"""Protocol of a probe: a typed, hashed record of how a frozen encoder is read. Every score stores its hash.

Scores under different protocols are different measurements. Rows carry the hash of their protocol. The evidence refuses
to compare rows with different hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from auxjepa.config import Count, Natural, Positive, Share, Typed

Head = Literal[
    "linear",
    "attentive",
    "knn",
    "attentive_released",
    "tap",
    "temporal_conv",
    "motion_router",
    "motion_router_full",
    "spatial_router",
    "st_attn",
]


class Reading(Typed):
    """Features that a head receives. This record decides what is extracted and cached."""

    role: Literal["student", "teacher"] = "student"
    level: int = Field(default=-1, description="which of the encoder's levels; -1 is the last")


class Protocol(Typed):
    """Settings with which a frozen encoder is scored. Every field can change the score, so every field is hashed."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {
        "pool": "none",
        "dropout": 0.1,
        "prefer_inside": False,
        "halvings": 0,
    }

    name: str
    version: Count = 1
    reading: Reading = Reading()
    channels: Literal["all", "appearance", "dynamics"] = Field(default="all", description="which half is read")
    ratio: Share = Field(default=0.5, description="share of the channels that is 'appearance'")
    head: Head = "linear"
    pool: Literal["none", "mean"] = Field(default="none", description="'mean': the head sees one token, their mean")
    centre: bool = Field(default=True, description="subtract from every token the training mean of its position")
    whiten: bool = Field(default=True, description="PCA-whiten tokens by the covariance of the training tokens")
    epochs: Count = 40
    batch: Count = 128
    learning_rates: tuple[Positive, ...] = (1e-3, 3e-3, 1e-2)
    weight_decays: tuple[float, ...] = (1e-2,)
    attention_heads: Count = 8
    dropout: float = Field(default=0.1, ge=0, lt=1, description="inside the heads that have an MLP with one")
    neighbours: tuple[Count, ...] = Field(default=(5, 10, 20, 50), description="k-NN only")
    select: Literal["validation", "last"] = Field(
        default="validation",
        description="grid point and epoch are those with the best validation score; 'last': the last epoch",
    )
    prefer_inside: bool = Field(
        default=False,
        description="a setting on an edge of the grid is chosen only if it is better than the best inner one by more "
        "than one standard error on the validation clips",
    )
    halvings: Natural = Field(
        default=0,
        description="how often the half of the grid with lower validation scores is dropped, after equal parts of the "
        "epochs",
    )
