"""The networks with which every run of a seed begins.

Pairing rests on them: all variants of a seed start from the same student, and that student is the random-init control.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from auxjepa.config import ModelConfig, RunConfig
from auxjepa.models.jepa import JEPA, build_encoder
from auxjepa.models.vit import Encoder
from auxjepa.seeds import derive_seed


def build_initial_encoder(model: ModelConfig, seed: int) -> Encoder:
    """Return the frozen encoder with which every run of a seed begins, on the CPU and in evaluation mode.

    Args:
        model: size and form of the encoder.
        seed: seed of the run.
    """
    with _initial_stream(seed):
        return build_encoder(model).eval().requires_grad_(False)


def build_initial_model(config: RunConfig) -> JEPA:
    """Return student, teacher and predictor of a run before its first step, on the CPU.

    Args:
        config: configuration of the run; its student has the weights of :func:`build_initial_encoder`.
    """
    with _initial_stream(config.seed):
        return JEPA(config)


@contextlib.contextmanager
def _initial_stream(seed: int) -> Iterator[None]:
    """Seed torch's generator with the initialisation stream of a seed, and restore it afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "initialisation"))
        yield
