"""Planted features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.probes.fit import Split
from auxjepa.probes.kept import Features, Shard

Planted = Callable[..., tuple[Split, Split, Split]]


@pytest.fixture
def linear() -> Planted:
    """The class is a direction that every token carries a little of, below strong noise."""

    def make(clips: int = 300, classes: int = 4, tokens: int = 6, dim: int = 12) -> tuple[Split, Split, Split]:
        rng = torch.Generator().manual_seed(0)
        centres = torch.randn(classes, dim, generator=rng)
        splits = []
        for _ in range(3):
            labels = torch.randint(0, classes, (clips,), generator=rng)
            noise = torch.randn(clips, tokens, dim, generator=rng)
            splits.append(Split(noise + centres[labels][:, None], labels))
        return splits[0], splits[1], splits[2]

    return make


@pytest.fixture
def one_token_tells() -> Planted:
    """One token of a clip, at a random place, is marked and carries the class; the others carry false classes. The
    mean token says nothing."""

    def make(clips: int = 600, classes: int = 4, tokens: int = 8, dim: int = 12) -> tuple[Split, Split, Split]:
        rng = torch.Generator().manual_seed(0)
        splits = []
        for _ in range(3):
            said = torch.stack([torch.randperm(tokens, generator=rng) % classes for _ in range(clips)])
            place = torch.randint(0, tokens, (clips,), generator=rng)
            x = 0.1 * torch.randn(clips, tokens, dim, generator=rng)
            x.scatter_add_(2, said[..., None], torch.ones(clips, tokens, 1))
            x[torch.arange(clips), place, classes] += 2.0
            splits.append(Split(x, said[torch.arange(clips), place]))
        return splits[0], splits[1], splits[2]

    return make


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[[torch.Tensor], Features]:
    """The same tokens in shards of a hundred clips, float32."""
    count = 0

    def keep(tokens: torch.Tensor) -> Features:
        nonlocal count
        shards = []
        for part in tokens.split(100):
            path = tmp_path / f"{count}.npy"
            np.save(path, part.numpy())
            shard = Shard.open(path)
            assert shard is not None
            shards.append(shard)
            count += 1
        return Features(shards)

    return keep
