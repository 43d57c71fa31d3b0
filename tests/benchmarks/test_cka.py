"""The suite that says how far training moved an encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, cka
from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8, "position": "sincos"})


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cka")


def scorer(encoder: Encoder, place: Path, model: ModelConfig = MODEL, seed: int = 3) -> Scorer:
    data = DataConfig(root=place / "data", frames=4, size=16)
    return Scorer(encoder, "w", model, data, seed=seed, features=place / "features")


def small(clips: int = 24) -> Benchmark:
    one = BENCHMARKS["world_cka"]
    return one.model_copy(update={"test": 30, "args": {"clips": clips}})


def moved(share: float, seed: int = 3) -> Encoder:
    """The initial encoder, part of the way towards another one."""
    encoder, other = build_initial_encoder(MODEL, seed), build_initial_encoder(MODEL, 77)
    for p, q in zip(encoder.parameters(), other.parameters(), strict=True):
        p.data.lerp_(q.data, share)
    return encoder


def test_an_untrained_encoder_has_not_moved_and_others_have(place: Path) -> None:
    still = scorer(build_initial_encoder(MODEL, 3), place).score(small())
    assert still.test == pytest.approx(0, abs=1e-9) and still.correct is None
    assert still.parts == pytest.approx({f"initial@{role}": 1.0 for role in ("motion", "order", "images")})
    near, far = (scorer(moved(share), place).score(small()) for share in (0.2, 1.0))
    assert 0 < near.test < far.test < 120
    assert near.test == pytest.approx(100 * (1 - sum(near.parts.values()) / 3))
    assert scorer(moved(0.2), place).score(small()).parts == near.parts


def test_levels_of_an_encoder_are_compared(place: Path) -> None:
    model = MODEL.model_copy(update={"levels": 2})
    found = scorer(build_initial_encoder(model, 3), place, model).score(small(24))
    assert {name for name in found.parts if name.startswith("levels")} == {
        "levels 0-1@motion",
        "levels 0-1@order",
        "levels 0-1@images",
    }
    assert all(value < 1 for name, value in found.parts.items() if name.startswith("levels"))
    assert found.test == pytest.approx(0, abs=1e-9), "levels are no part of the score"


def test_a_data_set_is_one_domain(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Opened:
        clips = torch.zeros(8, 4, 16, 16, 3, dtype=torch.uint8).numpy()

    def opening(self: Benchmark, data: DataConfig, split: str, **_: object) -> Opened:
        asked.append((self.source, split, self.suite))
        return Opened()

    monkeypatch.setattr(Benchmark, "open", opening)
    real = small(5).model_copy(update={"source": "ucf101"})
    found = cka.domains(real, DataConfig(root=place))
    assert {name: len(clips) for name, clips in found.items()} == {"ucf101": 5}
    assert asked == [("ucf101", "test", "")]
