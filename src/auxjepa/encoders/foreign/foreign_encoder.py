"""A frozen encoder from elsewhere: preprocessing, and a network that turns normalised pixels into tokens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.encoder_record import EncoderRecord
from auxjepa.encoders.foreign.prepare_clips import prepare_clips
from auxjepa.probes.frozen import FrozenEncoder
from auxjepa.tokens import Grid

Network = Callable[[Tensor, int], Tensor]
"""Pixels and a level to tokens. A video network reads ``[B F 3 S S]``, an image network ``[B 3 S S]``."""
PIXELS = 64 << 20
"""Largest number of bytes of pixels in float32 that a network reads in one call."""


class FeaturesError(ConfigError):
    """Features of an encoder that are not finite numbers."""


class ForeignEncoder(FrozenEncoder):
    """A frozen encoder from elsewhere.

    Args:
        record: what the encoder is, and how it reads pixels.
        network: the network, frozen and in evaluation mode.
        device: device of the network.
    """

    def __init__(self, record: EncoderRecord, network: Network, device: torch.device) -> None:
        self.record, self.network, self.device = record, network, device
        self.weights, self.form = record.weights, record.form
        self.dim, self.levels, self.size = record.dim, record.levels, record.input.size

    def __repr__(self) -> str:
        form = self.record.input
        clip = f"clips {form.frames} x" if form.frames else "frames"
        return f"ForeignEncoder({self.record.source}, {clip} {form.size} x {form.size}, {self.dim} channels)"

    @torch.no_grad()
    def encode(self, clips: UInt8[np.ndarray, "B F X Y 3"], level: int = -1) -> Float[Tensor, "B N D"]:
        if not -self.levels <= level < self.levels:
            raise ConfigError(f"level {level} was requested, and {self.record.source} has {self.levels}")
        pixels = prepare_clips(np.asarray(clips), self.record.input, self.device)
        items = pixels if self.record.input.frames else pixels.flatten(0, 1)
        count = max(1, PIXELS // (4 * items[0].numel()))
        parts = [self.network(items[start : start + count], level) for start in range(0, len(items), count)]
        tokens = torch.cat(parts).float()
        if not bool(torch.isfinite(tokens).all()):
            raise FeaturesError(f"{self.record.source}: its features are not finite numbers (are its weights damaged?)")
        if not self.record.input.frames:
            tokens = tokens.unflatten(0, pixels.shape[:2]).flatten(1, 2)
        expected = (len(clips), self.grid(*clips.shape[1:4]).N, self.dim)
        if tuple(tokens.shape) != expected:
            shapes = (" x ".join(map(str, shape)) for shape in (tuple(tokens.shape), expected))
            raise ConfigError("{}: tokens have the shape {}, and {} was expected".format(self.record.source, *shapes))
        return tokens

    def grid(self, frames: int, rows: int, columns: int) -> Grid:
        layout, form = self.record.tokens, self.record.input
        steps = self.time_steps(frames)
        tubelet = max(1, (form.frames or frames) // steps)
        return Grid(steps, layout.rows, layout.columns, tubelet, max(1, form.size // layout.rows))

    def time_steps(self, frames: int) -> int:
        return self.record.tokens.steps or frames
