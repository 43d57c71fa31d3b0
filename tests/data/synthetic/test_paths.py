"""Check that each kind of motion obeys its law, and that distance and position don't show the kind."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.data.synthetic.paths import KINDS, KNOTS, draw_paths, interpolate_paths

MANY = 60


def made(kind: str, seed: int = 0, many: int = MANY) -> np.ndarray:
    rng = np.random.default_rng(seed)
    number = np.full(many, KINDS.index(kind))
    spread = np.full((many, 2), 0.12)
    steps = rng.standard_normal((many, 2, KNOTS, 2))
    return draw_paths(number, rng.random((many, 2, 5)), spread, rng.random(many), steps)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_requested_spread(kind: str) -> None:
    path = made(kind)
    assert path.shape == (MANY, 2, KNOTS + 1, 2)
    away = path - path.mean(axis=2, keepdims=True)
    np.testing.assert_allclose(np.sqrt((away**2).sum(axis=3).mean(axis=2)), 0.12, rtol=1e-9)


def velocity(kind: str) -> np.ndarray:
    return np.diff(made(kind), axis=2) * KNOTS


def test_linear_has_one_velocity() -> None:
    v = velocity("linear")
    np.testing.assert_allclose(v, v[:, :, :1].repeat(KNOTS, axis=2), atol=1e-9)


@pytest.mark.parametrize("kind", ["accelerated", "parabolic"])
def test_accelerated_and_parabolic_have_one_acceleration(kind: str) -> None:
    v = velocity(kind)
    a = np.diff(v, axis=2)
    np.testing.assert_allclose(a, a[:, :, :1].repeat(KNOTS - 1, axis=2), atol=1e-8)
    across = np.abs(v[..., 0, 0] * a[..., 0, 1] - v[..., 0, 1] * a[..., 0, 0])
    straight = across < 1e-9 + 1e-6 * np.hypot(*np.moveaxis(v[:, :, 0], -1, 0))
    assert straight.all() if kind == "accelerated" else not straight.any()


def test_bounces_keep_their_speed_and_turn_in_one_step() -> None:
    v = velocity("bounce")
    speed = np.hypot(v[..., 0], v[..., 1])
    turns = (np.abs(np.diff(v, axis=2)).sum(axis=3) > 1e-9).sum(axis=2)
    usual = np.median(speed, axis=2, keepdims=True)
    assert ((np.abs(speed / usual - 1) < 1e-9).sum(axis=2) >= KNOTS - 4).all()  # but for the step of each turn
    assert turns.min() >= 1 and turns.max() <= 6  # a turn within a step shows in two


def test_orbits_are_ellipses_and_harmonic_motion_a_line() -> None:
    for kind in ("orbit", "harmonic"):
        path = made(kind)
        a = np.diff(path, n=2, axis=2)
        middle = path[:, :, 1:-1]
        # x'' = -w^2 (x - c): with one w and one c for both coordinates.
        for clip, body in np.ndindex(*path.shape[:2]):
            x, y = middle[clip, body].reshape(-1), a[clip, body].reshape(-1)
            own = np.tile(np.eye(2), (KNOTS - 1, 1))
            fit = np.linalg.lstsq(np.column_stack([x, own]), y, rcond=None)
            assert np.abs(np.column_stack([x, own]) @ fit[0] - y).max() < 1e-9 and fit[0][0] < 0
        flat = np.linalg.svd(path - path.mean(axis=2, keepdims=True), compute_uv=False)
        assert (flat[..., 1] < 1e-9).all() == (kind == "harmonic")


def test_brownian_steps_are_independent() -> None:
    v = velocity("brownian")
    v /= v.std(axis=(2, 3), keepdims=True)
    assert abs(float((v[:, :, 1:] * v[:, :, :-1]).mean())) < 0.05


def test_two_bodies_attract_each_other() -> None:
    """Opposite places, an acceleration toward the other, angular momentum kept."""
    path = made("two_body")
    np.testing.assert_allclose(path[:, 0], -path[:, 1], atol=1e-12)
    r, a = path[:, 0] - path[:, 1], np.diff(path[:, 0] - path[:, 1], n=2, axis=1)
    mid = r[:, 1:-1]
    assert ((a * mid).sum(axis=2) < 0).all()
    across = np.abs(a[..., 0] * mid[..., 1] - a[..., 1] * mid[..., 0])
    lengths = np.hypot(a[..., 0], a[..., 1]) * np.hypot(mid[..., 0], mid[..., 1])
    assert (across < 0.12 * lengths).all()  # second differences are rough where the two pass each other
    v = (r[:, 2:] - r[:, :-2]) / 2
    momentum = mid[..., 0] * v[..., 1] - mid[..., 1] * v[..., 0]
    assert (np.abs(momentum / momentum.mean(axis=1, keepdims=True) - 1) < 0.07).all()
    assert (momentum[:, 0] > 0).any() and (momentum[:, 0] < 0).any()


def test_headings_are_uniform_and_pairs_no_nearer_in_one_kind() -> None:
    apart = {}
    for kind in KINDS:
        path = made(kind, many=600)
        first = path[:, 0, -1] - path[:, 0, 0]
        angle = np.arctan2(*first.T)
        assert np.hypot(np.cos(angle).mean(), np.sin(angle).mean()) < 0.15, kind
        apart[kind] = np.hypot(*np.moveaxis(path[:, 0] - path[:, 1], -1, 0)).mean()
    assert max(apart.values()) < 1.35 * min(apart.values()), apart


def test_frames_cover_the_first_to_the_last_knot() -> None:
    path = made("orbit")
    np.testing.assert_array_equal(interpolate_paths(path, KNOTS + 1), path)
    np.testing.assert_allclose(interpolate_paths(path, 2), path[:, :, [0, -1]], atol=1e-12)
    np.testing.assert_allclose(interpolate_paths(path, 9), path[:, :, ::8], atol=1e-12)
    np.testing.assert_allclose(interpolate_paths(path, 1), path[:, :, :1], atol=1e-12)
