"""Draw paths of two bodies in eight kinds of motion. All kinds have the same mean spread.

Every path is drawn in separate coordinates, turned by a uniform angle, and scaled to zero mean and a root-mean-square
distance of 1 from the mean. The kinds therefore differ only in the sequence of positions and not in distances.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

KINDS = ("linear", "accelerated", "parabolic", "bounce", "orbit", "harmonic", "brownian", "two_body")
KNOTS = 64
COLUMNS = 5
"""Uniform numbers for each body: two parameters of its kind, phase, sense, angle."""
SOFTENING = 0.2
Curve = Float[np.ndarray, "n 65 2"]

_TIME = np.arange(KNOTS + 1) / KNOTS


def _between(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return (low + (high - low) * u)[:, None]


def _curve(x: np.ndarray, y: np.ndarray) -> Curve:
    return np.stack(np.broadcast_arrays(x, y), axis=-1)


def _linear(u: np.ndarray, steps: np.ndarray) -> Curve:
    return _curve(np.tile(_TIME, (len(u), 1)), np.zeros(1))


def _accelerated(u: np.ndarray, steps: np.ndarray) -> Curve:
    """Return a path whose speed changes from 1 - a to 1 + a, or the reverse."""
    a = _between(u[:, 0], 0.65, 1.0)
    time = np.where(u[:, 3:4] < 0.5, _TIME, 1 - _TIME)
    return _curve((1 - a) * time + a * time**2, np.zeros(1))


def _parabolic(u: np.ndarray, steps: np.ndarray) -> Curve:
    x = _TIME - _between(u[:, 2], 0.35, 0.65)
    return _curve(x, _between(u[:, 0], 2.0, 4.0) * x**2)


def _bounce(u: np.ndarray, steps: np.ndarray) -> Curve:
    """Return a path at constant speed that bounces between two walls one to three times."""
    wave = _between(u[:, 0], 0.7, 1.3) * _TIME + u[:, 2:3]
    return _curve(_between(u[:, 1], 0.2, 1.0) * _TIME, np.abs(2 * (wave % 1.0) - 1))


def _orbit(u: np.ndarray, steps: np.ndarray) -> Curve:
    angle = 2 * np.pi * (_between(u[:, 0], 0.7, 1.2) * _TIME + u[:, 2:3]) * np.where(u[:, 3:4] < 0.5, 1, -1)
    return _curve(np.cos(angle), _between(u[:, 1], 0.65, 1.0) * np.sin(angle))


def _harmonic(u: np.ndarray, steps: np.ndarray) -> Curve:
    return _curve(np.sin(2 * np.pi * (_between(u[:, 0], 0.8, 1.4) * _TIME + u[:, 2:3])), np.zeros(1))


def _brownian(u: np.ndarray, steps: np.ndarray) -> Curve:
    return np.pad(steps.cumsum(axis=1), ((0, 0), (1, 0), (0, 0)))


ONE_BODY: dict[str, Callable[[np.ndarray, np.ndarray], Curve]] = {
    "linear": _linear,
    "accelerated": _accelerated,
    "parabolic": _parabolic,
    "bounce": _bounce,
    "orbit": _orbit,
    "harmonic": _harmonic,
    "brownian": _brownian,
}


def _two_body(u: Float[np.ndarray, "n 5"]) -> Curve:
    """Return the vector from one body to the other for two equal masses that attract each other.

    The force is a softened inverse square, integrated by the leapfrog method. The bodies start at distance 1 with less
    than the speed of a circular orbit.
    """
    turned = np.where(u[:, 3:4] < 0.5, 1, -1) * (np.pi / 2) + _between(u[:, 2], -0.8, 0.8)
    speed = _between(u[:, 0], 0.45, 0.95)
    r = np.tile([1.0, 0.0], (len(u), 1))
    v = speed * np.concatenate([np.cos(turned), np.sin(turned)], axis=1)
    step = _between(u[:, 1], 3.0, 5.0) / (4 * KNOTS)
    out = [r]
    for number in range(4 * KNOTS):
        v = v - 0.5 * step * _pull(r)
        r = r + step * v
        v = v - 0.5 * step * _pull(r)
        if number % 4 == 3:
            out.append(r)
    return np.stack(out, axis=1)


def _pull(r: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
    return r / ((r**2).sum(axis=1, keepdims=True) + SOFTENING**2) ** 1.5


def draw_paths(
    kind: Int[np.ndarray, " n"],
    u: Float[np.ndarray, "n 2 5"],
    spread: Float[np.ndarray, "n 2"],
    meeting: Float[np.ndarray, " n"],
    steps: Float[np.ndarray, "n 2 64 2"],
) -> Float[np.ndarray, "n 2 65 2"]:
    """Return the positions (row, column) of both bodies at 65 equal times, around an origin between them.

    Only bodies of the kind ``two_body`` influence each other. In the other kinds, the second body is moved so that the
    bodies have the distance of an attracting pair at the time ``meeting``. So the distance in a frame doesn't show the
    kind.

    Args:
        kind: class of both bodies, int ``[n]``.
        u: uniform numbers, see :data:`COLUMNS`, ``[n, 2, 5]``.
        spread: root-mean-square distance of each body from its mean position, ``[n, 2]``; for ``two_body``, that of the
            first body only.
        meeting: time between 0 and 1, ``[n]``.
        steps: normal numbers, ``[n, 2, 64, 2]``.
    """
    out = np.empty((len(kind), 2, KNOTS + 1, 2))
    # The vector between two attracting bodies: the path of one kind, and the distance of pairs in the other kinds.
    vector = _turn(_two_body(u[:, 0]), u[:, 0, 4])
    vector *= (2 * spread[:, 0] / _spread(vector))[:, None, None]
    for number, name in enumerate(KINDS):
        clips = kind == number
        if name == "two_body":
            out[clips] = 0.5 * np.stack([vector[clips], -vector[clips]], axis=1)
            continue
        for body in range(2):
            curve = _turn(ONE_BODY[name](u[clips, body], steps[clips, body]), u[clips, body, 4])
            scale = (spread[clips, body] / _spread(curve))[:, None, None]
            out[clips, body] = scale * (curve - curve.mean(axis=1, keepdims=True))
        knots = np.rint(meeting[clips] * KNOTS).astype(int)
        rows = np.arange(len(knots))
        # The second body gets the distance of an attracting pair, in a random direction.
        distance = np.hypot(*vector[clips][rows, knots].T)[:, None]
        angle = 2 * np.pi * u[clips, 1, 4][:, None] + 1.0
        offset = distance * np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
        pair = out[clips]
        pair[:, 1] += (offset + pair[rows, 0, knots] - pair[rows, 1, knots])[:, None]
        out[clips] = pair
    return out


def interpolate_paths(path: Float[np.ndarray, "n 2 65 2"], frames: int) -> Float[np.ndarray, "n 2 F 2"]:
    """Return the positions in each of ``frames`` frames, from the first to the last knot."""
    knot = np.linspace(0, KNOTS, frames)
    low = np.minimum(knot.astype(int), KNOTS - 1)
    part = (knot - low)[:, None]
    return path[:, :, low] * (1 - part) + path[:, :, low + 1] * part


def _turn(curve: Curve, u: Float[np.ndarray, " n"]) -> Curve:
    cos, sin = np.cos(2 * np.pi * u)[:, None], np.sin(2 * np.pi * u)[:, None]
    return _curve(cos * curve[..., 0] - sin * curve[..., 1], sin * curve[..., 0] + cos * curve[..., 1])


def _spread(curve: Curve) -> Float[np.ndarray, " n"]:
    return np.sqrt(((curve - curve.mean(axis=1, keepdims=True)) ** 2).sum(axis=2).mean(axis=1))
