"""Sources of encoders, and encoders of runs as frozen ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.source import is_foreign, open_frozen, path_of_run, short_name
from auxjepa.probes.frozen import NetworkOfRun
from auxjepa.train.checkpoint import CheckpointError, digest, load_encoder


def test_prefixes_decide() -> None:
    assert all(map(is_foreign, ("hf:a/b", "timm:x", "python:m:f")))
    assert not any(map(is_foreign, ("run:x", "out/run", "hf")))
    assert path_of_run("run:out/a") == path_of_run("out/a") == Path("out/a")
    assert path_of_run("other:folder") == Path("other:folder")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("hf:facebook/vjepa2-vitl", "hf:vjepa2-vitl"),
        ("hf:/data/models/mine/", "hf:mine"),
        ("timm:vit_base.dino", "timm:vit_base.dino"),
        ("python:mine.encoders:small", "python:mine.encoders:small"),
        ("run:out/ld", "run:ld"),
        ("out/ld", "run:ld"),
    ],
)
def test_names_are_short(source: str, name: str) -> None:
    assert short_name(source) == name


@pytest.mark.parametrize("source", ["hf:", "timm:", "python:"])
def test_a_source_without_a_name_gives_one_line(source: str) -> None:
    with pytest.raises(ConfigError, match="give a name after"):
        open_frozen(source)


def test_the_encoder_of_a_run_reads_clips_of_its_training_as_its_probe_does(run_folder: Path) -> None:
    frozen = open_frozen(f"run:{run_folder}")
    network, state = load_encoder(run_folder, "student")
    own = NetworkOfRun(network, digest(network.state_dict()), state.config.model)
    clips = np.random.default_rng(1).integers(0, 256, (3, 4, 16, 16, 3), dtype=np.uint8)
    assert torch.equal(frozen.encode(clips), own.encode(clips))
    assert frozen.weights == own.weights and frozen.dim == own.dim
    assert frozen.time_steps(4) == own.time_steps(4) and frozen.grid(4, 16, 16) == own.grid(4, 16, 16)
    larger = np.repeat(np.repeat(np.repeat(clips, 2, axis=1), 2, axis=2), 2, axis=3)
    assert frozen.encode(larger).shape == own.encode(clips).shape
    assert torch.equal(frozen.encode(clips[:, :1]), own.encode(clips[:, :1]))


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        open_frozen(f"run:{tmp_path}")
