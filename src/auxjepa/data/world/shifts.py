"""Shifted worlds: the same clips with one nuisance outside the range of all training clips.

Factors are replaced before the clips are drawn, so the labels stay true. A shift may remove a label: a held-out texture
has no class, for example. The shifted clips then have no such label.
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
"""The version increases if a shift gives other clips. It is a part of the name of every shifted world."""

# Numbers of shapes and textures of clips. Shapes and textures with higher numbers belong to images.
_SHAPES, _TEXTURES = len(CLASSES["shape"]), len(CLASSES["texture"])

ALL: tuple[Role, ...] = ("motion", "order", "images")
CLIPS: tuple[Role, ...] = ("motion", "order")


@dataclass(frozen=True)
class Shift:
    """A difference between test clips and training clips.

    Args:
        name: name of the shift.
        about: the difference in a few words.
        levels: strength at each severity from 1. A higher severity is farther from training, except for held-out shapes
            and textures.
        apply: function from (factors, strength) to new factors.
        roles: roles whose clips the shift changes and whose labels stay true.
        loses: label columns that shifted clips don't have.
        camera: whether the strength is the standard deviation of a random camera offset in every frame, as a share of
            the side.
    """

    name: str
    about: str
    levels: tuple[float, ...]
    apply: Callable[[Factors, float], Factors]
    roles: tuple[Role, ...] = ALL
    loses: tuple[str, ...] = ()
    camera: bool = False


def find_shift(text: str) -> tuple[Shift, int]:
    """Return the shift and the severity.

    Args:
        text: ``NAME-SEVERITY``.

    Raises:
        ConfigError: if the text has another form, or the name or the severity is unknown.
    """
    name, _, severity = text.rpartition("-")
    if name not in SHIFTS:
        raise ConfigError(f"unknown shift of the world {text!r}: NAME-SEVERITY is needed{hint(name or text, SHIFTS)}")
    most = len(SHIFTS[name].levels)
    if severity not in map(str, range(1, most + 1)):
        raise ConfigError(f"the shift {name} has severities 1 … {most}, got {severity!r}")
    return SHIFTS[name], int(severity)


def shift_factors(factors: Factors, shift: str) -> Factors:
    """Return the factors of the same clips in a shifted world. Each clip is shifted independently of the others.

    Args:
        factors: factors of ``n`` clips.
        shift: ``NAME-SEVERITY``.

    Raises:
        ConfigError: see :func:`find_shift`.
    """
    definition, severity = find_shift(shift)
    return definition.apply(factors, definition.levels[severity - 1])


def label_shifted(factors: Factors, shift: str) -> dict[str, Int[np.ndarray, " n"]]:
    """Return the labels of shifted clips, without the labels that the shift removes.

    Args:
        factors: factors of ``n`` clips before the shift.
        shift: ``NAME-SEVERITY``.

    Raises:
        ConfigError: see :func:`find_shift`.
    """
    definition, _ = find_shift(shift)
    return {name: column for name, column in factors.labels().items() if name not in definition.loses}


def render_shifted(
    factors: Factors, shift: str, frames: int = 8, size: int = 32
) -> UInt8[np.ndarray, "n {frames} {size} {size} 3"]:
    """Draw the clips of a shifted world.

    Args:
        factors: factors of ``n`` clips before the shift.
        shift: ``NAME-SEVERITY``.
        frames: frames of a clip.
        size: side of a frame in pixels.

    Returns:
        RGB pixels, uint8 ``[n, frames, size, size, 3]``.

    Raises:
        ConfigError: see :func:`find_shift`.
    """
    definition, severity = find_shift(shift)
    strength = definition.levels[severity - 1]
    clips = render(definition.apply(factors, strength), frames, size)
    if definition.camera:
        for clip, seed in zip(clips, factors.noise_seed.tolist(), strict=True):
            _shake(clip, strength, seed)
    return clips


def _shake(clip: UInt8[np.ndarray, "F X Y 3"], spread: float, seed: int) -> None:
    """Move every frame on the torus by a separate random offset in whole pixels, in place.

    Args:
        clip: the clip.
        spread: standard deviation of the offset, as a share of the side.
        seed: seed of the clip's offsets.
    """
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, VERSION])))
    offsets = np.rint(spread * clip.shape[1] * random.standard_normal((len(clip), 2))).astype(int)
    for frame, (down, right) in zip(clip, offsets.tolist(), strict=True):
        frame[:] = np.roll(frame, (down, right), axis=(0, 1))


def _background(f: Factors, strength: float) -> Factors:
    slope = np.hypot(*f.gradient.T)[:, None]
    direction = np.where(slope > 0, f.gradient / np.maximum(slope, 1e-9), np.sqrt(0.5))
    ripple = f.ripple.copy()
    ripple[:, 0] = 0.2 * strength
    # Level, slope and wave all leave the range of training. Level and wave change little, so that few pixels saturate.
    return replace(
        f, background=f.background + 0.06 * strength, gradient=direction * (0.2 + 0.3 * strength), ripple=ripple
    )


def _hold_out(field: str, first: int) -> Callable[[Factors, float], Factors]:
    """Return a function that sets a field to the held-out value with the number ``first + strength``."""

    def apply(f: Factors, strength: float) -> Factors:
        return replace(f, **{field: np.full(len(f), first + int(strength))})

    return apply


def _scale(*names: str) -> Callable[[Factors, float], Factors]:
    """Return a function that multiplies fields by the strength."""

    def apply(f: Factors, strength: float) -> Factors:
        return replace(f, **{name: getattr(f, name) * strength for name in names})

    return apply


def _dark(f: Factors, strength: float) -> Factors:
    # The background becomes brighter, so that a dark sprite doesn't saturate at black.
    return replace(f, polarity=-f.polarity, contrast=f.contrast * strength, background=f.background + 0.3 * strength)


def _noise(f: Factors, strength: float) -> Factors:
    return replace(f, noise=np.full(len(f), strength))


def _keep(f: Factors, strength: float) -> Factors:
    return f


_SHIFTS: tuple[Shift, ...] = (
    Shift("background", "brighter, steeper and rippled background", (0.3, 0.45, 0.6, 0.8, 1.0), _background),
    Shift(
        "texture",
        f"a texture that no clip has: {', '.join(tuple(TEXTURES)[_TEXTURES:])}",
        (0.0, 1.0, 2.0, 3.0),
        _hold_out("texture", _TEXTURES),
        CLIPS,
        ("appearance", "texture"),
    ),
    Shift(
        "shape",
        # The first two held-out shapes are left out, because a plain disc or ring looks the same at every angle.
        f"a shape that no clip has: {', '.join(tuple(SHAPES)[_SHAPES + 2 :])}",
        (2.0, 3.0, 4.0),
        _hold_out("shape", _SHAPES),
        CLIPS,
        ("appearance", "shape"),
    ),
    # A square looks the same after a quarter turn. At more than twice the speed, 8 frames would show the other sense.
    Shift("fast", "farther and more turned", (1.15, 1.3, 1.45, 1.6, 1.8), _scale("travel", "turn"), ("motion",)),
    Shift("slow", "less far and less turned", (0.8, 0.65, 0.5, 0.35, 0.25), _scale("travel", "turn"), ("motion",)),
    Shift("small", "smaller sprite", (0.85, 0.7, 0.6, 0.5, 0.4), _scale("size")),
    Shift("large", "larger sprite", (1.08, 1.15, 1.22, 1.3, 1.4), _scale("size")),
    Shift("contrast", "fainter sprite", (0.8, 0.6, 0.45, 0.3, 0.2), _scale("contrast")),
    Shift("polarity", "sprite darker than the background", (0.4, 0.7, 1.0), _dark),
    Shift("shake", "the camera jumps in every frame", (0.02, 0.035, 0.05, 0.075, 0.1), _keep, CLIPS, camera=True),
    Shift("noise", "stronger grey noise", (0.05, 0.08, 0.12, 0.16, 0.22), _noise),
)
SHIFTS: dict[str, Shift] = {shift.name: shift for shift in _SHIFTS}
