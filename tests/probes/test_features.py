"""Features: as the encoder gives them, kept once, shard by shard."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from auxjepa.config import ModelConfig
from auxjepa.data.errors import CacheError
from auxjepa.data.loading.augment import normalise
from auxjepa.models.jepa import build_encoder
from auxjepa.models.vit import patchify
from auxjepa.probes import features
from auxjepa.probes.features import at_once, encode, extract, key
from auxjepa.tokens import Grid

CUT = {"tubelet": 2, "patch": 8}


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return build_encoder(ModelConfig(levels=2)).eval().requires_grad_(False)


@pytest.fixture
def clips() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (10, 4, 16, 16, 3), dtype=np.uint8)


def test_features_are_those_of_the_whole_normalised_clip(encoder, clips):
    pixels = normalise(torch.from_numpy(clips))
    grid = Grid(T=2, H=2, W=2, tubelet=2, patch=8)
    expected = encoder(patchify(pixels, grid), grid)
    assert torch.equal(encode(encoder, clips, **CUT), expected[:, :, 1])
    assert torch.equal(encode(encoder, clips, level=0, **CUT), expected[:, :, 0])
    assert encode(encoder, clips[:, :1], **CUT).shape == (10, 4, 64)
    with pytest.raises(ValueError, match="level 2 was requested, and this encoder has 2"):
        encode(encoder, clips, level=2, **CUT)


def test_extraction_happens_once_in_batches(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 4)
    done: list[int] = []
    folder = tmp_path / "deep" / "features"
    first = extract(encoder, clips, folder, **CUT, on_batch=done.append)
    assert done == [4, 8, 10]
    torch.testing.assert_close(first[:], encode(encoder, clips, **CUT), atol=4e-3, rtol=0)
    again = extract(encoder, clips, folder, **CUT, on_batch=done.append)
    assert done == [4, 8, 10] and torch.equal(first[:], again[:])
    assert [p.name for p in folder.iterdir()] == ["00000000.npy"]
    exact = extract(encoder, clips, tmp_path / "exact", **CUT, precision="float32")
    torch.testing.assert_close(exact[:], encode(encoder, clips, **CUT), atol=1e-6, rtol=0)
    assert torch.equal(first[:], exact[:].half().float())


def _counted(clips: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many clips each call of the encoder gets."""
    calls: list[int] = []
    true = features.encode

    def counted(encoder, some, **how):
        calls.append(len(some))
        return true(encoder, some, **how)

    monkeypatch.setattr(features, "encode", counted)
    return calls


def test_a_stopped_extraction_goes_on_where_it_stopped(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 2)
    monkeypatch.setattr(features, "SHARD", 4 * 8 * 64 * 2)  # four clips
    whole = extract(encoder, clips, tmp_path / "whole", **CUT)[:]

    def stop(done: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    folder = tmp_path / "f"
    with pytest.raises(KeyboardInterrupt):
        extract(encoder, clips, folder, **CUT, on_batch=stop)
    assert [p.name for p in folder.iterdir()] == ["00000000.npy"], "what isn't finished leaves nothing behind"
    calls = _counted(clips, monkeypatch)
    again = extract(encoder, clips, folder, **CUT)
    assert calls == [2, 2, 2] and torch.equal(again[:], whole), "the other six clips, in the same company"
    assert sorted(p.name for p in folder.iterdir()) == ["00000000.npy", "00000004.npy", "00000008.npy"]


@pytest.mark.parametrize("how", ["empty", "cut", "other clips", "another shape", "another type"])
def test_a_damaged_shard_is_made_again(encoder, clips, tmp_path, how):
    whole = extract(encoder, clips, tmp_path, **CUT)[:]
    path = tmp_path / "00000000.npy"
    if how == "other clips":
        np.save(path, whole[:3].numpy().astype(np.float16))
    elif how == "another shape":
        np.save(path, whole[:, 0].numpy().astype(np.float16))
    elif how == "another type":
        np.save(path, whole.numpy())
    else:
        path.write_bytes(path.read_bytes()[: 0 if how == "empty" else 400])
    assert torch.equal(extract(encoder, clips, tmp_path, **CUT)[:], whole)


def test_only_damaged_shards_are_made_again(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 2)
    monkeypatch.setattr(features, "SHARD", 1)
    whole = extract(encoder, clips, tmp_path, **CUT)[:]
    (tmp_path / "00000004.npy").write_bytes(b"")
    calls = _counted(clips, monkeypatch)
    assert torch.equal(extract(encoder, clips, tmp_path, **CUT)[:], whole) and calls == [2]


def test_clips_and_tokens_can_be_changed_on_the_way(encoder, clips, tmp_path):
    kept = extract(
        encoder, clips, tmp_path, **CUT, change=lambda some: some[:, ::-1], then=lambda part: part.mean(1, keepdim=True)
    )
    expected = encode(encoder, clips[:, ::-1], **CUT).mean(dim=1, keepdim=True)
    torch.testing.assert_close(kept[:], expected, atol=4e-3, rtol=0)


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=5000))
    with pytest.raises(CacheError, match=r"the features of 10 clips take 10\.2 kB, and 5\.0 kB are free"):
        extract(encoder, clips, tmp_path / "f", **CUT)
    assert not list((tmp_path / "f").iterdir())


def test_features_too_large_for_float16_are_told(encoder, clips, tmp_path):
    large = {"change": None, "then": lambda part: part * 1e5}
    with pytest.raises(CacheError, match="too large for float16; keep them in float32"):
        extract(encoder, clips, tmp_path / "f", **CUT, **large)
    assert extract(encoder, clips, tmp_path / "g", **CUT, **large, precision="float32")[:].abs().max() > 65504


def test_large_clips_are_encoded_fewer_at_once():
    assert at_once((9, 8, 32, 32, 3)) == at_once((9, 8, 112, 112, 3)) == 128
    assert at_once((9, 16, 224, 224, 3)) == 27 and at_once((1, 4096, 1024, 1024, 3)) == 1


def test_keys_tell_weights_clips_levels_and_forms_apart():
    keys = {key("w", "c", -1), key("v", "c", -1), key("w", "d", -1), key("w", "c", 0), key("w", "c", -1, "tiled")}
    assert len(keys) == 5 and key("w", "c", -1) == key("w", "c", -1)


def test_no_clips_is_an_error(encoder, clips, tmp_path):
    with pytest.raises(ValueError, match="no clips"):
        extract(encoder, clips[:0], tmp_path / "f.npy", **CUT)
