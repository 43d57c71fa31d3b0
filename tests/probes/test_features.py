"""Features: as the encoder gives them, kept once, atomic."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from auxjepa.config import ModelConfig
from auxjepa.data.transforms import normalise
from auxjepa.models.jepa import build_encoder
from auxjepa.models.vit import patchify
from auxjepa.probes import features
from auxjepa.probes.features import encode, extract, key
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
    with pytest.raises(ValueError, match="level 2 was asked for, this encoder has 2"):
        encode(encoder, clips, level=2, **CUT)


def test_extraction_happens_once_in_batches_and_is_read_only(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 4)
    done: list[int] = []
    path = tmp_path / "deep" / "features.npy"
    first = extract(encoder, clips, path, **CUT, on_batch=done.append)
    assert done == [4, 8, 10]
    assert first.dtype == np.float16 and not first.flags.writeable and isinstance(first, np.memmap)
    np.testing.assert_allclose(first, encode(encoder, clips, **CUT).numpy(), atol=4e-3)
    again = extract(encoder, clips, path, **CUT, on_batch=done.append)
    assert done == [4, 8, 10]
    np.testing.assert_array_equal(first, again)
    assert [p.name for p in path.parent.iterdir()] == ["features.npy"]


def test_a_stopped_extraction_leaves_nothing_behind(encoder, clips, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 4)

    def stop(done: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(encoder, clips, tmp_path / "f.npy", **CUT, on_batch=stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["empty", "cut", "other clips"])
def test_a_damaged_file_is_made_again(encoder, clips, tmp_path, how):
    path = tmp_path / "f.npy"
    whole = np.array(extract(encoder, clips, path, **CUT))
    if how == "other clips":
        np.save(path, whole[:3])
    else:
        path.write_bytes(path.read_bytes()[: 0 if how == "empty" else 400])
    np.testing.assert_array_equal(extract(encoder, clips, path, **CUT), whole)


def test_keys_tell_weights_clips_levels_and_forms_apart():
    keys = {key("w", "c", -1), key("v", "c", -1), key("w", "d", -1), key("w", "c", 0), key("w", "c", -1, "tiled")}
    assert len(keys) == 5 and key("w", "c", -1) == key("w", "c", -1)


def test_no_clips_is_an_error(encoder, clips, tmp_path):
    with pytest.raises(ValueError, match="no clips"):
        extract(encoder, clips[:0], tmp_path / "f.npy", **CUT)
