"""The synthetic factor world: clips whose every factor is known, drawn independently from a seed."""

from auxjepa.data.world.factors import (
    CLASSES,
    IMAGE_CLASSES,
    SPLITS,
    Factors,
    order_states,
    reverse,
    sample,
    sample_images,
)
from auxjepa.data.world.files import write_videos
from auxjepa.data.world.pixels import render

__all__ = [
    "CLASSES",
    "IMAGE_CLASSES",
    "SPLITS",
    "Factors",
    "order_states",
    "render",
    "reverse",
    "sample",
    "sample_images",
    "write_videos",
]
