"""Clips of MuJoCo bodies: the labels agree with the drawn pixels, and the product reads the folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("MUJOCO_GL", "osmesa")

from docs.worlds import mujoco_bodies
from docs.worlds.clip_folder import generator
from docs.worlds.mujoco_bodies import BODIES, Stage, direction_of, draw, write_bodies

from auxjepa.config import DataConfig
from auxjepa.data.open import open_manifest


@pytest.fixture
def mujoco() -> Any:
    """Return the module, or skip where it can't draw."""
    try:
        return mujoco_bodies.import_mujoco()
    except SystemExit as reason:
        pytest.skip(str(reason))


def test_the_product_reads_the_folder(tmp_path: Path, mujoco: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mujoco_bodies, "BODIES", {name: BODIES[name] for name in ("reacher", "pendulum")})
    write_bodies(tmp_path / "mujoco", clips=6, seed=0, size=32)
    manifest = open_manifest(
        DataConfig(source=f"folder:{tmp_path / 'mujoco'}", root=tmp_path), workers=1, progress=False
    )
    assert len(manifest.entries) == 6 and manifest.classes["body"] == ("pendulum", "reacher")
    assert manifest.classes["velocity"] == ("fast", "medium", "slow")
    assert all((entry.file.width, entry.file.frames) == (32, 16) for entry in manifest.entries)
    assert np.bincount(manifest.labels["velocity"]).tolist() == [2, 2, 2]


@pytest.mark.parametrize("name", ["reacher", "pendulum"])
def test_a_body_is_drawn_where_its_direction_is_measured(name: str, mujoco: Any) -> None:
    stage = Stage(name, 64)
    stage.reset(generator(0, "test"))
    poses, points = [], []
    for time in range(2):
        stage.data.qpos[0] = 0.5 * time if name == "reacher" else -0.3 + 0.6 * time
        mujoco.mj_forward(stage.model, stage.data)
        poses.append(stage.data.qpos.copy())
        points.append(stage.data.xpos[stage.point].copy())
    for camera in ("left", "high"):
        _, places = draw(stage, poses, points, camera, "bright")
        stage.renderer.enable_segmentation_rendering()
        drawn = [centre(stage, pose, points, camera, mujoco) for pose in poses]
        stage.renderer.disable_segmentation_rendering()
        moved, expected = np.subtract(*drawn[::-1]), places[1] - places[0]
        assert np.linalg.norm(moved) > 4 and moved @ expected > 0.9 * np.linalg.norm(moved) * np.linalg.norm(expected)
    stage.renderer.close()


def centre(stage: Stage, pose: np.ndarray, points: list[np.ndarray], camera: str, mujoco: Any) -> np.ndarray:
    """Return the mean place of the labelled body's pixels, to the right and up."""
    view = mujoco.MjvCamera()
    turn, lift = mujoco_bodies.CAMERAS[camera]
    view.distance, view.azimuth = stage.body.distance, 90 + turn
    view.elevation, view.lookat[:] = stage.body.elevation + lift, np.mean(points, axis=0)
    stage.data.qpos[:] = pose
    mujoco.mj_forward(stage.model, stage.data)
    stage.renderer.update_scene(stage.data, view)
    geometries = np.flatnonzero(stage.model.geom_bodyid == stage.point)
    rows, columns = np.nonzero(np.isin(stage.renderer.render()[..., 0], geometries))
    return np.array([columns.mean(), -rows.mean()])


def test_directions_are_those_of_the_picture() -> None:
    time = np.linspace(0, 10, 16)
    assert direction_of(np.stack([time, 0.2 * time], axis=1)) == "right"
    assert direction_of(np.stack([0.2 * time, -time], axis=1)) == "down"
    assert direction_of(np.stack([time, time], axis=1)) == ""
    assert direction_of(np.stack([0.1 * time, 0 * time], axis=1)) == ""
    assert direction_of(np.stack([8 * np.sin(time), 0 * time], axis=1)) == ""
