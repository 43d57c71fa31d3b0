"""Pixels: exact symmetries of the world, and what a frame shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.data.world import CLASSES, render, reverse, sample
from auxjepa.data.world.pixels import LIGHT_SWING, SIZE_SWING, WARMTH_SWING, trajectory
from auxjepa.data.world.sprites import SHAPES, TEXTURES, distance


def difference(a, b):
    return int(np.abs(a.astype(int) - b.astype(int)).max())


def test_reversed_factors_are_the_clip_played_backwards(quiet):
    factors = quiet(64)
    clips = render(factors)
    assert difference(render(reverse(factors)), clips[:, ::-1]) <= 1
    assert difference(clips, clips[:, ::-1]) > 50


def test_a_dark_sprite_is_the_negative_of_a_light_one(quiet):
    factors = quiet(64, "motion")
    dark = replace(factors, polarity=-factors.polarity, background=1 - factors.background, gradient=-factors.gradient)
    assert difference(render(dark), 255 - render(factors)) <= 1


def test_every_appearance_has_the_same_mean_brightness(quiet):
    """So that, the position being uniform, the mean image says nothing about shape or texture."""
    shape, texture = np.divmod(np.arange(20), 4)
    one = quiet(1)[np.zeros(20, int)]
    pictures = render(replace(one, shape=shape, texture=texture, size=np.full(20, 0.22)), 1, 128)
    light = pictures.mean(axis=(1, 2, 3, 4)) - render(replace(one, contrast=np.zeros(20)), 1, 128).mean(
        axis=(1, 2, 3, 4)
    )
    np.testing.assert_allclose(light, light.mean(), rtol=0.03)


def test_the_world_is_a_torus(quiet):
    factors = quiet(16, gradient=np.zeros((16, 2)))
    moved = replace(factors, position=(factors.position + np.array([5, 9]) / 32) % 1)
    assert difference(render(moved), np.roll(render(factors), (5, 9), (2, 3))) <= 1


def test_all_orders_show_the_same_frames(quiet):
    factors = quiet(24, "order")
    sets = []
    for order in range(8):
        clips = render(replace(factors, order=np.full(24, order)))
        sets.append([sorted(frame.tobytes() for frame in clip) for clip in clips])
    assert all(frames == sets[0] for frames in sets)
    assert all(len(set(frames)) == 4 for frames in sets[0])


def test_a_look_lasts_a_quarter_of_the_clip(quiet):
    factors = quiet(12, "order")
    for frames in (4, 8, 16):
        clips = render(factors, frames)
        same = (clips[:, 1:] == clips[:, :-1]).all(axis=(2, 3, 4))
        expected = np.arange(1, frames) % (frames // 4) != 0
        np.testing.assert_array_equal(same, np.broadcast_to(expected, same.shape))


def test_motion_clips_keep_size_and_light_and_order_clips_keep_their_position(quiet):
    motion, order = (trajectory(quiet(20, role), 8) for role in ("motion", "order"))
    assert (motion.radius == motion.radius[:, :1]).all()
    assert (motion.light == 0).all()
    for track in (order.row, order.column, order.angle):
        assert (track == track[:, :1]).all()


def test_looks_change_size_light_and_warmth_by_the_stated_amounts(quiet):
    n = 4
    level = np.arange(n) * 2 / 3 - 1
    base = quiet(n, "order", order=np.zeros(n, int), size=np.full(n, 0.2))

    def first(ring):
        phase = np.ones((n, 2), int)
        phase[:, ring] = np.arange(n)
        return trajectory(replace(base, phase=phase), 4)

    np.testing.assert_allclose(first(0).radius[:, 0], 0.2 * SIZE_SWING**level)
    red, green, blue = first(1).light[:, 0].T
    np.testing.assert_allclose(green, LIGHT_SWING * level)
    np.testing.assert_allclose(red - blue, 2 * WARMTH_SWING * level)
    # The same in pixels, in a corner that the sprite doesn't reach.
    flat = replace(
        base, phase=np.stack([np.ones(n, int), np.arange(n)], axis=1), gradient=np.zeros((n, 2)),
        background=np.full((n, 3), 0.4), position=np.full((n, 2), 0.5),
    )  # fmt: skip
    corner = render(flat, 4)[:, 0, 0, 0] / 255
    expected = 0.4 + level[:, None] * (LIGHT_SWING + WARMTH_SWING * np.array([1, 0, -1]))
    np.testing.assert_allclose(corner, expected, atol=1 / 255)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_has_the_area_of_the_unit_disc_about_its_centre_and_fits_the_torus(name):
    axis = (np.arange(900, dtype=np.float32) + 0.5) / 900 * 3.6 - 1.8
    u, v = np.meshgrid(axis, axis, indexing="ij")
    inside = distance(name, u, v) < 0
    assert inside.sum() * 0.004**2 == pytest.approx(np.pi, rel=0.01)
    assert abs(u[inside].mean()) < 0.01
    assert abs(v[inside].mean()) < 0.01
    if name in CLASSES["shape"]:  # images may be cut where the torus closes: they fill the picture
        assert 0.25 * SIZE_SWING * np.hypot(u, v)[inside].max() < 0.5


@pytest.mark.parametrize("name", SHAPES)
def test_distances_are_true_at_the_outline(name):
    # Distance must grow by one per unit across the outline, or edges would be soft or jagged.
    ray, step = np.linspace(-1.7, 1.7, 6801), 5e-4
    for angle in (0.1, 1.3, 2.2):
        u, v = ray * np.cos(angle), ray * np.sin(angle)
        crossing = np.flatnonzero(np.diff(np.sign(distance(name, u, v))))
        assert len(crossing) >= 2
        u, v = u[crossing], v[crossing]
        along_u = distance(name, u + step, v) - distance(name, u - step, v)
        along_v = distance(name, u, v + step) - distance(name, u, v - step)
        np.testing.assert_allclose(np.hypot(along_u, along_v) / (2 * step), 1, atol=0.01)


def test_all_pairs_of_shape_and_texture_look_different(quiet):
    shape, texture = np.divmod(np.arange(len(SHAPES) * len(TEXTURES)), len(TEXTURES))
    n = len(shape)
    one = quiet(1)[np.zeros(n, int)]
    pictures = render(replace(one, shape=shape, texture=texture), 1, 32)[:, 0].astype(float)
    apart = np.sqrt(((pictures[:, None] - pictures[None]) ** 2).mean(axis=(2, 3, 4)))
    assert apart[~np.eye(n, dtype=bool)].min() > 2


def test_images_stand_still():
    images = render(sample("train", 20, 1, role="images"), 6)
    assert (images == images[:, :1]).all()
    np.testing.assert_array_equal(images[:, :1], render(sample("train", 20, 1, role="images"), 1))


def test_the_first_and_last_frame_do_not_depend_on_the_number_of_frames(quiet):
    factors = quiet(10)
    long, short = render(factors, 16), render(factors, 8)
    np.testing.assert_array_equal(long[:, 0], short[:, 0])
    np.testing.assert_array_equal(long[:, -1], short[:, -1])


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 5))
def test_a_clip_does_not_depend_on_other_clips(frames, size, index):
    factors = sample("train", 6, 0)
    clips = render(factors, frames, size)
    assert clips.shape == (6, frames, size, size, 3)
    assert clips.dtype == np.uint8
    np.testing.assert_array_equal(clips[index], render(factors[index : index + 1], frames, size)[0])


@pytest.mark.parametrize(("frames", "size"), [(0, 32), (8, 0)])
def test_a_clip_without_frames_or_pixels_is_refused(frames, size):
    with pytest.raises(ValueError, match="at least 1 frame and 1 pixel"):
        render(sample("train", 1), frames, size)
