"""Encoders of timm, by its documented interface. timm itself needs a torchvision that fits torch."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.timm_model import open_timm

CPU = torch.device("cpu")


class Vit(nn.Module):
    """As timm's vision transformers: a class token and registers before the tokens of patches."""

    num_prefix_tokens = 3

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 6, 8, 8)
        self.prefix = nn.Parameter(torch.full((1, 3, 6), 9.0))
        self.pretrained_cfg = {"tag": "augreg_in21k"}

    def forward_features(self, x: Tensor) -> Tensor:
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        return torch.cat([self.prefix.expand(len(x), -1, -1), tokens], dim=1)


class Map(Vit):
    """As timm's convolutional networks: a map of features."""

    num_prefix_tokens = 0

    def forward_features(self, x: Tensor) -> Tensor:
        return self.patch(x)


@pytest.fixture
def fake_timm(monkeypatch: pytest.MonkeyPatch):
    """``fake_timm(network, settings)``: a module with the documented interface."""

    def install(network: Any, **settings: Any) -> None:
        timm, data = ModuleType("timm"), ModuleType("timm.data")

        def create_model(name: str, *, pretrained: bool, num_classes: int) -> Any:
            if name != "tiny" or not pretrained or num_classes:
                raise RuntimeError(f"Unknown model ({name})")
            return network

        defaults = {"input_size": (3, 16, 16), "mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}
        timm.create_model = create_model  # type: ignore[attr-defined]
        timm.__version__ = "1.0"  # type: ignore[attr-defined]
        data.resolve_model_data_config = lambda model: defaults | settings  # type: ignore[attr-defined]
        timm.data = data  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "timm", timm)
        monkeypatch.setitem(sys.modules, "timm.data", data)

    return install


@pytest.mark.parametrize("kind", [Vit, Map])
def test_tokens_are_the_features_of_each_frame(kind: type[Vit], fake_timm) -> None:
    network = kind()
    fake_timm(network)
    encoder = open_timm("timm:tiny", "tiny", CPU)
    clips = np.random.default_rng(0).integers(0, 256, (2, 5, 16, 16, 3), dtype=np.uint8)
    mean, std = (torch.tensor(one).view(3, 1, 1) for one in ((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))
    frames = (torch.from_numpy(clips).permute(0, 1, 4, 2, 3) / 255 - mean) / std
    with torch.no_grad():
        expected = torch.cat([network.patch(frames[:, i]).flatten(2).transpose(1, 2) for i in range(5)], dim=1)
    torch.testing.assert_close(encoder.encode(clips), expected, atol=1e-5, rtol=1e-5)
    assert (encoder.time_steps(5), encoder.levels, encoder.dim) == (5, 1, 6)
    assert encoder.record.pretraining == "augreg_in21k"


def test_what_timm_cannot_open_or_give_is_one_line(fake_timm) -> None:
    fake_timm(Vit())
    with pytest.raises(ConfigError, match=r"timm:other: timm can't open it: RuntimeError: Unknown model \(other\)"):
        open_timm("timm:other", "other", CPU)
    fake_timm(Vit(), input_size=(3, 16, 24))
    with pytest.raises(ConfigError, match="it reads 3 x 16 x 24"):
        open_timm("timm:tiny", "tiny", CPU)
    network = Vit()
    network.num_prefix_tokens = 1
    fake_timm(network)
    with pytest.raises(ConfigError, match="6 tokens of a square picture are no square"):
        open_timm("timm:tiny", "tiny", CPU)


def test_without_timm_the_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ConfigError, match=r"need timm: pip install 'auxjepa\[timm\]'") as error:
        open_timm("timm:tiny", "tiny", CPU)
    assert "\n" not in str(error.value)
