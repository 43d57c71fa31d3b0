"""Captions of real sets through the alignment suite: splits, several captions a clip, controls."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, Benchmark, captioned
from auxjepa.benchmarks.captioned import splits
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.models.jepa import build_encoder
from auxjepa.probes.pairs import Pairs
from miniatures import msrvtt, msvd, ssv2

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8})


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    root = tmp_path_factory.mktemp("captions")
    for name, miniature in (("msrvtt", msrvtt), ("msvd", msvd), ("ssv2", ssv2)):
        prepare_set(name, miniature.build(root / name), root / "data", workers=1, progress=False)
    return DataConfig(root=root / "data", frames=4, size=16)


@pytest.fixture
def scorer(data: DataConfig, tmp_path: Path) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=tmp_path)


def quick(name: str, **change: object) -> Benchmark:
    one = BENCHMARKS[name]
    alignment = {"text": "hashed", "epochs": 1, "dim": 8, "batch": 8, "gallery": 100}
    return one.model_copy(update={"args": {**one.args, "alignment": alignment}, **change})


def test_splits_are_those_of_retrieval_papers(data: DataConfig) -> None:
    found = splits(data, BENCHMARKS["msrvtt_alignment"])
    names = {split: {entry.file.path for entry in one.entries} for split, one in found.items()}
    assert {Path(name).stem for name in names["test"]} == {"video9", "video7"}
    assert len(names["train"]) == 7 and len(names["validation"]) == 1
    assert not names["train"] & names["validation"] and not (names["train"] | names["validation"]) & names["test"]
    assert sorted(found["test"].texts) == [("a cat on a piano",), ("a plane, landing",)], (
        "1k-A has a caption of its own"
    )
    assert all(texts == msrvtt.CAPTIONS for texts in found["train"].texts)
    assert [len(one) for one in splits(data, BENCHMARKS["msvd_alignment"]).values()] == [3, 2, 1]
    moments = splits(data, BENCHMARKS["ssv2_alignment"])
    assert {split: len(one) for split, one in moments.items()} == {"train": 13, "test": 6, "validation": 2}
    assert "holding a café au lait next to a green box" in {texts[0] for texts in moments["train"].texts}


def test_a_benchmark_reads_as_many_as_it_says(data: DataConfig) -> None:
    few = splits(data, quick("ssv2_alignment", train=4, test=3))
    again = splits(data, quick("ssv2_alignment", train=4, test=3))
    assert [len(few[split]) for split in ("train", "validation", "test")] == [4, 2, 3]
    assert [e.name for e in few["test"].entries] == [e.name for e in again["test"].entries]


def test_a_missing_list_is_told(data: DataConfig, tmp_path: Path) -> None:
    root = msrvtt.build(tmp_path / "msrvtt")
    (root / "MSRVTT_JSFUSION_test.csv").unlink()
    prepare_set("msrvtt", root, tmp_path / "data", workers=1, progress=False)
    own = data.model_copy(update={"root": tmp_path / "data"})
    with pytest.raises(ConfigError, match=r"no split 'test1k': MSRVTT_train\.9k\.csv and MSRVTT_JSFUSION_test\.csv of"):
        splits(own, BENCHMARKS["msrvtt_alignment"])


def test_all_parts_are_there_and_repeat_themselves(scorer: Scorer) -> None:
    benchmark = quick("msvd_alignment")
    score = scorer.score(benchmark)
    assert score.correct is not None and len(score.correct) == 13 * 2 * 2, "13 conditions, 2 clips, both ways"
    assert score.test == pytest.approx(100 * score.correct.mean())
    assert score.units is not None and score.units.tolist() == [0, 1] * 26 and score.clips == 2
    expected = {f"{way}_{what}" for way in ("t2v", "v2t") for what in ("r1", "r5", "r10", "median")}
    expected |= {"clean", "chance", "text_only", "appearance_only", "zero-25", "freeze-90", "remove_area"}
    assert expected <= set(score.parts)
    assert score.parts["captions"] == 3 and score.parts["coverage"] == 100
    assert score.parts["t2v_r5"] == 100 and 1 <= score.parts["v2t_median"] <= 4
    assert not any(name.startswith("zero_shot") for name in score.parts), "no classes to tell apart"
    assert scorer.score(benchmark).parts == score.parts


@pytest.mark.parametrize(("name", "column"), [("msrvtt_alignment", "category"), ("ssv2_alignment", "action")])
def test_class_names_are_prompts_where_there_are_classes(scorer: Scorer, name: str, column: str) -> None:
    score = scorer.score(quick(name))
    assert 0 <= score.parts[f"zero_shot_{column}"] <= 100


def test_missing_videos_are_part_of_the_score(data: DataConfig, scorer: Scorer, tmp_path: Path) -> None:
    root = ssv2.build(tmp_path / "ssv2")
    gone = json.loads((root / "something-something-v2-validation.json").read_text())[0]["id"]
    (root / "20bn-something-something-v2" / f"{gone}.webm").unlink()
    prepare_set("ssv2", root, tmp_path / "data", workers=1, progress=False)
    scorer.data = data.model_copy(update={"root": tmp_path / "data"})
    score = scorer.score(quick("ssv2_alignment"))
    assert score.parts["coverage"] == pytest.approx(100 * 5 / 6)
    shutil.rmtree(tmp_path / "data")


def test_features_that_spell_the_caption_are_found_and_controls_stay_at_chance(
    data: DataConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An oracle in place of the encoder: every clip's features are its first caption's vector."""
    rng = np.random.default_rng(0)
    words = rng.permutation(60)
    train, validation, test = words[:30], words[30:40], words[40:]

    def told(which: np.ndarray) -> Pairs:
        vectors = torch.from_numpy(np.eye(60, dtype=np.float32))
        owner = torch.arange(len(which)).repeat_interleave(2)
        return Pairs(torch.zeros(len(which), 1, 60), vectors[np.repeat(which, 2)], owner, torch.arange(len(which)))

    first = captioned._first(told(test))
    assert first.tolist() == list(range(0, 40, 2))
    recipe = captioned.Alignment(name="x", text="hashed", pool="mean", whiten=False, epochs=30, dim=32, gallery=20)
    parts = {name: told(which) for name, which in (("train", train), ("validation", validation), ("test", test))}
    spelled = {name: replace(one, tokens=one.texts[::2][:, None]) for name, one in parts.items()}
    # One-hot words of training, validation and test share nothing, so what is learned there says nothing here.
    assert captioned._control(recipe, spelled, first, 0) < 30
    same = dict.fromkeys(spelled, spelled["test"])
    assert captioned._control(recipe, same, first, 0) > 90
    other = {name: captioned.shuffled(one, 1) for name, one in spelled.items()}
    assert captioned._control(recipe, other, first, 0) < 30
