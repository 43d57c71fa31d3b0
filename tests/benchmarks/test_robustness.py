"""Suites of corruptions and shifts on a small world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark
from auxjepa.benchmarks.robustness import ROBUSTNESS, base_of, corruptions_of, reversed_classes, shifts_of
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.corruptions import CORRUPTIONS
from auxjepa.data.world import CLASSES
from auxjepa.data.world.shifts import SHIFTS
from auxjepa.models.jepa import build_encoder

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})


@pytest.fixture
def scorer(small: DataConfig, tmp_path: Path) -> Scorer:
    torch.manual_seed(0)
    return Scorer(build_encoder(MODEL).eval().requires_grad_(False), "w", MODEL, small, seed=0, features=tmp_path)


def tiny(name: str, **args: object) -> Benchmark:
    one = BENCHMARKS[name]
    quick = one.protocol.model_copy(update={"epochs": 2})
    # Few enough to be written and scanned in this process.
    sizes = {"train": 32, "validation": 16, "test": 24, "protocol": quick}
    return one.model_copy(update=sizes | {"args": {"base": one.args["base"], "clips": 16, **args}})


def test_six_benchmarks_lean_on_the_plain_ones() -> None:
    assert [one.name for one in ROBUSTNESS] == [
        f"world_{base}_{word}" for word in ("corrupted", "shifted") for base in ("appearance", "fine_motion", "order")
    ]
    data = DataConfig()
    for one in ROBUSTNESS:
        plain = BENCHMARKS[one.args["base"]]
        assert base_of(one).hash_on(data) == plain.hash_on(data), "the probe would be fitted twice"
        assert one.capability == "robustness" and one.controls == ("random_init", "chance")


def test_what_is_asked_of_which_clips() -> None:
    motion = {kind for kind, _ in corruptions_of(BENCHMARKS["world_order_corrupted"])}
    assert motion == set(CORRUPTIONS)
    images = list(corruptions_of(BENCHMARKS["world_appearance_corrupted"]))
    assert {k for k, _ in images} == {"noise", "blur", "brightness", "occlusion", "compression"} and len(images) == 15
    names = {one: {s.rpartition("-")[0] for s in shifts_of(BENCHMARKS[f"world_{one}_shifted"])} for one in CLASSES_OF}
    assert names["fine_motion"] == set(SHIFTS)
    assert names["order"] == set(SHIFTS) - {"fast", "slow"}
    assert names["appearance"] == {"background", "small", "large", "contrast", "polarity", "noise"}
    assert "polarity-3" in shifts_of(BENCHMARKS["world_order_shifted"])
    assert "polarity-5" not in shifts_of(BENCHMARKS["world_order_shifted"])
    with pytest.raises(ConfigError, match=r"unknown shift of the world .texure-1.*texture"):
        shifts_of(tiny("world_order_shifted", kinds=["texure"]))


CLASSES_OF = ("fine_motion", "order", "appearance")


def test_classes_played_backwards() -> None:
    assert reversed_classes("direction").tolist() == [4, 5, 6, 7, 0, 1, 2, 3]
    assert reversed_classes("rotation").tolist() == [1, 0] and reversed_classes("speed_profile").tolist() == [0, 2, 1]
    names = CLASSES["order"]
    told = {names[a]: names[b] for a, b in enumerate(reversed_classes("order"))}
    assert (
        told["warms, grows, cools"] == "warms, shrinks, cools"
        and told["warms, grows, warms"] == "cools, shrinks, cools"
    )
    fine = reversed_classes("fine_motion")
    assert fine[fine].tolist() == list(range(48)) and (fine != np.arange(48)).all()


def test_corruptions_give_a_mean_over_what_keeps_the_label(scorer: Scorer) -> None:
    benchmark = tiny("world_order_corrupted", severities=[1, 5], kinds=["noise", "freeze", "shuffle", "reverse"])
    score = scorer.score(benchmark)
    kept = {f"{kind}-{severity}" for kind in ("noise", "freeze") for severity in (1, 5)}
    aside = {"shuffle-1:original", "shuffle-5:original", "reverse-1:original", "reverse-5:original"}
    assert set(score.parts) == {"clean", "relative_drop", *kept, *aside, "reverse-5:reversed"}
    assert score.correct is not None and len(score.correct) == 4 * 16
    assert score.units is not None and score.units.tolist() == list(range(16)) * 4 and score.clips == 16
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.test == pytest.approx(np.mean([score.parts[name] for name in kept]))
    clean = score.parts["clean"]
    assert score.parts["relative_drop"] == pytest.approx(100 * (clean - score.test) / clean)
    plain = scorer.score(base_of(benchmark))
    assert plain.correct is not None and clean == pytest.approx(100 * plain.correct[:16].mean())
    assert scorer.score(benchmark).parts == score.parts


def test_shifts_are_read_from_files_of_their_own(scorer: Scorer, small: DataConfig) -> None:
    benchmark = tiny("world_fine_motion_shifted", severities=[1], kinds=["shake", "fast", "shape"])
    score = scorer.score(benchmark)
    assert set(score.parts) - {"relative_drop"} == {"clean", "shake-1", "fast-1", "shape-1"}
    assert ("relative_drop" in score.parts) == (score.parts["clean"] > 0), "nothing can be lost of nothing"
    assert score.correct is not None and len(score.correct) == 48
    assert any("shake-1" in path.name for path in (small.root / "world").iterdir())
    still = scorer.score(tiny("world_appearance_shifted", severities=[1], kinds=["polarity", "shake"]))
    assert "polarity-1" in still.parts and "shake-1" not in still.parts
    with pytest.raises(ValueError, match="no requested corruption or shift"):
        scorer.score(tiny("world_order_shifted", kinds=["fast"]))
