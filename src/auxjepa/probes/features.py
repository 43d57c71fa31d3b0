"""Features of clips under a frozen encoder, in a memory map keyed by checkpoint, reading and clips."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from auxjepa.data.transforms import Augment
from auxjepa.models.vit import Encoder, patchify
from auxjepa.tokens import Grid

BATCH = 128


@torch.no_grad()
def encode(
    encoder: Encoder, clips: UInt8[np.ndarray, "B F X Y 3"], *, level: int = -1, tubelet: int, patch: int
) -> Float[Tensor, "B N D"]:
    """Token features of whole clips at one level of the encoder, float32, on the encoder's device."""
    device = next(encoder.parameters()).device
    pixels = Augment()(torch.from_numpy(np.array(clips)).to(device), None)
    frames, rows, columns = pixels.shape[2:]
    grid = Grid.of_clip(tubelet if frames == 1 else frames, rows, columns, tubelet, patch)
    return encoder(patchify(pixels, grid), grid, image=frames == 1)[:, :, level].float()


def extract(
    encoder: Encoder,
    clips: np.ndarray,
    path: Path,
    *,
    level: int = -1,
    tubelet: int,
    patch: int,
    on_batch: Callable[[int], None] | None = None,
) -> Float[np.ndarray, "n N D"]:
    """Features of every clip as a read-only float16 memory map at ``path``; made once, then only opened.

    The file appears when it is complete. ``on_batch(done)`` reports progress.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        out = None
        for start in range(0, len(clips), BATCH):
            part = encode(encoder, clips[start : start + BATCH], level=level, tubelet=tubelet, patch=patch)
            if out is None:
                shape = (len(clips), *part.shape[1:])
                out = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=shape)
            out[start : start + len(part)] = part.cpu().numpy()
            if on_batch is not None:
                on_batch(min(start + BATCH, len(clips)))
        if out is None:
            raise ValueError("no clips to extract features from")
        out.flush()
        partial.replace(path)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def key(weights: str, clips: str, level: int) -> str:
    """File name of features: digest of the encoder's weights, key of the clips and level."""
    return hashlib.sha256(f"{weights} {clips} {level}".encode()).hexdigest()[:16]
