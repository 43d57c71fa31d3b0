"""Shifted worlds: the same clips and labels, drawn otherwise, through real files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.open import open_world
from auxjepa.data.world import render, sample, write_videos
from auxjepa.data.world.factors import Role
from auxjepa.data.world.shifts import SHIFTS, find_shift, label_shifted, render_shifted, shift_factors
from auxjepa.data.world.sprites import SHAPES, TEXTURES

SHIFT_LEVELS = [
    (name, role, severity)
    for name, shift in SHIFTS.items()
    for role in shift.roles
    for severity in range(1, len(shift.levels) + 1)
]


@pytest.mark.parametrize(("name", "role", "severity"), SHIFT_LEVELS)
def test_the_contract_of_a_shift(name: str, role: Role, severity: int) -> None:
    factors = sample("validation", 16, seed=5, role=role)
    shift = f"{name}-{severity}"
    before = {key: column.copy() for key, column in factors.nuisances().items()}
    clips = render_shifted(factors, shift)
    assert clips.shape == render(factors).shape and clips.dtype == np.uint8
    assert not np.array_equal(clips, render(factors))
    assert all(np.array_equal(column, before[key]) for key, column in factors.nuisances().items())
    assert np.array_equal(clips, render_shifted(factors, shift)), "the same seed gave other pixels"
    few = np.array([11, 2])
    assert np.array_equal(render_shifted(factors[few], shift), clips[few]), "a clip depends on its batch"
    labels = label_shifted(factors, shift)
    assert labels and all(np.array_equal(column, factors.labels()[key]) for key, column in labels.items())
    assert set(factors.labels()) - set(labels) <= set(SHIFTS[name].loses)
    cut = ((clips == 0) | (clips == 255)).mean()
    assert cut < (0.15 if name == "noise" else 0.1), f"{cut:.2f} of the values are cut off"


@pytest.mark.parametrize("name", [name for name in SHIFTS if name not in ("shape", "texture")])
def test_a_higher_severity_is_farther_away(name: str) -> None:
    factors = sample("validation", 64, role=SHIFTS[name].roles[0])
    plain = render(factors).astype(float)
    errors = [
        ((render_shifted(factors, f"{name}-{k + 1}") - plain) ** 2).mean() for k in range(len(SHIFTS[name].levels))
    ]
    assert errors == sorted(errors) and errors[-1] > 1.2 * errors[0] and 3 <= len(errors) <= 5


def test_no_clip_has_a_held_out_look() -> None:
    factors = sample("train", 4, role="motion")
    shapes = {list(SHAPES)[shift_factors(factors, f"shape-{k}").shape[0]] for k in (1, 2, 3)}
    textures = {list(TEXTURES)[shift_factors(factors, f"texture-{k}").texture[0]] for k in (1, 2, 3, 4)}
    assert shapes == {"star", "tee", "half-disc"} and textures == {"dots", "rings", "spokes", "waves"}
    assert not {"appearance", "texture"} & set(label_shifted(factors, "texture-1"))
    assert "shape" in label_shifted(factors, "texture-1") and "fine_motion" in label_shifted(factors, "shape-1")


@pytest.mark.parametrize("role", ["motion", "order"])
def test_nuisances_leave_the_range_of_training(role: Role) -> None:
    factors = sample("train", 500, role=role)
    train = factors.nuisances()
    for shift, column, side in (
        ("background-1", "gradient_0", 1),
        ("small-1", "size", -1),
        ("large-1", "size", 1),
        ("contrast-2", "contrast", -1),
        ("noise-1", "noise", 1),
        ("fast-2", "travel", 1),
        ("slow-1", "turn", -1),
    ):
        if role in SHIFTS[shift.rpartition("-")[0]].roles:
            moved = np.abs(shift_factors(factors, shift).nuisances()[column])
            if column == "gradient_0":
                moved = np.hypot(*shift_factors(factors, shift).gradient.T)
                assert moved.min() > np.hypot(*factors.gradient.T).max()
            else:
                assert (side * np.median(moved)) > (side * train[column]).max(), shift


def test_a_shaken_clip_is_the_plain_one_moved_frame_by_frame() -> None:
    factors = sample("test", 3, role="motion")
    plain, shaken = render(factors), render_shifted(factors, "shake-3")
    offsets = set()
    for clip, other in zip(plain.reshape(-1, 32, 32, 3), shaken.reshape(-1, 32, 32, 3), strict=True):
        hits = [
            (down, right)
            for down in range(-8, 9)
            for right in range(-8, 9)
            if np.array_equal(np.roll(clip, (down, right), axis=(0, 1)), other)
        ]
        assert len(hits) == 1
        offsets.add(hits[0])
    assert len(offsets) > 8


def test_shifted_worlds_have_separate_files(tmp_path: Path) -> None:
    data = DataConfig(root=tmp_path, frames=4, size=16)
    plain = open_world(data, "test", 6, role="motion", workers=1, progress=False)
    texture = open_world(data, "test", 6, role="motion", shift="texture-2", workers=1, progress=False)
    names = sorted(path.name for path in (tmp_path / "world").iterdir())
    assert names == ["motion-test-6-4x16-seed0-v2", "motion-test-6-4x16-seed0-v2-texture-2-v1"]
    assert "shift" not in json.loads((tmp_path / "world" / names[0] / "world.json").read_text())
    assert json.loads((tmp_path / "world" / names[1] / "world.json").read_text())["shift"] == "texture-2"
    assert plain.key != texture.key and "texture" in plain.labels and "texture" not in texture.labels
    assert np.array_equal(plain.labels["fine_motion"], texture.labels["fine_motion"])
    expected = render_shifted(sample("test", 6, role="motion"), "texture-2", 4, 16).astype(float)
    assert np.sqrt(((texture.clips - expected) ** 2).mean()) < 3
    with pytest.raises(ValueError, match="holds another world"):
        write_videos(tmp_path / "world" / names[0], "test", 6, 0, 4, 16, role="motion", progress=False, shift="noise-1")


def test_unknown_shifts_are_refused(tmp_path: Path) -> None:
    assert find_shift("shake-5")[1] == 5
    with pytest.raises(ConfigError, match=r"unknown shift of the world 'shak-1'.*did you mean 'shake'"):
        find_shift("shak-1")
    with pytest.raises(ConfigError, match="NAME-SEVERITY is needed"):
        find_shift("shake")
    for wrong in ("shape-4", "shape-0", "shape-x"):
        with pytest.raises(ConfigError, match="the shift shape has severities 1 … 3"):
            find_shift(wrong)
    with pytest.raises(ConfigError, match="unknown shift"):
        write_videos(tmp_path / "w", "test", 1, shift="none-1", progress=False)
    assert not (tmp_path / "w").exists()
