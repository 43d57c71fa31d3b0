"""The interface of a frozen encoder: clips of bytes to token features, for the encoders of runs and from elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from auxjepa.config import ModelConfig
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import encode
from auxjepa.tokens import Grid


class FrozenEncoder(ABC):
    """A frozen encoder. Features of all encoders are stored, probed and compared in the same way.

    Args:
        weights: digest of the weights.
        form: digest of everything without weights that changes features, such as preprocessing.
        dim: channels of a token.
        levels: number of levels that can be read.
        device: device on which features are computed.
        size: pixel rows and columns at which videos are decoded; None if the data configuration determines them.
    """

    weights: str
    form: str
    dim: int
    levels: int
    device: torch.device
    size: int | None = None

    @abstractmethod
    def encode(self, clips: UInt8[np.ndarray, "B F X Y 3"], level: int = -1) -> Float[Tensor, "B N D"]:
        """Return the token features of clips, float32, in raster order with time first, on the encoder's device.

        Args:
            clips: clips as uint8.
            level: level of the encoder; -1 is the last.

        Raises:
            ValueError: if the encoder has no such level, or cannot read these clips.
        """

    @abstractmethod
    def grid(self, frames: int, rows: int, columns: int) -> Grid:
        """Return the token grid of a clip.

        Args:
            frames: frames of the clip.
            rows: pixel rows of the clip.
            columns: pixel columns of the clip.
        """

    @abstractmethod
    def time_steps(self, frames: int) -> int:
        """Return the number of time steps of the tokens of a clip.

        Args:
            frames: frames of the clip; 1 for a still image.
        """


class NetworkOfRun(FrozenEncoder):
    """The encoder of a run. It reads clips at their own size.

    Args:
        network: the network, in evaluation mode.
        weights: digest of its weights.
        model: model configuration of the run.
    """

    def __init__(self, network: Encoder, weights: str, model: ModelConfig) -> None:
        self.network, self.weights, self.model = network, weights, model
        self.form, self.dim, self.levels = model.digest(), network.width.dim, network.levels
        self.device = next(network.parameters()).device

    def encode(self, clips: UInt8[np.ndarray, "B F X Y 3"], level: int = -1) -> Float[Tensor, "B N D"]:
        return encode(self.network, clips, level=level, tubelet=self.model.tubelet, patch=self.model.patch)

    def grid(self, frames: int, rows: int, columns: int) -> Grid:
        return Grid.of_clip(frames, rows, columns, self.model.tubelet, self.model.patch)

    def time_steps(self, frames: int) -> int:
        return max(1, frames // self.model.tubelet)
