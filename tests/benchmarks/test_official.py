"""Prepared data sets as benchmarks: official splits, coverage, and a probe on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, official
from auxjepa.benchmarks.alternative_heads import ALTERNATIVE_HEADS
from auxjepa.benchmarks.official import official_split, open_official
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.manifest import Entry, Manifest
from auxjepa.data.scanned import Scanned
from auxjepa.data.sets.prepare import prepare
from auxjepa.models.jepa import build_encoder
from auxjepa.probes.kept import Features
from miniatures import diving48, ssv2, ucf101

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("official")
    videos = ucf101.build(root / "UCF")
    (videos / "UCF-101/YoYo/v_YoYo_g01_c02.avi").unlink()
    prepare("ucf101", videos, root / "data", progress=False)
    prepare("diving48", diving48.build(root / "diving"), root / "data", progress=False)
    prepare("ssv2", ssv2.build(root / "ssv2"), root / "data", progress=False)
    return DataConfig(source="ucf101", root=root / "data", frames=4, size=16)


@pytest.fixture
def scorer(data: DataConfig, tmp_path: Path) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path)


def test_training_and_validation_share_no_group_and_test_is_the_official_one(data: DataConfig) -> None:
    opened = {split: open_official(data, "", split, progress=False) for split in ("train", "validation", "test")}
    assert {name: len(one.labels) for name, one in opened.items()} == {"train": 12, "validation": 6, "test": 5}
    assert opened["test"].coverage == pytest.approx(5 / 6) and opened["train"].coverage == 1
    groups = {split: set(official_split(data, "", split)[0].labels["group"].tolist()) for split in opened}
    assert not groups["train"] & groups["validation"] and not groups["train"] & groups["test"]
    assert all(np.unique(one.labels).tolist() == [0, 1, 2] for one in opened.values())
    assert opened["test"].clips.shape == (5, 4, 16, 16, 3)
    second = data.model_copy(update={"source": "ucf101/train2"})
    assert {e.file.path.rpartition("_g")[2][:2] for e in official_split(second, "", "test")[0].entries} == {"02"}


def test_participants_of_many_rare_classes_are_not_all_held_out() -> None:
    rng = np.random.default_rng(0)
    frequency = 1 / np.arange(1, 301)
    verbs = rng.choice(300, 3000, p=frequency / frequency.sum())
    people = rng.integers(0, 30, 3000)
    file = Scanned("x.mp4", 1, 1, "", None, frames=9)
    entries = tuple(Entry(file, 0, 9) for _ in verbs)
    manifest = Manifest(Path(), entries, {"verb": verbs, "participant": people}, {}, ())
    held = official._held(manifest, "verb")
    assert 0.08 < held.mean() < 0.16
    assert set(verbs[~held]) == set(verbs), "every class is trained on"
    lonely = held | np.isin(verbs, [v for v in range(300) if len(set(people[verbs == v]) - set(people[held])) == 0])
    assert not set(people[held]) & set(people[~lonely])


def test_several_views_are_clips_of_one_example(data: DataConfig) -> None:
    opened = open_official(data, "action", "test", views=3, progress=False)
    assert len(opened.clips) == 15 and opened.example.tolist() == [n for n in range(5) for _ in range(3)]
    assert len(np.unique(opened.clips.reshape(15, -1), axis=0)) > 10


def test_what_is_not_there_is_told(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match="no label column 'acton'; did you mean 'action'"):
        open_official(data, "acton", "test")
    with pytest.raises(ConfigError, match="no labelled split to test on"):
        official_split(data.model_copy(update={"source": "ucf101/test"}), "", "test")


def test_recognition_gives_all_its_numbers(scorer: Scorer) -> None:
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 3})
    benchmark = BENCHMARKS["ucf101"].model_copy(update={"protocol": quick})
    score = scorer.score(benchmark)
    assert score.correct is not None and len(score.correct) == 5
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.parts["coverage"] == pytest.approx(100 * 5 / 6) and 0 <= score.parts["mean_class"] <= 100
    assert score.parts["top5"] >= score.test and score.parts["majority"] == pytest.approx(40)
    several = scorer.score(benchmark.model_copy(update={"args": {"views": 2}}))
    assert several.correct is not None and len(several.correct) == 5


def test_dives_are_scored_by_attribute_too(scorer: Scorer) -> None:
    quick = BENCHMARKS["diving48"].protocol.model_copy(update={"epochs": 2})
    score = scorer.score(BENCHMARKS["diving48"].model_copy(update={"protocol": quick}))
    for attribute in ("takeoff", "somersault", "twist", "position"):
        assert score.test <= score.parts[attribute] <= 100


def test_clips_above_128_pixels_come_as_jpeg_and_are_scored_alike(scorer: Scorer, data: DataConfig) -> None:
    scorer.data = data.model_copy(update={"size": 136, "frames": 2})
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 1})
    score = scorer.score(BENCHMARKS["ucf101"].model_copy(update={"protocol": quick}))
    assert score.correct is not None and len(score.correct) == 5


def test_features_larger_than_memory_give_the_same_score(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = BENCHMARKS["ucf101"].protocol.model_copy(update={"epochs": 2})
    benchmark = BENCHMARKS["ucf101"].model_copy(update={"protocol": quick})
    whole = scorer.score(benchmark)
    monkeypatch.setattr("auxjepa.benchmarks.score.IN_MEMORY", 0)
    monkeypatch.setattr("auxjepa.probes.kept.READ", 1)
    apart = Scorer(scorer.encoder, "w", MODEL, scorer.data, seed=0, features=scorer.features)
    assert isinstance(apart.split(benchmark, "test").tokens, Features)
    score = apart.score(benchmark)
    assert score.correct is not None and whole.correct is not None and (score.correct == whole.correct).all()
    assert score.selected == whole.selected and score.validation == whole.validation


@pytest.mark.parametrize("name", [one.name for one in ALTERNATIVE_HEADS])
def test_the_papers_other_heads_are_scored_on_official_folders(scorer: Scorer, name: str) -> None:
    benchmark = BENCHMARKS[name]
    quick = benchmark.protocol.model_copy(update={"epochs": 2})
    score = scorer.score(benchmark.model_copy(update={"protocol": quick}))
    test = {"diving48": 4, "ssv2": 6}[benchmark.source]
    assert score.correct is not None and len(score.correct) == test
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.parts["coverage"] == 100 and score.parts["top5"] >= score.test
    assert {"takeoff", "twist"} <= set(score.parts) if benchmark.source == "diving48" else "takeoff" not in score.parts
