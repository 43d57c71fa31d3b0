"""A few training clips with their masks, for the report's readers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import torch

from auxjepa import masks
from auxjepa.data.pool import open_pool
from auxjepa.data.transforms import normalise
from auxjepa.study.plan import PlannedRun
from auxjepa.tokens import Grid, occupancy

COUNT = 4


def write(path: Path, run: PlannedRun) -> None:
    """The first clips of a run's pool and what step 0 hides of them: arrays ``clips``, ``hidden`` and ``captions``."""
    config = run.config
    cache = open_pool(config.data, progress=False)
    clips = np.array(cache.clips[:COUNT])  # a copy: torch wants memory that it may write to
    frames, rows, columns = clips.shape[1:4]
    grid = Grid.of_clip(frames, rows, columns, config.model.tubelet, config.model.patch)
    hidden = np.zeros((len(clips), grid.T, grid.H, grid.W), bool)
    mask = config.masks[0]
    motion = None
    if masks.needs_motion(mask):
        motion = masks.motion_map(normalise(torch.from_numpy(clips)), grid)
    drawn = masks.sample(mask, grid, batch=len(clips), seed=config.seed, step=0, generator=0, motion=motion)
    hidden[:] = occupancy(drawn.target_index, grid.N).unflatten(1, (grid.T, grid.H, grid.W)).numpy()
    captions = [_caption(cache.labels, i) or cache.names[i] for i in range(len(clips))]
    partial = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez_compressed(partial, clips=clips, hidden=hidden, captions=np.array(json.dumps(captions)))
    partial.replace(path)


def _caption(labels: dict[str, np.ndarray], index: int) -> str:
    return ", ".join(f"{name} {labels[name][index]}" for name in labels if labels[name][index] >= 0)
