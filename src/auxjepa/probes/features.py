"""Features of clips under a frozen encoder: kept on disk in shards, read as they are needed.

A ViT-B on 16 x 224 x 224 gives 1,568 tokens of 768 channels, 4.8 MB a clip in float32: a data set of such features is
larger than memory. It's written shard by shard, so that a killed extraction goes on where it stopped, and read clip by
clip in any order (:mod:`auxjepa.probes.kept`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
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
"""Clips that are encoded at once, fewer where their pixels would take more than so many bytes in float32."""
SHARD = 256 << 20
"""Bytes of a shard, about."""
SHOWN = 64 << 20
"""Bytes from which on an extraction is worth a line and a bar."""
Precision = Literal["float16", "float32"]


@torch.no_grad()
def encode(
    encoder: Encoder, clips: UInt8[np.ndarray, "B F X Y 3"], *, level: int = -1, tubelet: int, patch: int
) -> Float[Tensor, "B N D"]:
    """Token features of whole clips at one level of the encoder, float32, on the encoder's device.

    Raises:
        ValueError: when the encoder has no such level, or the clips can't be cut into tokens.
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
        ValueError: when the encoder has no such level, or the clips can't be cut into tokens.
    """
    if not -encoder.levels <= level < encoder.levels:
        raise ValueError(f"level {level} was asked for, this encoder has {encoder.levels}")
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
    """Features of every clip, kept in ``folder``; made once, then only opened.

    Shards appear when they are complete; missing and damaged ones are made again, the others stay.

    Args:
        change: of clips before they are encoded.
        then: of their tokens before they are kept.
        on_batch: is told how many clips are done.
        progress: show a bar, and what it takes of the disk.

    Raises:
        ValueError: when there are no clips.
        CacheError: when the disk is too small, or full, or when a feature is too large for float16. See also
            :func:`encode`.
    """
    if not len(clips):
        raise ValueError("no clips to extract features from")
    kept = _Kept(folder, len(clips), precision, at_once(clips.shape))
    begun: dict[int, Tensor] = {}

    def some(start: int) -> Tensor:
        if start in begun:
            return begun.pop(start)
        part = np.asarray(clips[start : start + kept.batch])
        tokens = encode(encoder, change(part) if change else part, level=level, tubelet=tubelet, patch=patch)
        return then(tokens) if then else tokens

    first = Shard.open(kept.path(range(0)))
    if first is None or len(first.shape) != 3:  # only the encoder can tell how large its features are
        begun[0] = some(0)
    shape = tuple(begun[0].shape[1:]) if begun or first is None else first.shape[1:]
    parts = kept.shards(shape)
    missing = sum(len(part) for part, shard in parts.items() if shard is None)
    needs = missing * int(np.prod(shape)) * kept.dtype.itemsize
    shown = progress and needs >= SHOWN
    if missing:
        announce(folder, f"the features of {missing:,} clips", needs, estimate=False, progress=shown)
    columns = (TextColumn("features of clips"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console(), disable=not shown) as bar:
        task = bar.add_task("", total=len(clips))
        for part, shard in parts.items():
            for done in () if shard else kept.write(part, shape, some):
                bar.update(task, completed=done)
                if on_batch is not None:
                    on_batch(done)
            bar.update(task, completed=part.stop)
    made = [shard for shard in kept.shards(shape).values() if shard is not None]
    if len(made) < len(parts):
        raise CacheError(folder, "features have gone while they were being made; score again")
    return Features(made, next(encoder.parameters()).device)


def at_once(shape: Sequence[int]) -> int:
    """How many clips ``[n F X Y 3]`` are encoded side by side; always the same, as it can change the last bits."""
    return max(1, min(BATCH, PIXELS // int(4 * np.prod(shape[1:], dtype=np.int64))))


class _Kept:
    """The shards of one extraction: which are there, and how the others are made."""

    def __init__(self, folder: Path, clips: int, precision: Precision, batch: int) -> None:
        self.folder, self.clips, self.batch = folder, clips, batch
        self.dtype = np.dtype(precision)
        folder.mkdir(parents=True, exist_ok=True)

    def shards(self, shape: tuple[int, ...]) -> dict[range, Shard | None]:
        """Clips of each shard and the shard, None where it has to be made. Whole batches, so that clips are encoded in
        the same company however often it was stopped."""
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
        """Make a shard, from batches that ``some(start)`` encodes; yields how many clips are done.

        Raises:
            CacheError: see :func:`extract`.
        """
        try:
            with replacing(self.path(part)) as partial, partial.open("wb") as file:
                header = {"descr": self.dtype.str, "fortran_order": False, "shape": (len(part), *shape)}
                np.lib.format.write_array_header_1_0(file, header)
                for start in part[:: self.batch]:
                    tokens = some(start).cpu().numpy()
                    with np.errstate(over="ignore"):
                        kept = np.ascontiguousarray(tokens, dtype=self.dtype)
                    if np.isinf(kept).any() and np.isfinite(tokens).all():
                        raise CacheError(self.folder, "features are too large for float16; keep them in float32")
                    file.write(kept.data)
                    yield start + len(kept)
        except OSError as error:
            if not disk_full(error):
                raise
            told = "the disk is full; the features that are finished are kept, and it goes on there"
            raise CacheError(self.folder, told) from error


def key(weights: str, clips: str, level: int, form: str = "") -> str:
    """Folder name of features.

    Args:
        weights: digest of the encoder's weights.
        clips: key of the clips.
        level: which is read.
        form: what else shapes the features though it has no weights (positions, interpolation): the digest of the
            model's configuration. Needed where encoders of several forms share a folder.
    """
    return hashlib.sha256(f"{weights} {clips} {level} {form}".encode()).hexdigest()[:16]
