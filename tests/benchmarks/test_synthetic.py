"""Benchmarks of synthetic clips, and Diving-48 and Something-Something under the paper's other heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.alternative_heads import ALTERNATIVE_HEADS, HEADS
from auxjepa.benchmarks.motion_discrimination import MOTION_DISCRIMINATION
from auxjepa.benchmarks.physics import PHYSICS
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.data.synthetic.paths import KINDS
from auxjepa.models.jepa import build_encoder

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8, "position": "sincos"})
SYNTHETIC = (*MOTION_DISCRIMINATION, *PHYSICS)


@pytest.fixture
def scorer(tmp_path: Path) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    data = DataConfig(root=tmp_path / "data", frames=4, size=16)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path / "features")


def small(name: str, **sizes: int) -> Benchmark:
    one = BENCHMARKS[name]
    return one.model_copy(update={**sizes, "protocol": one.protocol.model_copy(update={"epochs": 3})})


def test_all_are_registered_under_their_names() -> None:
    assert all(BENCHMARKS[one.name] == one for one in (*SYNTHETIC, *ALTERNATIVE_HEADS))
    assert {f"diving48_{head}" for head in HEADS} | {"ssv2_released"} == {one.name for one in ALTERNATIVE_HEADS}


def test_the_paper_s_sizes_and_enough_clips_of_ours() -> None:
    for name in ("motion_discrimination_released", "motion_discrimination_40"):
        one = BENCHMARKS[name]
        assert (one.train, one.test, one.protocol.epochs, one.protocol.batch) == (160, 40, 100, 32)
    probe = BENCHMARKS["motion_discrimination_released"].protocol
    assert probe.learning_rates == (3e-4,) and probe.select == "last" and not probe.whiten
    released = BENCHMARKS["physics_released"]
    assert (released.train, released.validation, released.test) == (35_000, 5_000, 10_000)
    for name in ("motion_discrimination", "physics"):
        n = BENCHMARKS[name].test
        assert n % 8 == 0 and 1.96 * (0.25 / n) ** 0.5 <= 0.02


@pytest.mark.parametrize("one", SYNTHETIC, ids=lambda one: one.name)
def test_hashes_cover_what_clips_depend_on(one: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    from auxjepa.data import synthetic

    source = synthetic.find_source(one.source)
    plain = one.hash_on(DataConfig())
    changes = {"frames": DataConfig(frames=16), "size": DataConfig(size=64), "seed": DataConfig(seed=1)}
    for name, data in changes.items():
        assert (one.hash_on(data) == plain) == (name in source.fixed), name
    assert one.hash_on(DataConfig(stride=4, clips=9, source="folder:x", root=Path("x"))) == plain
    name = one.source.removeprefix(synthetic.PREFIX)
    later = synthetic.SyntheticSource(source.sample, source.version + 1, source.fixed, source.frames, source.size)
    monkeypatch.setitem(synthetic.SOURCES, name, later)
    assert one.hash_on(DataConfig()) != plain


def test_old_hashes_of_synthetic_benchmarks_stay_what_they_are() -> None:
    told = {one.name: one.hash_on(DataConfig()) for one in SYNTHETIC}
    assert told == {
        "motion_discrimination": "1525cfa4c8b9c6e1",
        "motion_discrimination_released": "d57e6b596ec93da7",
        "motion_discrimination_40": "cfc99622c1b26e65",
        "physics": "56822f06cf0a82c7",
        "physics_plain": "81f709951904558c",
        "physics_released": "fb695eac6be20a17",
    }


def test_physics_is_scored_on_new_parameters_and_told_by_kind(scorer: Scorer) -> None:
    one = small("physics", train=64, validation=32, test=80)
    score = scorer.score(one)
    assert score.correct is not None and len(score.correct) == 80
    assert score.test == pytest.approx(100 * score.correct.mean()) and set(score.parts) == {"known", *KINDS}
    assert score.test == pytest.approx(np.mean([score.parts[kind] for kind in KINDS]))  # kinds are of one size
    again = scorer.score(one)
    assert again.correct is not None and again.parts == score.parts
    assert np.array_equal(again.correct, score.correct)


def test_released_motion_is_read_at_its_own_size(scorer: Scorer) -> None:
    opened = BENCHMARKS["motion_discrimination_released"].open(scorer.data, "test", progress=False)
    assert opened.clips.shape == (40, 8, 160, 160, 3) and np.bincount(opened.labels).tolist() == [5] * 8
    scaled = BENCHMARKS["motion_discrimination_40"].open(scorer.data, "test", progress=False)
    assert scaled.clips.shape == (40, 4, 16, 16, 3)
    score = scorer.score(small("motion_discrimination_40", train=16, validation=8, test=40))
    assert score.correct is not None and len(score.correct) == 40


def test_heads_over_time_are_told_how_many_steps_there_are(scorer: Scorer) -> None:
    split = scorer.split(small("motion_discrimination", test=8), "test")
    assert split.steps == 2 and split.tokens.shape == (8, 8, 64)
    tap = BENCHMARKS["diving48_tap"].protocol.model_copy(update={"epochs": 1})
    one = small("motion_discrimination", train=16, validation=8, test=8).model_copy(update={"protocol": tap})
    assert 0 <= scorer.score(one).test <= 100
