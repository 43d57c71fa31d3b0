"""Check the scenes of the eight physics: held-out parameters, distractors and pixels."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.data.synthetic import physics
from auxjepa.data.synthetic.physics import GAP, SPREAD, Scenes, sample


def test_test_parameters_lie_in_a_gap_of_the_training_range() -> None:
    u = np.linspace(0, 1, 1001)[:-1]
    inside, outside = (physics._restrict(u, in_gap=in_gap) for in_gap in (True, False))
    assert GAP[0] <= inside.min() and inside.max() < GAP[1]
    in_gap = (outside >= GAP[0]) & (outside < GAP[1])
    assert not in_gap.any() and outside.min() == 0 and outside.max() > 0.99


def spreads(split: str) -> np.ndarray:
    """Return the root-mean-square distance from the mean position by clip and body, from 33 frames."""
    place = np.unwrap(sample(split, 400, frames=33).place, axis=2, period=1.0)
    away = place - place.mean(axis=2, keepdims=True)
    return np.sqrt((away**2).sum(axis=3).mean(axis=2))


def test_clips_of_the_test_split_have_spreads_that_no_training_clip_has() -> None:
    low, high = (SPREAD[0] + (SPREAD[1] - SPREAD[0]) * edge for edge in GAP)
    slack = 0.06 * low  # 33 frames instead of 65 knots; the second of two attracting bodies follows the first
    test, train, other = (spreads(split)[:, 0] for split in ("test", "train", "known"))
    assert (low - slack < test).all() and (test < high + slack).all()
    for spread in (train, other):
        inside = (spread > low + slack) & (spread < high - slack)
        assert not inside.any() and spread.min() < low - slack and spread.max() > high + slack


@pytest.fixture(scope="session")
def many() -> Scenes:
    return sample("train", 4000)


@pytest.mark.parametrize("field", ["radius", "shape", "colour", "ground", "level", "noise", "place"])
def test_only_the_motion_shows_the_kind(many: Scenes, field: str) -> None:
    values = getattr(many, field).reshape(4000, -1).astype(float)
    if field == "place":
        values = np.concatenate([np.sin(2 * np.pi * values), np.cos(2 * np.pi * values)], axis=1)
    means = np.stack([values[many.kind == kind].mean(axis=0) for kind in range(8)])
    error = values.std(axis=0) / 500**0.5
    assert (np.abs(means - values.mean(axis=0)) < 4.5 * error + 1e-9).all()


def test_distractors_are_there_and_can_be_left_out() -> None:
    full, plain = sample("train", 600), sample("train", 600, distractors=False)
    np.testing.assert_array_equal(full.place, plain.place)
    assert set(full.ground) == {0, 1, 2} and set(full.shape.ravel()) == {0, 1, 2} and not plain.shape.any()
    for scenes, still in ((full, False), (plain, True)):
        for changing in (scenes.radius, scenes.colour[..., 0], scenes.level[:, None, :, 0]):
            assert np.allclose(np.diff(changing, axis=2), 0) == still
    flicker = np.abs(np.diff(full.level, axis=1)).sum(axis=(1, 2)) > 0
    np.testing.assert_array_equal(flicker, full.ground == 0)
    np.testing.assert_array_equal(np.hypot(*full.slope.T) > 0, full.ground == 1)


@pytest.mark.parametrize("size", [32, 64])
def test_bodies_are_drawn_where_they_are(size: int) -> None:
    scenes = sample("train", 64, distractors=False)
    clips = scenes.draw(np.arange(64), size).astype(float).mean(axis=-1) / 255
    axis = (np.arange(size) + 0.5) / size
    inside = []
    for clip, places, level in zip(clips, scenes.place, scenes.level.mean(axis=(1, 2)), strict=True):
        for frame, pair in zip(clip, places.swapaxes(0, 1), strict=True):
            for row, column in pair:
                at = int(row * size), int(column * size)
                inside.append(frame[at] - level)
        away = [np.abs((axis - x + 0.5) % 1 - 0.5) for x in places.reshape(-1, 2).T[..., None]]
        clear = (np.hypot(away[0][:, :, None], away[1][:, None]) > 0.2).all(axis=0)
        assert not clear.any() or abs(float(clip[:, clear].mean()) - level) < 0.02
    assert min(inside) > 0.2


def test_clips_do_not_depend_on_other_clips() -> None:
    many, few = sample("test", 24), sample("test", 8)
    np.testing.assert_array_equal(many.draw(np.arange(8), 16), few.draw(np.arange(8), 16))
    np.testing.assert_array_equal(many.draw(np.array([5, 3]), 16), many.draw(np.arange(8), 16)[[5, 3]])
    others = [sample("known", 8), sample("train", 8), sample("test", 8, seed=1)]
    assert all(not np.array_equal(other.draw(np.arange(8), 16), few.draw(np.arange(8), 16)) for other in others)
    with pytest.raises(ValueError, match="got 'pretrain'"):
        sample("pretrain", 8)
