"""Suites on a small world: what they sum up, that they repeat themselves, and that they see what is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.benchmarks import BENCHMARKS, MEASUREMENTS, Benchmark
from auxjepa.benchmarks.factors import APPEARANCE, DYNAMICS, label_of
from auxjepa.benchmarks.fewshot import novel
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.world import sample
from auxjepa.models.jepa import build_encoder
from auxjepa.probes.alignment import Aligned, Alignment, align
from auxjepa.probes.cka import linear_cka
from auxjepa.probes.pairs import Pairs
from auxjepa.probes.reading import READINGS, pooled, read, ridge_accuracy
from auxjepa.tokens import Grid

MODEL = ModelConfig.model_validate({"size": "nano", "patch": 8, "position": "sincos"})


@pytest.fixture(scope="session")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    torch.manual_seed(0)
    encoder = build_encoder(MODEL).eval().requires_grad_(False)
    place = tmp_path_factory.mktemp("suites")
    data = DataConfig(root=place / "data", frames=4, size=16)
    return Scorer(encoder, "w", MODEL, data, seed=0, features=place / "features")


def _small(name: str, train: int, validation: int, test: int, **args: object) -> Benchmark:
    one = BENCHMARKS[name]
    sizes = {"train": train, "validation": validation, "test": test}
    return one.model_copy(update={**sizes, "args": {**one.args, **args}})


def test_an_unknown_suite_is_told(scorer: Scorer) -> None:
    with pytest.raises(ConfigError, match="did you mean 'factors'"):
        scorer.score(BENCHMARKS["world_factors"].model_copy(update={"suite": "factor"}))
    of_own_videos = {"diagnostic", "regression", "same_video"}
    assert {one.suite for one in BENCHMARKS.values()} | of_own_videos == set(MEASUREMENTS)


def test_separation_is_what_its_parts_say(scorer: Scorer) -> None:
    small = _small("world_factors", 80, 40, 60)
    score = scorer.score(small)
    assert {f"{factor}@{reading}" for factor in APPEARANCE | DYNAMICS for reading in READINGS} <= set(score.parts)
    gaps = [score.parts[f"{f}@appearance"] - score.parts[f"{f}@dynamics"] for f in APPEARANCE]
    assert score.parts["separation_appearance"] == pytest.approx(np.mean(gaps))
    both = (score.parts["separation_appearance"], score.parts["separation_dynamics"])
    assert score.test == pytest.approx(np.mean(both)) and score.correct is None and score.validation is None
    assert -1 <= score.parts["cka"] <= 1
    labels = [label_of(sample(split, n, 0, role="order"), "order") for split, n in (("train", 80), ("test", 60))]
    commonest = np.bincount(labels[0]).argmax()
    assert score.parts["majority@order"] == pytest.approx(100 * (labels[1] == commonest).mean())
    assert score.parts["chance@order"] == 12.5 and score.parts["chance@shape"] == 20
    assert scorer.score(small).parts == score.parts


def test_features_that_are_factorised_have_separation(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One half of the channels spells the look, the other what happens."""

    def features(scorer: Scorer, benchmark: Benchmark, role: str) -> list:
        out = []
        for split in ("train", "validation", "test"):
            factors = sample(split, 200, 0, role=role)  # type: ignore[arg-type]
            tokens = torch.zeros(200, 2, 4, 64)
            rows = torch.arange(200)
            for half, names in ((0, APPEARANCE), (32, DYNAMICS)):
                for place, factor in enumerate(names):
                    tokens[rows, :, :, half + 8 * place + torch.from_numpy(label_of(factors, factor))] = 1
            out.append((tokens, factors))
        return out

    monkeypatch.setattr("auxjepa.benchmarks.factors._features", features)
    score = scorer.score(BENCHMARKS["world_factors"])
    assert score.parts["separation_appearance"] > 40 and score.parts["separation_dynamics"] > 40
    assert score.parts["direction@dynamics"] == score.parts["shape@appearance"] == 100


def _given(monkeypatch: pytest.MonkeyPatch, tokens: torch.Tensor) -> None:
    def features(scorer: Scorer, benchmark: Benchmark, role: str) -> list:
        splits = ("train", "validation", "test")
        return [(tokens, sample(split, len(tokens), 0, role=role)) for split in splits]  # type: ignore[arg-type]

    monkeypatch.setattr("auxjepa.benchmarks.factors._features", features)


