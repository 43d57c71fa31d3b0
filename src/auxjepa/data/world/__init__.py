"""The synthetic factor world: clips whose every factor is known, drawn independently from a seed."""

from auxjepa.data.world.factors import (
    CLASSES,
    IMAGE_CLASSES,
    ROLES,
    SPLITS,
    Factors,
    order_looks,
    reverse,
    sample,
)
from auxjepa.data.world.files import write_videos
from auxjepa.data.world.pixels import render

__all__ = [
    "CLASSES",
    "IMAGE_CLASSES",
    "ROLES",
    "SPLITS",
    "Factors",
    "order_looks",
    "render",
    "reverse",
    "sample",
    "write_videos",
]
