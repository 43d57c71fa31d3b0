"""A few training clips with their masks, for the report's readers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from auxjepa import masks
from auxjepa.console import printable
from auxjepa.data import world
from auxjepa.data.loading.augment import normalise
from auxjepa.data.open import open_feed
from auxjepa.files import replacing
from auxjepa.study.own_captions import caption_own_videos
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun
from auxjepa.tokens import Grid, occupancy

COUNT = 4
CAPTION_LABELS = ("appearance", "fine_motion", "order", "image_class")
"""Labels of the world that determine the other labels."""


def write(path: Path, run: PlannedRun, study: StudyConfig) -> None:
    """Write the first clips of a run's pool, the tokens that step 0 hides, and captions.

    The arrays are named ``clips``, ``hidden`` and ``captions``.

    Args:
        path: file to write.
        run: the run.
        study: the study; captions of clips of own videos name their labels, split and copies.
    """
    config = run.config
    feed = open_feed(config.data, progress=False)
    clips = feed.preview(COUNT).numpy()
    frames, rows, columns = clips.shape[1:4]
    grid = Grid.of_clip(frames, rows, columns, config.model.tubelet, config.model.patch)
    hidden = np.zeros((len(clips), grid.T, grid.H, grid.W), bool)
    pixels = normalise(torch.from_numpy(clips))
    (drawn,) = masks.draw(config.masks[:1], pixels, grid, seed=config.seed, step=0)
    hidden[:] = occupancy(drawn.target_index, grid.N).unflatten(1, (grid.T, grid.H, grid.W)).numpy()
    class_names = world.CLASSES | world.IMAGE_CLASSES if next(iter(config.data.sources)).startswith("world") else {}
    described = feed.described(COUNT)
    captions = caption_own_videos(study, config.data, [name for name, _ in described])
    if captions is None:
        captions = [_caption(labels, class_names) or name for name, labels in described]
    captions = [printable(caption) for caption in captions]
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, clips=clips, hidden=hidden, captions=np.array(json.dumps(captions)))


def _caption(labels: dict[str, int], class_names: dict[str, tuple[str, ...]]) -> str:
    """Return the caption of a clip.

    For the world, it names the classes of the labels that determine the others. Otherwise, it lists all labels.
    """
    if class_names:
        return "; ".join(class_names[name][labels[name]] for name in CAPTION_LABELS if name in labels)
    return ", ".join(f"{name} {value}" for name, value in labels.items())
