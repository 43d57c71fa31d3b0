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

from auxjepa.data.jpeg import Clips
from auxjepa.data.transforms import Augment
from auxjepa.models.vit import Encoder, patchify
from auxjepa.tokens import Grid

BATCH = 128


@torch.no_grad()
def encode(
    encoder: Encoder, clips: UInt8[np.ndarray, "B F X Y 3"], *, level: int = -1, tubelet: int, patch: int
) -> Float[Tensor, "B N D"]:
    """Token features of whole clips at one level of the encoder, float32, on the encoder's device.

    Raises:
        ValueError: when the encoder has no such level, or the clips can't be cut into tokens.
    """
    if not -encoder.levels <= level < encoder.levels:
        raise ValueError(f"level {level} was asked for, this encoder has {encoder.levels}")
    device = next(encoder.parameters()).device
    pixels = Augment()(torch.from_numpy(np.array(clips)).to(device), None)
    frames, rows, columns = pixels.shape[2:]
    grid = Grid.of_clip(tubelet if frames == 1 else frames, rows, columns, tubelet, patch)
    return encoder(patchify(pixels, grid), grid, image=frames == 1)[:, :, level].float()


def extract(
    encoder: Encoder,
    clips: Clips,
    path: Path,
    *,
    level: int = -1,
    tubelet: int,
    patch: int,
    on_batch: Callable[[int], None] | None = None,
) -> Float[np.ndarray, "n N D"]:
    """Features of every clip as a read-only float16 memory map at ``path``; made once, then only opened.

    The file appears when it is complete; a damaged one is made again. ``on_batch(done)`` reports progress.

    Raises:
        ValueError: when there are no clips. See also :func:`encode`.
    """
    if not len(clips):
        raise ValueError("no clips to extract features from")
    kept = _kept(path, len(clips))
    if kept is not None:
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        _write(partial, encoder, clips, level=level, tubelet=tubelet, patch=patch, on_batch=on_batch)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _kept(path: Path, clips: int) -> Float[np.ndarray, "n N D"] | None:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.dtype == np.float16 and found.ndim == 3 and len(found) == clips else None


def _write(
    partial: Path,
    encoder: Encoder,
    clips: Clips,
    *,
    level: int,
    tubelet: int,
    patch: int,
    on_batch: Callable[[int], None] | None,
) -> None:
    out = None
    for start in range(0, len(clips), BATCH):
        part = encode(encoder, clips[start : start + BATCH], level=level, tubelet=tubelet, patch=patch)
        if out is None:
            shape = (len(clips), *part.shape[1:])
            out = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=shape)
        out[start : start + len(part)] = part.cpu().numpy()
        if on_batch is not None:
            on_batch(start + len(part))
    assert out is not None
    out.flush()


def key(weights: str, clips: str, level: int, form: str = "") -> str:
    """File name of features.

    Args:
        weights: digest of the encoder's weights. clips: key of the clips. level: which is read.
        form: what else shapes the features though it has no weights (positions, interpolation): the digest of the
            model's configuration. Needed where encoders of several forms share a folder.
    """
    return hashlib.sha256(f"{weights} {clips} {level} {form}".encode()).hexdigest()[:16]
