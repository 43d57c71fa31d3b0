"""The initial encoder of a seed: the same bits in training, in the random-init control and in the CKA suite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import cka
from auxjepa.config import RunConfig
from auxjepa.models.initial import build_initial_encoder, build_initial_model
from auxjepa.study import worker
from auxjepa.train.checkpoint import digest
from auxjepa.train.loop import Run

GOLDEN = [
    ({"size": "nano"}, 0, "30ce215fa4756d48", "b441bee24e77c304"),
    ({"size": "nano", "position": "sincos", "levels": 2}, 5, "31688e1ece364257", "5fc0c5a000d6b46c"),
    ({"size": "tiny", "levels": 4, "modality_embedding": True}, 103, "8b1a31af9af507bb", "112c19c20b215242"),
]
"""Model, seed, and the digests of encoder and predictor that the version before this module drew."""


@pytest.mark.parametrize(("model", "seed", "encoder", "predictor"), GOLDEN)
def test_every_user_builds_the_same_bits(
    configured: Callable[..., RunConfig],
    tmp_path: Path,
    model: dict[str, Any],
    seed: int,
    encoder: str,
    predictor: str,
) -> None:
    config = configured(model=model, seed=seed)
    assert digest(build_initial_encoder(config.model, seed).state_dict()) == encoder
    networks = build_initial_model(config)
    assert digest(networks.student.state_dict()) == encoder and digest(networks.predictor.state_dict()) == predictor
    run = Run(config, np.zeros((8, 4, 16, 16, 3), np.uint8), tmp_path / "run")
    assert run.initial == {"student": encoder, "teacher": encoder, "predictor": predictor}


def test_the_study_and_the_suite_use_this_function() -> None:
    assert worker.build_initial_encoder is build_initial_encoder
    assert cka.build_initial_encoder is build_initial_encoder


def test_the_encoder_is_frozen_and_no_other_stream_is_seeded(configured: Callable[..., RunConfig]) -> None:
    before = torch.get_rng_state()
    encoder = build_initial_encoder(configured().model, 3)
    assert torch.equal(torch.get_rng_state(), before)
    assert not encoder.training and not any(p.requires_grad for p in encoder.parameters())
