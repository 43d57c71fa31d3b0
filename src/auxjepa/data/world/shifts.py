"""Shifted worlds: the same clips with one of their nuisances outside the range that every training clip has.

Factors are replaced before anything is drawn, so labels stay true; a label that a shift takes away (there is no class
for a texture that no clip has) is missing from the shifted clips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int, UInt8

from auxjepa.config import ConfigError, hint
from auxjepa.data.world.factors import CLASSES, Factors, Role
from auxjepa.data.world.pixels import render
from auxjepa.data.world.sprites import SHAPES, TEXTURES

VERSION = 1
"""Raised whenever a shift would give other clips; part of the name of every shifted world."""

_SHAPES, _TEXTURES = len(CLASSES["shape"]), len(CLASSES["texture"])  # of clips; those behind them are images'

ALL: tuple[Role, ...] = ("motion", "order", "images")
CLIPS: tuple[Role, ...] = ("motion", "order")


@dataclass(frozen=True)
class Shift:
    """One way in which test clips differ from training clips.

    Args:
        name: how it is called.
        about: what is different.
        levels: the strength at each severity, from 1 on, further and further from training (held-out shapes and
            textures aside, which are merely others).
        apply: (factors, strength) to new factors.
        roles: clips on which it shows and which keep their labels.
        loses: label columns that shifted clips don't have.
        camera: the strength is the spread of the camera's random offset in every frame, a share of the side.
    """

    name: str
    about: str
    levels: tuple[float, ...]
    apply: Callable[[Factors, float], Factors]
    roles: tuple[Role, ...] = ALL
    loses: tuple[str, ...] = ()
    camera: bool = False


def shift_of(text: str) -> tuple[Shift, int]:
    """The shift and the severity that ``NAME-SEVERITY`` names.

    Raises:
        ConfigError: for another form, an unknown name or a severity that the shift doesn't have.
    """
    name, _, severity = text.rpartition("-")
    if name not in SHIFTS:
        raise ConfigError(f"unknown shift of the world {text!r}: NAME-SEVERITY is needed{hint(name or text, SHIFTS)}")
    most = len(SHIFTS[name].levels)
    if severity not in map(str, range(1, most + 1)):
        raise ConfigError(f"the shift {name} has severities 1 … {most}, got {severity!r}")
    return SHIFTS[name], int(severity)


def shifted(factors: Factors, shift: str) -> Factors:
    """The factors of the same clips in a shifted world. Clip by clip: what becomes of one depends on it alone.

    Args:
        shift: ``NAME-SEVERITY``.

    Raises:
        ConfigError: see :func:`shift_of`.
    """
    one, severity = shift_of(shift)
    return one.apply(factors, one.levels[severity - 1])


def shifted_labels(factors: Factors, shift: str) -> dict[str, Int[np.ndarray, " n"]]:
    """Labels of the clips, from their factors before they are shifted, without those that the shift takes away."""
    one, _ = shift_of(shift)
    return {name: column for name, column in factors.labels().items() if name not in one.loses}


def render_shifted(
    factors: Factors, shift: str, frames: int = 8, size: int = 32
) -> UInt8[np.ndarray, "n {frames} {size} {size} 3"]:
    """Clips of a shifted world from the factors of the plain one."""
    one, severity = shift_of(shift)
    clips = render(one.apply(factors, one.levels[severity - 1]), frames, size)
    if one.camera:
        for clip, seed in zip(clips, factors.noise_seed.tolist(), strict=True):
            _shake(clip, one.levels[severity - 1], seed)
    return clips


def _shake(clip: UInt8[np.ndarray, "F X Y 3"], spread: float, seed: int) -> None:
    """Move every frame around the torus by an offset of its own, in whole pixels."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, VERSION])))
    offsets = np.rint(spread * clip.shape[1] * random.standard_normal((len(clip), 2))).astype(int)
    for frame, (down, right) in zip(clip, offsets.tolist(), strict=True):
        frame[:] = np.roll(frame, (down, right), axis=(0, 1))


def _background(f: Factors, strength: float) -> Factors:
    slope = np.hypot(*f.gradient.T)[:, None]
    direction = np.where(slope > 0, f.gradient / np.maximum(slope, 1e-9), np.sqrt(0.5))
    ripple = f.ripple.copy()
    ripple[:, 0] = 0.2 * strength
    # Level, slope and wave leave the range of training together; level and wave a little, so that little is cut off.
    return replace(
        f, background=f.background + 0.06 * strength, gradient=direction * (0.2 + 0.3 * strength), ripple=ripple
    )


def _held_out(field: str, seen: int) -> Callable[[Factors, float], Factors]:
    def apply(f: Factors, strength: float) -> Factors:
        return replace(f, **{field: np.full(len(f), seen + int(strength))})

    return apply


def _times(*names: str) -> Callable[[Factors, float], Factors]:
    def apply(f: Factors, strength: float) -> Factors:
        return replace(f, **{name: getattr(f, name) * strength for name in names})

    return apply


def _dark(f: Factors, strength: float) -> Factors:
    # The background is lifted, so that a dark sprite isn't cut off at black.
    return replace(f, polarity=-f.polarity, contrast=f.contrast * strength, background=f.background + 0.3 * strength)


def _noise(f: Factors, strength: float) -> Factors:
    return replace(f, noise=np.full(len(f), strength))


def _same(f: Factors, strength: float) -> Factors:
    return f


_EVERY: tuple[Shift, ...] = (
    Shift("background", "brighter, steeper and rippled background", (0.3, 0.45, 0.6, 0.8, 1.0), _background),
    Shift(
        "texture",
        f"a texture that no clip has: {', '.join(tuple(TEXTURES)[_TEXTURES:])}",
        (0.0, 1.0, 2.0, 3.0),
        _held_out("texture", _TEXTURES),
        CLIPS,
        ("appearance", "texture"),
    ),
    Shift(
        "shape",
        # A plain disc or ring looks the same however it turns.
        f"a shape that no clip has: {', '.join(tuple(SHAPES)[_SHAPES + 2 :])}",
        (2.0, 3.0, 4.0),
        _held_out("shape", _SHAPES),
        CLIPS,
        ("appearance", "shape"),
    ),
    # A square looks the same after a quarter turn: at more than twice the speed 8 frames would tell the other sense.
    Shift("fast", "farther and more turned", (1.15, 1.3, 1.45, 1.6, 1.8), _times("travel", "turn"), ("motion",)),
    Shift("slow", "less far and less turned", (0.8, 0.65, 0.5, 0.35, 0.25), _times("travel", "turn"), ("motion",)),
    Shift("small", "smaller sprite", (0.85, 0.7, 0.6, 0.5, 0.4), _times("size")),
    Shift("large", "larger sprite", (1.08, 1.15, 1.22, 1.3, 1.4), _times("size")),
    Shift("contrast", "fainter sprite", (0.8, 0.6, 0.45, 0.3, 0.2), _times("contrast")),
    Shift("polarity", "sprite darker than the background", (0.4, 0.7, 1.0), _dark),
    Shift("shake", "the camera jumps in every frame", (0.02, 0.035, 0.05, 0.075, 0.1), _same, CLIPS, camera=True),
    Shift("noise", "stronger grey noise", (0.05, 0.08, 0.12, 0.16, 0.22), _noise),
)
SHIFTS: dict[str, Shift] = {one.name: one for one in _EVERY}
