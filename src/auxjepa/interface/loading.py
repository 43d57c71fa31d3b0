"""Encoders for Python code."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from auxjepa.config import ConfigError
from auxjepa.encoders import Encoder, LoadedEncoder, open_encoder, open_loaded
from auxjepa.encoders.encoder import Role
from auxjepa.encoders.foreign import is_foreign, path_of_run
from auxjepa.threads import use_threads


def load(run: str | Path, role: Role = "student", *, device: str | torch.device = "cpu") -> Encoder | LoadedEncoder:
    """Return a frozen encoder with its preprocessing. A warning reports an unfinished run.

    Args:
        run: run folder (its best or last checkpoint is used), or a checkpoint; or an encoder from elsewhere:
            ``hf:NAME_OR_FOLDER``, ``timm:NAME``, ``python:MODULE:FUNCTION``.
        role: ``student``, ``teacher``, or ``random_init`` for the network before training; runs only.
        device: ``cpu``, ``cuda``, ``cuda:1`` and so on.

    Raises:
        CheckpointError: if there is no checkpoint, it is damaged, or the run has no such role.
        ConfigError: if an encoder or the device cannot be used, or there is no such role.
    """
    encoder = open_videos(run, role, device)
    if encoder.caution:
        warnings.warn(encoder.caution, stacklevel=2)
    use_threads()
    return encoder


def open_videos(source: str | Path, role: Role, device: str | torch.device) -> Encoder | LoadedEncoder:
    """Return the encoder of a source, which reads videos; arguments and exceptions as in :func:`load`.

    Args:
        source: run folder or checkpoint, or encoder from elsewhere.
        role: name of the network in a run.
        device: where features are computed.
    """
    if not is_foreign(str(source)):
        return open_encoder(path_of_run(str(source)), role, device)
    if role != "student":
        raise ConfigError(f"{source}: an encoder from elsewhere has no {role}; role is for runs")
    return open_loaded(str(source), device)
