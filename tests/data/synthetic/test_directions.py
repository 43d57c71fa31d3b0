"""The paper's motion discrimination keeps its numbers; ours says nothing in a single frame."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.data.synthetic.directions import CONTRAST, NAMES, SIDE, STEPS, TRAVEL, sample, sample_released


def test_released_steps_are_four_or_three_pixels_and_stop_at_the_border() -> None:
    discs, label = sample_released(0, 200)
    np.testing.assert_array_equal(label, np.arange(200) % 8)
    pixels, radius = discs.place * SIDE, discs.radius * SIDE
    assert set(np.rint(radius)) <= set(range(10, 40)) and len(set(radius)) > 25
    assert (pixels >= radius[:, None, None] - 1e-9).all() and (pixels <= SIDE - radius[:, None, None] + 1e-9).all()
    moved = np.diff(pixels, axis=1)
    wanted = np.array(STEPS)[label][:, None, ::-1]
    free = (pixels[:, 1:] > radius[:, None, None] + 1e-6) & (pixels[:, 1:] < SIDE - radius[:, None, None] - 1e-6)
    np.testing.assert_allclose(moved[free], np.broadcast_to(wanted, moved.shape)[free], atol=1e-9)
    assert free.mean() > 0.7 and not free.all()


def test_names_give_the_direction_of_the_disc() -> None:
    for (right, down), name in zip(STEPS, NAMES, strict=True):
        expected = (
            {"up": -1, "down": 1}.get(name.split("-")[0], 0),
            {"left": -1, "right": 1}.get(name.split("-")[-1], 0),
        )
        assert (np.sign(down), np.sign(right)) == expected


def test_released_clips_have_separate_seeds() -> None:
    many, few = sample_released(0, 12)[0], sample_released(8, 4)[0]
    np.testing.assert_array_equal(many.draw(np.arange(8, 12), 32), few.draw(np.arange(4), 32))
    longer = sample_released(8, 4, frames=12)[0]
    np.testing.assert_array_equal(longer.place[:, :8], few.place)


@pytest.mark.parametrize("size", [160, 32])
def test_the_disc_is_drawn_where_it_is(size: int) -> None:
    discs, _ = sample_released(0, 8)
    clips = discs.draw(np.arange(8), size).astype(float)
    for clip, place, ground in zip(clips, discs.place, discs.ground, strict=True):
        apart = np.abs(clip - 255 * ground).sum(axis=-1)
        apart[apart < 100] = 0  # noise
        for frame, (row, column) in zip(apart, place, strict=True):
            axis = (np.arange(size) + 0.5) / size
            centre = (frame.sum(axis=1) @ axis / frame.sum(), frame.sum(axis=0) @ axis / frame.sum())
            np.testing.assert_allclose(centre, (row, column), atol=0.03)


def test_released_noise_stays_and_ours_is_fresh() -> None:
    still, fresh = sample_released(2, 1)[0], sample("train", 1, 0)[0]
    for discs, same in ((still, True), (fresh, False)):
        clip = discs.draw(np.array([0]), 64)[0]
        away = np.hypot(*np.moveaxis(_grid(64) - discs.place[0].mean(axis=0), -1, 0)) > 0.45
        assert np.array_equal(clip[0][away], clip[-1][away]) == same


def _grid(size: int) -> np.ndarray:
    axis = (np.arange(size) + 0.5) / size
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)


def test_our_form_moves_in_the_direction_of_its_class_on_a_torus() -> None:
    discs, label = sample("test", 800, seed=1)
    np.testing.assert_array_equal(np.bincount(label), 100)
    steps = (np.diff(discs.place, axis=1) + 0.5) % 1.0 - 0.5
    way = steps.sum(axis=1)
    heading = np.array(STEPS, float)[:, ::-1][label]
    heading /= np.hypot(*heading.T)[:, None]
    length = (way * heading).sum(axis=1)
    assert length.min() >= TRAVEL[0] - 1e-9 and length.max() <= TRAVEL[1] + 1e-9
    np.testing.assert_allclose(way, length[:, None] * heading, atol=1e-9)
    brightness = np.abs((discs.colour - discs.ground).mean(axis=1))
    assert brightness.min() >= CONTRAST - 1e-9


def test_position_size_speed_and_colour_of_our_form_do_not_show_the_class() -> None:
    """Check that the means of all visible quantities are equal in every class, within four standard errors."""
    discs, label = sample("train", 4000, seed=0)
    for quantity in (
        *discs.place[:, 0].T,
        *discs.place[:, -1].T,
        discs.radius,
        *discs.ground.T,
        *(discs.colour - discs.ground).T,
    ):
        means = np.array([quantity[label == c].mean() for c in range(8)])
        assert np.abs(means - quantity.mean()).max() < 4 * quantity.std() / 500**0.5


def test_streams_are_independent_and_reproducible() -> None:
    one = sample("train", 8, seed=0)[0].draw(np.arange(8), 16)
    np.testing.assert_array_equal(one, sample("train", 16, seed=0)[0].draw(np.arange(8), 16))
    for other in (sample("test", 8, seed=0), sample("validation", 8, seed=0), sample("train", 8, seed=1)):
        assert not np.array_equal(one, other[0].draw(np.arange(8), 16))
    with pytest.raises(ValueError, match="split must be one of train, validation, test; got 'known'"):
        sample("known", 8, seed=0)
