"""Encoders from elsewhere read videos and tensors of clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import auxjepa
from auxjepa.config import ConfigError
from auxjepa.encoders import LoadedEncoder
from written_encoders import save_encoder


@pytest.fixture(scope="session")
def dino(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of an image encoder with random weights."""
    folder = tmp_path_factory.mktemp("loaded") / "dino"
    save_encoder("dinov2_with_registers", folder)
    return f"hf:{folder}"


def test_videos_and_tensors_are_embedded(dino: str, make_video: Callable[..., Path], tmp_path: Path) -> None:
    encoder = auxjepa.load(dino)
    assert isinstance(encoder, LoadedEncoder) and encoder.dim == 16
    video = make_video(tmp_path / "a.mp4", frames=20)
    tokens, means = encoder.tokens(video), encoder.embed([video, video], clips=2)
    assert tokens.shape == (1, 8 * 4, 16) and means.shape == (4, 16)
    torch.testing.assert_close(encoder.embed(video), tokens.mean(dim=1))
    clips = np.random.default_rng(0).integers(0, 256, (2, 8, 32, 32, 3), dtype=np.uint8)
    features = encoder.embed(clips)
    torch.testing.assert_close(encoder.embed(torch.from_numpy(clips) / 255), features)
    torch.testing.assert_close(features, encoder.encoder.encode(clips).mean(dim=1))


def test_wrong_arguments_give_one_line(dino: str) -> None:
    with pytest.raises(ConfigError, match="has no teacher"):
        auxjepa.load(dino, "teacher")
    encoder = auxjepa.load(dino)
    with pytest.raises(ValueError, match="clips must have the shape"):
        encoder.embed(torch.zeros(2, 3))
    with pytest.raises(ValueError, match="within 0"):
        encoder.embed(torch.full((1, 8, 32, 32, 3), 255.0))
