"""The synthetic factor world: clips with labels for every factor, drawn from a seed.

The factors, captions, shifts, pixels and files of these clips belong here. Synthetic benchmarks without files belong to
:mod:`auxjepa.data.synthetic`.
"""

from __future__ import annotations

from auxjepa.data.world.captions import number_combinations, write_captions, write_prompts
from auxjepa.data.world.factor_sampling import sample
from auxjepa.data.world.factors import (
    CLASSES,
    IMAGE_CLASSES,
    ROLES,
    SPLITS,
    Factors,
    order_looks,
    reverse,
)
from auxjepa.data.world.files import write_videos
from auxjepa.data.world.pixels import render
from auxjepa.data.world.shifts import SHIFTS, Shift, find_shift, render_shifted

__all__ = [
    "CLASSES",
    "IMAGE_CLASSES",
    "ROLES",
    "SHIFTS",
    "SPLITS",
    "Factors",
    "Shift",
    "find_shift",
    "number_combinations",
    "order_looks",
    "render",
    "render_shifted",
    "reverse",
    "sample",
    "write_captions",
    "write_prompts",
    "write_videos",
]
