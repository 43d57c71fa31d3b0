"""Encoders for Python code."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from auxjepa.encoders import Encoder, open_encoder
from auxjepa.encoders.encoder import Role
from auxjepa.threads import use_threads


def load(run: str | Path, role: Role = "student", *, device: str | torch.device = "cpu") -> Encoder:
    """Return the frozen encoder of a run, with its preprocessing. A warning reports an unfinished run.

    Args:
        run: run folder (its best or last checkpoint is used), or a checkpoint.
        role: ``student``, ``teacher``, or ``random_init`` for the network before training.
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.

    Raises:
        CheckpointError: if there is no checkpoint, it is damaged, or the run has no such role.
        ConfigError: if the device cannot be used, or there is no such role.
    """
    encoder = open_encoder(Path(run), role, device)
    if encoder.caution:
        warnings.warn(encoder.caution, stacklevel=2)
    use_threads()
    return encoder
