"""Eight kinds of motion as paths: two bodies a clip, each path of the same mean spread whatever its kind.

Every path is drawn in a frame of its own, turned by a uniform angle and brought to zero mean and a root-mean-square
distance of 1 from it. What is left to tell the kinds apart is how places follow one another, not how far things go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

KINDS = ("linear", "accelerated", "parabolic", "bounce", "orbit", "harmonic", "brownian", "two_body")
KNOTS = 64
COLUMNS = 5
"""Uniform numbers a body: two parameters of its kind, phase, sense, angle."""
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
    """Speed changes from 1 - a to 1 + a, or the other way round."""
    a = _between(u[:, 0], 0.65, 1.0)
    time = np.where(u[:, 3:4] < 0.5, _TIME, 1 - _TIME)
    return _curve((1 - a) * time + a * time**2, np.zeros(1))


def _parabolic(u: np.ndarray, steps: np.ndarray) -> Curve:
    x = _TIME - _between(u[:, 2], 0.35, 0.65)
    return _curve(x, _between(u[:, 0], 2.0, 4.0) * x**2)


def _bounce(u: np.ndarray, steps: np.ndarray) -> Curve:
    """Between two walls, at constant speed, one to three times."""
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
    """The way from one body to the other, two equal masses that attract each other (softened inverse square), by
    leapfrog; they start 1 apart with less than the speed of a circular orbit."""
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


def paths(
    kind: Int[np.ndarray, " n"],
    u: Float[np.ndarray, "n 2 5"],
    spread: Float[np.ndarray, "n 2"],
    meeting: Float[np.ndarray, " n"],
    steps: Float[np.ndarray, "n 2 64 2"],
) -> Float[np.ndarray, "n 2 65 2"]:
    """Places (row, column) of both bodies at 65 equal times, around an origin between them.

    Two bodies of the other kinds know nothing of each other, but so that no frame gives the pair away, at the time
    ``meeting`` (0 to 1) they are as far apart as attracting ones might be then.

    Args:
        kind: class of both bodies.
        u: see :data:`COLUMNS`.
        spread: root-mean-square distance of each from its mean place (of the second only where it doesn't follow from
            the first).
        steps: normal numbers.
    """
    out = np.empty((len(kind), 2, KNOTS + 1, 2))
    # What two attracting bodies would do: is the path of one kind, and sets the distance of pairs in all others.
    way = _turned(_two_body(u[:, 0]), u[:, 0, 4])
    way *= (2 * spread[:, 0] / _spread(way))[:, None, None]
    for number, name in enumerate(KINDS):
        those = kind == number
        if name == "two_body":
            out[those] = 0.5 * np.stack([way[those], -way[those]], axis=1)
            continue
        for body in range(2):
            curve = _turned(ONE_BODY[name](u[those, body], steps[those, body]), u[those, body, 4])
            scale = (spread[those, body] / _spread(curve))[:, None, None]
            out[those, body] = scale * (curve - curve.mean(axis=1, keepdims=True))
        when = np.rint(meeting[those] * KNOTS).astype(int)
        rows = np.arange(len(when))
        # The second body is put as far from the first as the pair would be, in a direction of its own.
        apart = np.hypot(*way[those][rows, when].T)[:, None]
        angle = 2 * np.pi * u[those, 1, 4][:, None] + 1.0
        wanted = apart * np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
        pair = out[those]
        pair[:, 1] += (wanted + pair[rows, 0, when] - pair[rows, 1, when])[:, None]
        out[those] = pair
    return out


def at_times(path: Float[np.ndarray, "n 2 65 2"], frames: int) -> Float[np.ndarray, "n 2 F 2"]:
    """Places in each of ``frames`` frames, the first and the last knot included."""
    knot = np.linspace(0, KNOTS, frames)
    low = np.minimum(knot.astype(int), KNOTS - 1)
    part = (knot - low)[:, None]
    return path[:, :, low] * (1 - part) + path[:, :, low + 1] * part


def _turned(curve: Curve, u: Float[np.ndarray, " n"]) -> Curve:
    cos, sin = np.cos(2 * np.pi * u)[:, None], np.sin(2 * np.pi * u)[:, None]
    return _curve(cos * curve[..., 0] - sin * curve[..., 1], sin * curve[..., 0] + cos * curve[..., 1])


def _spread(curve: Curve) -> Float[np.ndarray, " n"]:
    return np.sqrt(((curve - curve.mean(axis=1, keepdims=True)) ** 2).sum(axis=2).mean(axis=1))
