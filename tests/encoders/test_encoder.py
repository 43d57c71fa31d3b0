"""A frozen encoder reads videos and tensors, and says in one line what it cannot read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.data.errors import MissingVideoError, VideoError
from auxjepa.data.media.read_clips import FileClips, read_clips
from auxjepa.encoders import Encoder, VideoFeatures, open_encoder
from auxjepa.encoders.video_encoder import windows
from auxjepa.models.initial import build_initial_encoder
from auxjepa.probes.features import encode
from auxjepa.runs.state import CheckpointError
from auxjepa.train.checkpoint import load_encoder


@pytest.fixture(scope="session")
def encoder(run_folder: Path) -> Encoder:
    return open_encoder(run_folder)


@pytest.fixture
def videos(make_video: Callable[..., Path], tmp_path: Path) -> list[Path]:
    return [make_video(tmp_path / f"{seed}.mp4", seed=seed) for seed in range(2)]


def test_features_are_those_of_the_probes(encoder: Encoder, videos: list[Path]) -> None:
    read = list(read_clips(videos, partial(windows, data=encoder.config.data, count=2), size=16))
    clips = np.concatenate([one.clips for one in read if isinstance(one, FileClips)])
    expected = torch.cat([encode(encoder.network, clip[None], tubelet=2, patch=8) for clip in clips])
    tokens = encoder.tokens(videos, clips=2)
    assert tokens.shape == (4, 8, 64) and torch.equal(tokens, expected)
    assert torch.allclose(encoder.embed(videos, clips=2), expected.mean(dim=1), atol=1e-6)
    assert torch.allclose(encoder.embed(torch.from_numpy(clips)), expected.mean(dim=1), atol=1e-5)


def test_paths_come_in_every_form(encoder: Encoder, videos: list[Path]) -> None:
    first = encoder.embed(videos)[:1]
    for form in (videos[0], str(videos[0]), [str(videos[0])], (videos[0],)):
        assert torch.equal(encoder.embed(form), first)


def test_bytes_shares_and_arrays_are_the_same_clips(encoder: Encoder) -> None:
    clips = torch.randint(0, 256, (3, 4, 16, 16, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    expected = encoder.tokens(clips)
    assert torch.equal(encoder.tokens(clips.numpy()), expected)
    assert torch.allclose(encoder.tokens(clips / 255), expected, atol=1e-4)
    assert torch.allclose(encoder.tokens((clips / 255).double()), expected, atol=1e-4)
    assert torch.allclose(encoder.embed(clips), expected.mean(dim=1), atol=1e-6)


def test_roles(run_folder: Path) -> None:
    clips = torch.full((1, 4, 16, 16, 3), 90, dtype=torch.uint8)
    for role in ("student", "teacher"):
        network = load_encoder(run_folder, role)[0]
        assert torch.equal(
            open_encoder(run_folder, role).tokens(clips), encode(network, clips.numpy(), tubelet=2, patch=8)
        )
    untrained = open_encoder(run_folder, "random_init")
    initial = build_initial_encoder(untrained.config.model, 5)
    assert torch.equal(untrained.tokens(clips), encode(initial, clips.numpy(), tubelet=2, patch=8))
    assert (
        untrained.step == 0 and repr(untrained) == "Encoder(mine random_init, step 0, clips 4 x 16 x 16, 64 channels)"
    )


@pytest.mark.parametrize(
    ("clips", "words"),
    [
        (torch.zeros(2, 4, 16, 16), "shape"),
        (torch.zeros(0, 4, 16, 16, 3), "shape"),
        (torch.zeros(2, 3, 4, 16, 16), "shape"),
        (torch.zeros(2, 3, 16, 16, 3), "clips of 3 x 16 x 16 can't be cut into tokens of 2 frames and 8 x 8 pixels"),
        (torch.zeros(2, 4, 16, 12, 3), "clips of 4 x 16 x 12 can't be cut"),
        (torch.zeros(2, 4, 16, 16, 3, dtype=torch.int64), "uint8 .* or float .*, got torch.int64"),
        (torch.full((2, 4, 16, 16, 3), 255.0), "float clips must be within 0 … 1, got 255 … 255"),
        (torch.full((2, 4, 16, 16, 3), float("nan")), "float clips must be within 0 … 1"),
    ],
)
def test_tensors_that_hold_no_clips(encoder: Encoder, clips: torch.Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        encoder.embed(clips)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("clips", [0, -1, True])
def test_impossible_numbers_of_clips(encoder: Encoder, videos: list[Path], clips: int) -> None:
    with pytest.raises(ValueError, match="clips must be a whole number of 1 or more"):
        encoder.embed(videos, clips=clips)


def test_a_video_that_cannot_be_read_is_an_error_or_is_given(encoder: Encoder, videos: list[Path]) -> None:
    missing = videos[0].with_name("none.mp4")
    with pytest.raises(MissingVideoError, match=r"none\.mp4: no such file"):
        encoder.embed([videos[0], missing])
    first, second, third = encoder.read([videos[0], missing, videos[1]])
    assert isinstance(first, VideoFeatures) and isinstance(third, VideoFeatures) and isinstance(second, VideoError)
    assert first.frames == [[4, 5, 6, 7]] and first.features.shape == (1, 64)


def test_clips_of_another_size_and_padded_ones_are_said(
    encoder: Encoder, make_video: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match="these clips are 2 x 24 x 24, and the encoder was trained on clips of 4 x 16"):
        assert encoder.tokens(torch.zeros(1, 2, 24, 24, 3)).shape == (1, 9, 64)
    with pytest.warns(UserWarning, match="1 of 1 clips are padded with repeated frames"):
        encoder.embed(make_video(tmp_path / "short.mp4", frames=3))


def test_more_features_than_memory_holds_are_refused(
    encoder: Encoder, videos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auxjepa.encoders.video_encoder.usable_memory", lambda: 1000)
    with pytest.raises(ConfigError, match="features of 5 clips of 2 videos take"):
        encoder.embed(videos, clips=5)


def test_what_cannot_be_opened(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        open_encoder(tmp_path)
    copy = Path(shutil.copytree(run_folder, tmp_path / "copy"))
    (copy / "summary.json").unlink()
    assert "copy is not finished" in open_encoder(copy).caution and open_encoder(run_folder).caution == ""
