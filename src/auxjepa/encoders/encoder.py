"""A frozen encoder of a run with its preprocessing: from videos or tensors of clips to features."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from auxjepa.config import ConfigError, RunConfig
from auxjepa.data.loading.augment import normalise, normalise_shares
from auxjepa.devices import open_device
from auxjepa.encoders.video_encoder import VideoEncoder, check_values
from auxjepa.models import vit
from auxjepa.models.initial import build_initial_encoder
from auxjepa.probes.features import encode_pixels
from auxjepa.runs.record import choose
from auxjepa.tokens import Grid
from auxjepa.train.checkpoint import load_encoder

Role = Literal["student", "teacher", "random_init"]


class Encoder(VideoEncoder):
    """A frozen encoder of a run. Make one with :func:`auxjepa.load`.

    Args:
        network: the network, in evaluation mode.
        config: configuration of its run.
        role: name of the network in the run.
        step: training step of the checkpoint.
        caution: one line if the checkpoint does not belong to a finished run; empty otherwise.
    """

    def __init__(self, network: vit.Encoder, config: RunConfig, *, role: Role, step: int, caution: str = "") -> None:
        self.network, self.config, self.role, self.step, self.caution = network, config, role, step, caution
        self.data = config.data

    def __repr__(self) -> str:
        data, dim = self.config.data, self.dim
        clip = f"{data.frames} x {data.size} x {data.size}"
        return f"Encoder({self.config.variant} {self.role}, step {self.step}, clips {clip}, {dim} channels)"

    @property
    def dim(self) -> int:
        """Number of channels of a feature."""
        return self.network.width.dim

    @property
    def device(self) -> torch.device:
        """Device on which features are computed."""
        return next(self.network.parameters()).device

    def _check_clips(self, clips: Tensor) -> None:
        model = self.config.model
        check_values(clips)
        frames, *sides = clips.shape[1:4]
        if (frames > 1 and frames % model.tubelet) or any(side % model.patch or not side for side in sides):
            raise ValueError(
                f"clips of {' x '.join(map(str, clips.shape[1:4]))} can't be cut into tokens of {model.tubelet} frames "
                f"and {model.patch} x {model.patch} pixels"
            )

    def _encode(self, clips: Tensor, pool: bool) -> np.ndarray:
        """Return the features of a batch of clips, uint8 or float ``[B F X Y 3]``."""
        model, clips = self.config.model, clips.to(self.device)
        pixels = normalise(clips) if clips.dtype == torch.uint8 else normalise_shares(clips)
        tokens = encode_pixels(self.network, pixels, tubelet=model.tubelet, patch=model.patch).cpu().numpy()
        return np.stack([clip.mean(axis=0) for clip in tokens]) if pool else tokens

    def _count_tokens(self) -> int:
        data, model = self.data, self.config.model
        return Grid.of_clip(data.frames, data.size, data.size, model.tubelet, model.patch).N


def open_encoder(path: Path, role: Role = "student", device: str | torch.device = "cpu") -> Encoder:
    """Return the frozen encoder of a run.

    Args:
        path: run folder or checkpoint.
        role: ``student``, ``teacher``, or ``random_init`` for the network before training.
        device: where features are computed.

    Raises:
        CheckpointError: if there is no checkpoint, it is damaged, or the run has no such role.
        ConfigError: if the device cannot be used, or there is no such role.
    """
    place, chosen = open_device(device), choose(path)
    config = chosen.state.config
    if role == "random_init":
        network = build_initial_encoder(config.model, config.seed)
    elif role in ("student", "teacher"):
        network = load_encoder(chosen.path, role)[0]
    else:
        raise ConfigError(f"role must be 'student', 'teacher' or 'random_init', got {role!r}")
    step = 0 if role == "random_init" else chosen.state.step
    return Encoder(network.to(place), config, role=role, step=step, caution=chosen.caution)
