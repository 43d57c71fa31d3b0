"""Regression of a numeric column of labels.csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.folder_numbers import open_numbers
from auxjepa.benchmarks.requested import request_own_videos
from auxjepa.benchmarks.score import Scorer, score_raw_pixels
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.models.jepa import build_encoder
from moving_square import write_lossless

VIDEOS = 36


@pytest.fixture(scope="session")
def bright(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    """Videos whose brightness is a number in labels.csv; one without a number, and one copy."""
    folder = tmp_path_factory.mktemp("bright") / "clips"
    folder.mkdir()
    rng = np.random.default_rng(1)
    lines = ["path,brightness,count,kind,few"]
    for number in range(VIDEOS):
        level = int(rng.integers(20, 200))
        write_lossless(folder / f"{number:02d}.mkv", (level + rng.integers(0, 9, (5, 16, 16, 3))).astype(np.uint8))
        lines.append(f"{number:02d}.mkv,{level / 255:.4f},{level},{'ab'[number % 2]},{number % 5 / 2}")
    (folder / "copy.mkv").write_bytes((folder / "00.mkv").read_bytes())
    lines[-1] = f"{VIDEOS - 1:02d}.mkv,,,a,0.5"
    (folder / "labels.csv").write_text("\n".join(lines) + f"\ncopy.mkv,{lines[1].split(',', 1)[1]}\n")
    return DataConfig(source=f"folder:{folder}", root=folder.parent / "data", frames=4, size=16, clips=999)


def test_a_numeric_column_is_a_regression_and_its_brightness_is_read(bright: DataConfig, tmp_path: Path) -> None:
    asked = request_own_videos(bright.source, "brightness", bright, None, allow_padding=False)
    benchmark = asked.benchmark
    assert (benchmark.suite, benchmark.metric, benchmark.classes) == ("regression", "r2", 1)
    assert any("brightness is read as a number (" in note for note in asked.notes)
    assert any("1 example without a brightness number: left out" in note for note in asked.notes)
    score = score_raw_pixels(benchmark, asked.data, seed=0)
    assert score.test > 50 and score.correct is None and score.parts["chance"] == 0
    assert score.parts["spearman"] > 0.9 and score.parts["mae"] < score.parts["mean_mae"]
    assert score.parts["low"] <= score.test <= score.parts["high"] <= 100
    model = ModelConfig(size="nano", position="sincos", patch=8, tubelet=2)
    scorer = Scorer(build_encoder(model).eval(), "w", model, asked.data, seed=0, features=tmp_path)
    measured = scorer.score(benchmark)
    assert measured.test > 50 and measured.selected["features"] in ("mean", "tokens")
    assert measured.units is not None and len(measured.units) == benchmark.test


def test_the_written_record_opens_the_same_numbers(bright: DataConfig) -> None:
    asked = request_own_videos(bright.source, "brightness", bright, None, allow_padding=False)
    plain = Benchmark.model_validate(asked.benchmark.model_dump(mode="json"))
    first, second = (one.open(asked.data, "train", progress=False) for one in (asked.benchmark, plain))
    assert first.key == second.key and first.target is not None and np.array_equal(first.target, second.target)
    assert plain.hash_on(asked.data) == asked.benchmark.hash_on(asked.data)


def test_targets_match_their_clips_and_copies_share_a_split(bright: DataConfig) -> None:
    numbers = open_numbers(bright, "brightness", one_each=True, progress=False)
    for split in ("train", "validation", "test"):
        opened = numbers.open(split)
        means = np.asarray(opened.clips).mean(axis=(1, 2, 3, 4)) / 255
        assert np.abs(means - opened.target).max() < 0.03
    groups = numbers.videos.division.groups
    assert all(len(np.unique(numbers.videos.division.split[groups == g])) == 1 for g in np.unique(groups))
    several = open_numbers(bright.model_copy(update={"clips": 80}), "brightness", progress=False).open("test")
    assert several.example is not None and len(several.target) == len(several.example)


@pytest.mark.parametrize(
    ("column", "target", "suite"),
    [("few", "auto", ""), ("kind", "auto", ""), ("count", "number", "regression"), ("few", "number", "regression")],
)
def test_few_values_and_whole_numbers_are_classes_unless_requested(bright, column, target, suite) -> None:
    asked = request_own_videos(bright.source, column, bright, None, allow_padding=False, target=target)
    assert asked.benchmark.suite == suite


def test_columns_that_are_no_numbers_are_one_line(bright: DataConfig) -> None:
    with pytest.raises(ConfigError, match=r"'kind' holds values that aren't numbers \(columns of numbers: brightness"):
        request_own_videos(bright.source, "kind", bright, None, allow_padding=False, target="number")
    with pytest.raises(ConfigError, match="'kinds' doesn't exist"):
        request_own_videos(bright.source, "kinds", bright, None, allow_padding=False, target="number")
