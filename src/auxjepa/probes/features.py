"""Features of clips under a frozen encoder: stored on disk in shards, read when they are needed.

A ViT-B on 16 x 224 x 224 gives 1,568 tokens of 768 channels, which is 4.8 MB for each clip in float32. A data set of
such features is larger than memory. Features are written shard by shard, so that an interrupted extraction resumes at
the first missing shard. They are read clip by clip in any order (:mod:`auxjepa.probes.kept`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from auxjepa.console import stderr_console
from auxjepa.data.cache.jpeg import Clips
from auxjepa.data.errors import CacheError
from auxjepa.data.loading.augment import Augment
from auxjepa.data.space import announce
from auxjepa.files import disk_full, replacing
from auxjepa.models.vit import Encoder, patchify
from auxjepa.probes.kept import Features, Shard
from auxjepa.tokens import Grid

BATCH, PIXELS = 128, 256 << 20
"""Largest number of clips in a batch, and largest number of bytes of its pixels in float32."""
SHARD = 256 << 20
"""Approximate number of bytes of a shard."""
SHOWN = 64 << 20
"""Smallest number of bytes for which an extraction prints a line and shows a progress bar."""
Precision = Literal["float16", "float32"]


@torch.no_grad()
def encode(
    encoder: Encoder, clips: UInt8[np.ndarray, "B F X Y 3"], *, level: int = -1, tubelet: int, patch: int
) -> Float[Tensor, "B N D"]:
    """Return the token features of whole clips at one level of the encoder, float32, on the encoder's device.

    Args:
        encoder: frozen encoder.
        clips: clips as uint8.
        level: level of the encoder; -1 is the last.
        tubelet: frames of a token.
        patch: pixel rows and columns of a token.

    Raises:
        ValueError: if the encoder has no such level.
        ValueError: if the clips can't be cut into tokens.
    """
    device = next(encoder.parameters()).device
    pixels = Augment()(torch.from_numpy(np.array(clips)).to(device), None)
    return encode_pixels(encoder, pixels, level=level, tubelet=tubelet, patch=patch)


@torch.no_grad()
def encode_pixels(
    encoder: Encoder, pixels: Float[Tensor, "B 3 F X Y"], *, level: int = -1, tubelet: int, patch: int
) -> Float[Tensor, "B N D"]:
    """Return the token features of normalised clips at one level of the encoder, float32, on the encoder's device.

    Args:
        encoder: frozen encoder.
        pixels: normalised clips on the encoder's device.
        level: level of the encoder; -1 is the last.
        tubelet: frames of a token.
        patch: pixel rows and columns of a token.

    Raises:
        ValueError: if the encoder has no such level.
        ValueError: if the clips can't be cut into tokens.
    """
    if not -encoder.levels <= level < encoder.levels:
        raise ValueError(f"level {level} was requested, and this encoder has {encoder.levels}")
    frames, rows, columns = pixels.shape[2:]
    grid = Grid.of_clip(tubelet if frames == 1 else frames, rows, columns, tubelet, patch)
    return encoder(patchify(pixels, grid), grid, image=frames == 1)[:, :, level].float()


def extract(
    encoder: Encoder,
    clips: Clips,
    folder: Path,
    *,
    level: int = -1,
    tubelet: int,
    patch: int,
    precision: Precision = "float16",
    change: Callable[[np.ndarray], np.ndarray] | None = None,
    then: Callable[[Tensor], Tensor] | None = None,
    on_batch: Callable[[int], None] | None = None,
    progress: bool = False,
) -> Features:
    """Return the features of every clip, stored in ``folder``. Existing features are only opened.

    A shard appears when it is complete. Missing and damaged shards are computed again. The others stay unchanged.

    Args:
        encoder: frozen encoder.
        clips: clips as uint8.
        folder: folder of the features.
        level: level of the encoder; -1 is the last.
        tubelet: frames of a token.
        patch: pixel rows and columns of a token.
        precision: number format of the stored features.
        change: change of the clips before they are encoded.
        then: change of the tokens before they are stored.
        on_batch: receives the number of finished clips.
        progress: whether to show a progress bar and the required disk space.

    Raises:
        ValueError: if there are no clips.
        ValueError: if :func:`encode` raises it.
        CacheError: if the disk is too small or full.
        CacheError: if a feature is too large for float16.
    """
    return extract_with(
        partial(encode, encoder, level=level, tubelet=tubelet, patch=patch),
        clips,
        folder,
        device=next(encoder.parameters()).device,
        precision=precision,
        change=change,
        then=then,
        on_batch=on_batch,
        progress=progress,
    )


def extract_with(
    encode_batch: Callable[[np.ndarray], Tensor],
    clips: Clips,
    folder: Path,
    *,
    device: torch.device,
    precision: Precision = "float16",
    change: Callable[[np.ndarray], np.ndarray] | None = None,
    then: Callable[[Tensor], Tensor] | None = None,
    on_batch: Callable[[int], None] | None = None,
    progress: bool = False,
) -> Features:
    """Return the features of every clip, as :func:`extract` does, for any encoder.

    Args:
        encode_batch: returns the token features of a batch of clips.
        clips: clips as uint8.
        folder: folder of the features.
        device: device to which features are read.
        precision: number format of the stored features.
        change: change of the clips before they are encoded.
        then: change of the tokens before they are stored.
        on_batch: receives the number of finished clips.
        progress: whether to show a progress bar and the required disk space.

    Raises:
        ValueError: if there are no clips, or ``encode_batch`` raises it.
        CacheError: if :func:`extract` documents it.
    """
    if not len(clips):
        raise ValueError("no clips to extract features from")
    store = _Kept(folder, len(clips), precision, at_once(clips.shape))
    begun: dict[int, Tensor] = {}

    def some(start: int) -> Tensor:
        if start in begun:
            return begun.pop(start)
        part = np.asarray(clips[start : start + store.batch])
        tokens = encode_batch(change(part) if change else part)
        return then(tokens) if then else tokens

    first = Shard.open(store.path(range(0)))
    if first is None or len(first.shape) != 3:  # only the encoder determines the size of its features
        begun[0] = some(0)
    shape = tuple(begun[0].shape[1:]) if begun or first is None else first.shape[1:]
    parts = store.shards(shape)
    missing = sum(len(part) for part, shard in parts.items() if shard is None)
    needs = missing * int(np.prod(shape)) * store.dtype.itemsize
    shown = progress and needs >= SHOWN
    if missing:
        announce(folder, f"the features of {missing:,} clips", needs, estimate=False, progress=shown)
    columns = (TextColumn("features of clips"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console(), disable=not shown) as bar:
        task = bar.add_task("", total=len(clips))
        for part, shard in parts.items():
            for done in () if shard else store.write(part, shape, some):
                bar.update(task, completed=done)
                if on_batch is not None:
                    on_batch(done)
            bar.update(task, completed=part.stop)
    complete_shards = [shard for shard in store.shards(shape).values() if shard is not None]
    if len(complete_shards) < len(parts):
        raise CacheError(folder, "features have gone while they were being made; score again")
    return Features(complete_shards, device)


def at_once(shape: Sequence[int]) -> int:
    """Return the number of clips in a batch.

    It is constant for a shape because it can change the last bits of features.

    Args:
        shape: shape of the clips ``[n F X Y 3]``.
    """
    return max(1, min(BATCH, PIXELS // int(4 * np.prod(shape[1:], dtype=np.int64))))


class _Kept:
    """Shards of one extraction. It opens the existing ones and writes the missing ones."""

    def __init__(self, folder: Path, clips: int, precision: Precision, batch: int) -> None:
        self.folder, self.clips, self.batch = folder, clips, batch
        self.dtype = np.dtype(precision)
        folder.mkdir(parents=True, exist_ok=True)

    def shards(self, shape: tuple[int, ...]) -> dict[range, Shard | None]:
        """Return the range of clips of each shard and the shard; None if the shard is missing or damaged.

        A shard holds whole batches, so that a clip is always encoded in the same batch, also after an interruption.
        """
        a_batch = self.batch * int(np.prod(shape)) * self.dtype.itemsize
        each = self.batch * max(1, SHARD // a_batch)
        parts = [range(start, min(start + each, self.clips)) for start in range(0, self.clips, each)]
        opened = {part: Shard.open(self.path(part)) for part in parts}
        return {
            part: shard
            if shard is not None and shard.shape == (len(part), *shape) and shard.dtype == self.dtype
            else None
            for part, shard in opened.items()
        }

    def path(self, part: range) -> Path:
        return self.folder / f"{part.start:08d}.npy"

    def write(self, part: range, shape: tuple[int, ...], some: Callable[[int], Tensor]) -> Iterator[int]:
        """Write a shard, and yield the number of finished clips after each batch.

        Args:
            part: range of the clips of the shard.
            shape: shape of the features of one clip.
            some: returns the features of the batch that begins at a clip.

        Raises:
            CacheError: if :func:`extract` documents it.
        """
        try:
            with replacing(self.path(part)) as unfinished, unfinished.open("wb") as file:
                header = {"descr": self.dtype.str, "fortran_order": False, "shape": (len(part), *shape)}
                np.lib.format.write_array_header_1_0(file, header)
                for start in part[:: self.batch]:
                    tokens = some(start).cpu().numpy()
                    with np.errstate(over="ignore"):
                        stored = np.ascontiguousarray(tokens, dtype=self.dtype)
                    if np.isinf(stored).any() and np.isfinite(tokens).all():
                        raise CacheError(self.folder, "features are too large for float16; keep them in float32")
                    file.write(stored.data)
                    yield start + len(stored)
        except OSError as error:
            if not disk_full(error):
                raise
            message = "the disk is full; the features that are finished are kept; run again to resume"
            raise CacheError(self.folder, message) from error


def key(weights: str, clips: str, level: int, form: str = "") -> str:
    """Return the folder name of features.

    Args:
        weights: digest of the encoder's weights.
        clips: key of the clips.
        level: level of the encoder.
        form: digest of the model's configuration. It covers settings without weights that change features (positions,
            interpolation). It is needed if different encoders share a folder.
    """
    return hashlib.sha256(f"{weights} {clips} {level} {form}".encode()).hexdigest()[:16]
