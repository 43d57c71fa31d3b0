"""Pictures of the features of a finished study."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from auxjepa.evidence.study_folder.artifacts import read_samples
from auxjepa.evidence.study_folder.feature_pictures import read_feature_pictures
from auxjepa.rows import Row
from auxjepa.study import samples
from auxjepa.study.feature_pictures import colour_tokens, order_by_difference, write_feature_pictures
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.worker import run_folder, work


def row(variant: str, benchmark: str, score: float, **fields: Any) -> Row:
    hashes = {"benchmark_hash": "b", "protocol": "linear", "protocol_hash": "p"}
    record = {"run": variant, "variant": variant, "regime": "world", "seed": 0, "benchmark": benchmark, "score": score}
    record |= {"control": None, "validation": 1.0, "n_test": 10, "n_classes": 2, "seconds": 1.0, "versions": {}}
    return Row.model_validate(record | hashes | {"created": "2026-01-01T00:00:00+00:00"} | fields)


def test_components_are_the_directions_of_largest_variance_with_fixed_signs() -> None:
    generator = torch.Generator().manual_seed(0)
    levels = torch.rand(2, 3, 4, 4, 3, generator=generator)
    tokens = torch.zeros(2, 3, 4, 4, 6)
    tokens[..., 4], tokens[..., 1], tokens[..., 2] = 9 * levels[..., 0], -4 * levels[..., 1], levels[..., 2]
    colours, share = colour_tokens(tokens)
    assert colours.shape == (2, 3, 4, 4, 3) and colours.dtype == np.uint8 and share == pytest.approx(1.0)
    for channel, source in enumerate((tokens[..., 4], tokens[..., 1], tokens[..., 2])):
        correlation = np.corrcoef(colours[..., channel].ravel(), source.numpy().ravel())[0, 1]
        assert correlation > 0.95
    again, _ = colour_tokens(-tokens)
    assert np.abs(again.astype(int) + colours - 255).max() <= 1  # signs follow the axes and not the features


def test_collapsed_narrow_and_broken_features() -> None:
    colours, share = colour_tokens(torch.ones(1, 2, 2, 2, 5))
    assert (colours == 128).all() and share == 0.0
    narrow, share = colour_tokens(torch.arange(16.0).view(1, 2, 2, 2, 2))
    assert narrow.shape == (1, 2, 2, 2, 3) and (narrow[..., 1:] == 128).all() and share == pytest.approx(1.0)
    with pytest.raises(ValueError, match="not finite"):
        colour_tokens(torch.full((1, 1, 1, 1, 3), torch.nan))


def test_the_order_of_variants_follows_the_difference_in_units_of_each_benchmark() -> None:
    rows = [row("base", "motion", 10.0), row("a", "motion", 11.0), row("b", "motion", 14.0)]
    speeds = {"base": -900.0, "a": -901.0, "b": -900.0}
    rows += [row(name, "speed", score, metric="r2", n_classes=1) for name, score in speeds.items()]
    rows += [row("c", "motion", 60.0, regime="other"), row("c", "motion", 60.0, control="random_init")]
    assert order_by_difference(rows, "base", ["base", "c", "b", "a"], "world") == ["a", "b", "c"]
    assert order_by_difference([], "base", ["base", "c", "a"], "world") == ["c", "a"]


@pytest.fixture
def finished(content: dict[str, Any], root: Path, tmp_path: Path) -> tuple[StudyConfig, list[PlannedRun]]:
    """A study with two finished runs of one step, without scores."""
    base = {**content["base"], "optim": {"steps": 1, "batch": 4}}
    study = StudyConfig.model_validate({**content, "seeds": [0], "base": base})
    runs = plan(study, root)
    bare = study.model_copy(update={"benchmarks": ()})
    for run in runs:
        if run.control is None:
            work(bare, run, tmp_path, "cpu", os.getppid())
    samples.write(tmp_path / "samples.npz", next(run for run in runs if run.control is None), study)
    return study, runs


def test_pictures_are_made_once_and_not_without_weights(
    finished: tuple[StudyConfig, list[PlannedRun]], tmp_path: Path
) -> None:
    study, runs = finished
    file = tmp_path / "features.npz"
    assert write_feature_pictures(study, runs, tmp_path) == ""
    features = read_feature_pictures(file, read_samples(tmp_path / "samples.npz", []), [])
    assert features is not None and features.pictures.shape == (3, 4, 2, 2, 2, 3)
    assert [one.name for one in features.record.encoders] == ["baseline", "ld", "random init"]
    assert features.record.seed == 0 and all(0 < one.share <= 1 for one in features.record.encoders)
    content, written = file.read_bytes(), file.stat().st_mtime_ns
    assert write_feature_pictures(study, runs, tmp_path) == "" and file.stat().st_mtime_ns == written
    with np.load(file) as archive:
        pictures, record = archive["pictures"], json.loads(str(archive["record"]))
    file.unlink()
    assert write_feature_pictures(study, runs, tmp_path) == ""
    with np.load(file) as archive:  # deterministic
        assert np.array_equal(archive["pictures"], pictures) and json.loads(str(archive["record"])) == record
    reference = next(run for run in runs if run.config.variant == "baseline")
    shutil.rmtree(run_folder(tmp_path, reference) / "checkpoints")
    content = file.read_bytes()
    assert write_feature_pictures(study, runs, tmp_path) == "" and file.read_bytes() == content
    file.unlink()
    note = write_feature_pictures(study, runs, tmp_path)
    assert note == "no feature pictures: the weights of baseline seed 0 were removed" and not file.exists()


def test_an_error_is_a_note(finished: tuple[StudyConfig, list[PlannedRun]], tmp_path: Path) -> None:
    study, runs = finished
    (tmp_path / "features.npz").mkdir()
    assert write_feature_pictures(study, runs, tmp_path).startswith("no feature pictures: ")
