"""Encoders that a function of the user returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.python_function import open_python, wrap_object

CPU = torch.device("cpu")
SOURCE = '''
import torch

class Means(torch.nn.Module):
    """Means of the quarters of each pair of frames."""
    frames, size, mean, std, dim, time_steps = 4, 8, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), 3, 2

    def forward(self, clips):
        return torch.nn.functional.adaptive_avg_pool3d(clips, (2, 2, 2)).flatten(2).transpose(1, 2)

def means():
    return Means()

def fails():
    raise RuntimeError("no weights here")
'''


class Tokens(nn.Module):
    frames, size, mean, std, dim = 4, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 3

    def forward(self, clips: Tensor) -> Tensor:
        return clips.flatten(2).transpose(1, 2)


def clips(frames: int = 4) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, frames, 8, 8, 3), dtype=np.uint8)


def test_a_module_in_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_own_encoders.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    encoder = open_python("python:my_own_encoders:means", "my_own_encoders:means", CPU)
    tokens = encoder.encode(clips()).view(2, 2, 2, 2, 3)
    expected = (clips()[:, 2:, 4:, :4] / 255.0 - 0.5).mean(axis=(1, 2, 3)) / 0.5
    assert tokens[:, 1, 1, 0].numpy() == pytest.approx(expected, abs=1e-5)
    assert encoder.time_steps(4) == 2
    with pytest.raises(ConfigError, match="RuntimeError: no weights here"):
        open_python("python:my_own_encoders:fails", "my_own_encoders:fails", CPU)
    with pytest.raises(ConfigError, match="has no attribute 'other'"):
        open_python("python:my_own_encoders:other", "my_own_encoders:other", CPU)


@pytest.mark.parametrize(("name", "message"), [("nowhere_here:f", "No module named"), ("math", "give python:MODULE")])
def test_a_function_that_is_nowhere_gives_one_line(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        open_python(f"python:{name}", name, CPU)
    assert "\n" not in str(error.value)


def test_pictures_features_and_levels_are_read() -> None:
    class Pictures(Tokens):
        frames, dim, levels = 0, 5, 2

        def forward(self, clips: Tensor, level: int = -1) -> Tensor:
            return clips.mean(dim=(1, 2, 3))[:, None].expand(-1, 5) + level

    encoder = wrap_object("mine", Pictures(), CPU)
    tokens = encoder.encode(clips(6))
    assert tokens.shape == (2, 6, 5) and encoder.time_steps(6) == 6
    torch.testing.assert_close(encoder.encode(clips(6), 1) - tokens, torch.full((2, 6, 5), 2.0))


def test_a_callable_without_weights_needs_a_version() -> None:
    class Plain:
        frames, size, mean, std, dim = 4, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 3

        def __call__(self, clips: Tensor) -> Tensor:
            return clips.mean(dim=(2, 3, 4))

    with pytest.raises(ConfigError, match="needs a text `version`"):
        wrap_object("mine", Plain(), CPU)
    one, two = Plain(), Plain()
    one.version, two.version = "1", "2"  # type: ignore[attr-defined]
    assert wrap_object("mine", one, CPU).record.run != wrap_object("mine", two, CPU).record.run


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 0}, "size must be a whole number of 1 or more"),
        ({"frames": 2.0}, "frames must be a whole number"),
        ({"dim": True}, "dim must be a whole number"),
        ({"mean": (1, 2)}, "mean must be three numbers"),
        ({"std": (1, 0, 1)}, "std"),
        ({"time_steps": 3}, "256 tokens can't be divided into 3 time steps"),
        ({"forward": lambda clips: [clips]}, "must return tokens"),
        ({"forward": lambda clips: 1 / 0}, "failed on .*ZeroDivisionError"),
    ],
)
def test_a_broken_clause_gives_one_line(change: dict[str, Any], message: str) -> None:
    made = Tokens()
    for name, value in change.items():
        object.__setattr__(made, name, value)
    with pytest.raises(ConfigError, match=message) as error:
        wrap_object("mine", made, CPU)
    assert "\n" not in str(error.value)


def test_missing_attributes_and_other_objects_give_one_line() -> None:
    with pytest.raises(ConfigError, match="Linear has no frames, size, mean, std, dim"):
        wrap_object("mine", nn.Linear(1, 1), CPU)
    with pytest.raises(ConfigError, match="must return a torch module or a callable, got dict"):
        wrap_object("mine", {}, CPU)
    wrong = Tokens()
    object.__setattr__(wrong, "dim", 4)
    with pytest.raises(ConfigError, match="2 x 256 x 3, and 2 x 256 x 4 was expected"):
        wrap_object("mine", wrong, CPU).encode(clips())
