"""``run:DIR``: the encoder of a run as a frozen encoder, which reads clips at the size of its training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from auxjepa.data.loading.augment import MEAN, STD
from auxjepa.encoders.foreign.encoder_record import EncoderRecord, InputFormat, TokenLayout
from auxjepa.encoders.foreign.prepare_clips import resample, resize
from auxjepa.probes.features import encode
from auxjepa.probes.frozen import FrozenEncoder
from auxjepa.runs.record import choose
from auxjepa.tokens import Grid
from auxjepa.train.checkpoint import digest, load_encoder


class EncoderOfRun(FrozenEncoder):
    """The student of a run, frozen. Clips of another size or length are changed to those of its training.

    Args:
        source: the source with its prefix.
        path: run folder or checkpoint.
        device: device of the network.

    Raises:
        CheckpointError: if there is no checkpoint, or it is damaged.
    """

    def __init__(self, source: str, path: Path, device: torch.device) -> None:
        chosen = choose(path)
        run = chosen.state.config
        self.data, self.model, self.device = run.data, run.model, device
        self.network = load_encoder(chosen.path, "student")[0]
        state = self.network.state_dict()
        full = Grid.of_clip(run.data.frames, run.data.size, run.data.size, run.model.tubelet, run.model.patch)
        self.record = EncoderRecord(
            source=source,
            network=f"{run.variant}, step {chosen.state.step}, {run.model.digest()}",
            parameters=sum(one.numel() for one in self.network.parameters()),
            dim=self.network.width.dim,
            levels=self.network.levels,
            weights=digest(state),
            input=InputFormat(frames=run.data.frames, size=run.data.size, mean=MEAN, std=STD, rate=run.data.fps),
            tokens=TokenLayout(steps=full.T, rows=full.H, columns=full.W),
            pretraining=", ".join(run.data.sources),
        )
        self.weights, self.form = self.record.weights, self.record.form
        self.dim, self.levels, self.size = self.record.dim, self.record.levels, run.data.size
        self.network = self.network.to(device)

    def encode(self, clips: UInt8[np.ndarray, "B F X Y 3"], level: int = -1) -> Float[Tensor, "B N D"]:
        chosen = np.array(clips if clips.shape[1] == 1 else resample(clips, self.data.frames))
        side = self.data.size
        if chosen.shape[2:4] != (side, side):
            pixels = torch.from_numpy(chosen).permute(0, 1, 4, 2, 3).float()
            sized = resize(pixels.flatten(0, 1), side).unflatten(0, pixels.shape[:2])
            chosen = sized.round().clamp(0, 255).byte().permute(0, 1, 3, 4, 2).contiguous().numpy()
        return encode(self.network, chosen, level=level, tubelet=self.model.tubelet, patch=self.model.patch)

    def grid(self, frames: int, rows: int, columns: int) -> Grid:
        side, tubelet = self.data.size, self.model.tubelet
        return Grid.of_clip(tubelet * self.time_steps(frames), side, side, tubelet, self.model.patch)

    def time_steps(self, frames: int) -> int:
        return 1 if frames == 1 else self.record.tokens.steps
