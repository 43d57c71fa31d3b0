"""An encoder from elsewhere that reads videos, as :func:`auxjepa.load` returns it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from auxjepa.config import DataConfig
from auxjepa.encoders.foreign import ForeignEncoder, open_frozen
from auxjepa.encoders.foreign.encoder_record import EncoderRecord
from auxjepa.encoders.video_encoder import VideoEncoder, check_values
from auxjepa.tokens import Grid


class LoadedEncoder(VideoEncoder):
    """A frozen encoder from elsewhere. Make one with :func:`auxjepa.load`.

    Clips of videos have the number of frames and the size that the encoder reads, one frame after the other. An image
    encoder reads 8 frames. A tensor of float clips is rounded to bytes.

    Args:
        encoder: the encoder.
    """

    def __init__(self, encoder: ForeignEncoder) -> None:
        self.encoder = encoder
        form = encoder.record.input
        self.data = DataConfig(frames=form.frames or DataConfig().frames, size=form.size)

    def __repr__(self) -> str:
        return repr(self.encoder)

    @property
    def record(self) -> EncoderRecord:
        """Description of the encoder and of its preprocessing."""
        return self.encoder.record

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def device(self) -> torch.device:
        return self.encoder.device

    def _check_clips(self, clips: Tensor) -> None:
        check_values(clips)
        if not clips.numel():
            raise ValueError(f"clips without pixels: {list(clips.shape)}")

    def _encode(self, clips: Tensor, pool: bool) -> np.ndarray:
        if clips.is_floating_point():
            clips = (clips * 255).round().to(torch.uint8)
        tokens = self.encoder.encode(clips.cpu().numpy()).cpu()
        return (tokens.mean(dim=1) if pool else tokens).numpy()

    def _count_tokens(self) -> int:
        grid: Grid = self.encoder.grid(self.data.frames, self.data.size, self.data.size)
        return grid.N


def open_loaded(source: str, device: str | torch.device = "cpu") -> LoadedEncoder:
    """Return an encoder from elsewhere for videos.

    Args:
        source: ``hf:NAME_OR_FOLDER``, ``timm:NAME`` or ``python:MODULE:FUNCTION``.
        device: where features are computed.

    Raises:
        ConfigError: if the encoder can't be opened, or the device can't be used.
    """
    encoder = open_frozen(source, device)
    assert isinstance(encoder, ForeignEncoder)
    return LoadedEncoder(encoder)