def test_halves_that_have_nothing_in_common_have_no_cka(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain form of such features is far above 0, as there are few clips for the channels."""
    tokens = torch.randn(100, 2, 4, 16, generator=torch.Generator().manual_seed(0))
    _given(monkeypatch, tokens)
    assert linear_cka(read(tokens, "appearance"), read(tokens, "dynamics")) > 0.3
    assert abs(scorer.score(BENCHMARKS["world_factors"]).parts["cka"]) < 0.05


def test_a_half_that_never_changes_has_no_cka(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = torch.randn(100, 2, 4, 16, generator=torch.Generator().manual_seed(0))
    tokens[..., 8:] = 1
    _given(monkeypatch, tokens)
    score = scorer.score(BENCHMARKS["world_factors"])
    assert "cka" not in score.parts and score.parts["shape@dynamics"] < 50


def test_labels_of_factors_are_balanced_enough() -> None:
    factors = sample("test", 900, 0, role="motion")
    for factor, classes in (APPEARANCE | DYNAMICS | {"position": 4}).items():
        if factor != "order":
            counts = np.bincount(label_of(factors, factor), minlength=classes)
            assert len(counts) == classes and counts.min() > 0.7 * 900 / classes, factor


def test_readings_take_their_part_and_ridge_reads_it() -> None:
    grid = Grid(2, 4, 4, 2, 8)
    tokens = torch.randn(50, 32, 6, generator=torch.Generator().manual_seed(0))
    cells = pooled(tokens, grid)
    assert cells.shape == (50, 2, 4, 6)
    first = tokens.unflatten(1, (2, 4, 4))[:, 0, :2, 2:].mean(dim=(1, 2))
    torch.testing.assert_close(cells[:, 0, 1], first)
    assert {name: read(cells, name).shape[1] for name in READINGS} == {
        "whole": 48, "appearance": 24, "dynamics": 24, "time_mean": 24, "time_difference": 24,
    }  # fmt: skip
    labels = (read(cells, "appearance")[:, 0] > 0).numpy().astype(np.int64)
    splits = [(read(cells, "appearance")[part], labels[part]) for part in (slice(0, 30), slice(30, 40), slice(40, 50))]
    correct, validation = ridge_accuracy(*splits, classes=2)
    assert correct.shape == (10,) and validation >= 0.5
    assert linear_cka(cells.flatten(1), 3 * cells.flatten(1)) == pytest.approx(1)


def test_unseen_motions_share_their_parts_with_known_ones() -> None:
    held = [label for label in range(48) if novel(label)]
    assert len(held) == 16
    for part in (lambda label: label // 6, lambda label: label // 2 % 3, lambda label: label % 2):
        assert {part(label) for label in held} <= {part(label) for label in range(48) if not novel(label)}


def test_few_shot_episodes_are_scored_on_unseen_motions(scorer: Scorer) -> None:
    small = _small("world_fewshot_5way_1shot", 100, 600, 400, episodes=20, queries=2)
    score = scorer.score(small)
    assert score.correct is not None and len(score.correct) == 20 * 5 * 2
    assert score.test == pytest.approx(100 * score.correct.mean()) and set(score.parts) >= {"prototype", "ridge"}
    assert scorer.score(small).parts == score.parts


def test_alignment_under_dropout(scorer: Scorer, tmp_path: Path) -> None:
    small = _small("world_alignment_order", 80, 60, 60, text="hashed", epochs=2, gallery=20)
    score = scorer.score(small)
    assert score.correct is not None and score.test == pytest.approx(100 * score.correct.mean())
    assert score.units is not None and set(np.bincount(score.units).tolist()) == {len(score.correct) // score.clips}
    assert 0 < score.parts["chance"] < 20 and {"clean", "zero-90", "freeze_area", "zero_shot_order"} <= set(score.parts)
    assert all(0 <= value <= 100 for name, value in score.parts.items() if name.startswith(("zero-", "freeze-", "r")))
    assert scorer.score(small).parts == score.parts


def test_controls_of_alignment_see_captions_alone_and_one_frame_alone(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Pairs] = []
    asked: list[tuple[str, bool]] = []
    real = scorer.tokens

    def tokens(clips: np.ndarray, name: str, level: int, *, change=None, then=None) -> torch.Tensor:
        moved = np.asarray(clips if change is None else change(clips))
        asked.append((name, bool((moved == np.asarray(clips)[:, len(moved[0]) // 2][:, None]).all())))
        return real(clips, name, level, change=change, then=then)

    def trained(recipe: Alignment, train: Pairs, validation: Pairs, seed: int) -> Aligned:
        given.append(train)
        return align(recipe, train, validation, seed)

    monkeypatch.setattr(scorer, "tokens", tokens)
    monkeypatch.setattr("auxjepa.benchmarks.alignment.align", trained)
    parts = scorer.score(_small("world_alignment_order", 80, 60, 60, text="hashed", epochs=1, gallery=20)).parts
    assert [still for name, still in asked if name.endswith(" still")] == [True] * 3
    assert not any(still for name, still in asked[:6] if not name.endswith(" still"))
    own, other, one_frame = given
    rows = [{tuple(row) for row in pairs.tokens[:, 0, :4].tolist()} for pairs in (own, other)]
    assert rows[0] == rows[1] and not torch.equal(own.tokens[:], other.tokens[:])
    assert one_frame.tokens.shape[1] * 2 == own.tokens.shape[1], "the time steps of a still clip are the same"
    assert all(torch.equal(pairs.texts, own.texts) for pairs in given)
    assert 0 <= parts["text_only"] <= 100 and 0 <= parts["appearance_only"] <= 100


@pytest.mark.parametrize("name", ["world_fewshot_5way_1shot", "world_factors", "world_alignment_order"])
def test_suites_read_features_larger_than_memory(scorer: Scorer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"world_fewshot_5way_1shot": (100, 600, 400), "world_factors": (80, 40, 60)}.get(name, (80, 60, 60))
    args = {"episodes": 5, "queries": 2} if "fewshot" in name else {"text": "hashed", "epochs": 1, "gallery": 20}
    small = _small(name, *sizes, **(args if name != "world_factors" else {}))
    whole = scorer.score(small)
    monkeypatch.setattr("auxjepa.benchmarks.score.IN_MEMORY", 0)
    score = scorer.score(small)
    assert abs(score.test - whole.test) < 2 and set(score.parts) == set(whole.parts)
