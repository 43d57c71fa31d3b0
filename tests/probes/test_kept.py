"""Features on disk: what they say is what tensors say, in any order, in little memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.data.errors import CacheError
from auxjepa.probes import kept
from auxjepa.probes.kept import Features, Shard, gathered, mapped, select_clips


@pytest.fixture
def whole() -> torch.Tensor:
    return torch.randn(23, 6, 8, generator=torch.Generator().manual_seed(0)).half().float()


@pytest.fixture
def features(whole: torch.Tensor, tmp_path: Path) -> Features:
    shards = []
    for start in range(0, 23, 10):
        np.save(tmp_path / f"{start}.npy", whole[start : start + 10].numpy().astype(np.float16))
        shard = Shard.open(tmp_path / f"{start}.npy")
        assert shard is not None
        shards.append(shard)
    return Features(shards)


def test_clips_are_read_in_any_order(features: Features, whole: torch.Tensor) -> None:
    assert features.shape == (23, 6, 8) and len(features) == 23 and features.nbytes == whole.nbytes
    order = torch.tensor([22, 0, 9, 10, 10, 3, 19])
    assert torch.equal(features[order], whole[order]) and features[order].dtype == torch.float32
    assert torch.equal(features[5:15], whole[5:15]) and torch.equal(features[:], whole)
    assert features[:0].shape == (0, 6, 8)
    with pytest.raises(IndexError):
        features[torch.tensor([23])]


def test_parts_are_as_small_as_memory_asks(
    features: Features, whole: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [len(part) for part in features.split(9)] == [9, 9, 5]
    monkeypatch.setattr(kept, "READ", 4 * 6 * 8 * 4)
    parts = list(features.split(9))
    assert [len(part) for part in parts] == [4] * 5 + [3] and torch.equal(torch.cat(parts), whole)


def test_changes_are_made_when_clips_are_read(features: Features, whole: torch.Tensor) -> None:
    half = mapped(lambda part: part[..., :3], features)
    both = mapped(lambda part: 2 * part, half)
    assert isinstance(both, Features) and both.shape == (23, 6, 3) and features.shape == (23, 6, 8)
    assert torch.equal(both[torch.tensor([4, 1])], 2 * whole[[4, 1], :, :3])
    mean = gathered(lambda part: part.mean(dim=1), both, size=5)
    torch.testing.assert_close(mean, 2 * whole[..., :3].mean(dim=1))
    assert torch.equal(gathered(lambda part: part + 1, whole), whole + 1)


def test_a_choice_of_clips_reads_nothing_else(features: Features, whole: torch.Tensor) -> None:
    order = torch.tensor([20, 3, 3, 11])
    some = select_clips(features, order)
    assert isinstance(some, Features) and some.shape == (4, 6, 8)
    assert torch.equal(some[:], whole[order]) and torch.equal(some.take(torch.tensor([2, 0]))[:], whole[[3, 20]])
    assert torch.equal(select_clips(whole, order), whole[order])


def test_a_file_that_was_cut_since_is_told(features: Features, tmp_path: Path) -> None:
    path = tmp_path / "10.npy"
    path.write_bytes(path.read_bytes()[:-50])
    assert Shard.open(path) is None
    with pytest.raises(CacheError, match="has been cut since it was opened"):
        features[10:20]
