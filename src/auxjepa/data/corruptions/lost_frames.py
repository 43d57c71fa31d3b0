"""Frames of a clip are lost: blackened, frozen or cut out."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Bool, UInt8

from auxjepa.data.cache.jpeg import Clips

Kind = Literal["zero", "freeze", "remove"]
KINDS: tuple[Kind, ...] = ("zero", "freeze", "remove")
MOST = 0.9


def dropped(clips: int, frames: int, share: float, seed: int = 0) -> Bool[np.ndarray, "n F"]:
    """Which frames are lost: ``round(share * frames)`` (halves rounded up) of every clip, but never all of them.

    Each clip loses its frames in a random order of its own that follows from (seed, its place, frames) alone. So a
    frame that is lost at one share is lost at every larger one, in every kind of dropout and for every encoder.

    Raises:
        ValueError: for a share outside 0 … 0.9, or a clip without frames.
    """
    if not 0 <= share <= MOST:
        raise ValueError(f"the share of dropped frames must lie in 0 … {MOST}, got {share}")
    if frames < 1:
        raise ValueError("a clip has at least one frame")
    count = min(int(share * frames + 0.5), frames - 1)
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, frames])))
    rank = rng.random((clips, frames)).argsort(axis=1).argsort(axis=1)
    return rank < count


def drop(
    clips: UInt8[np.ndarray, "n F X Y 3"], share: float, kind: str, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Copies of clips without a share of their frames (:func:`dropped`), of the same shape.

    Args:
        kind: ``zero``: a lost frame is black. ``freeze``: it shows the last frame before it that is left, or the first
            of those left where there is none before. ``remove``: it is cut out, and the frames that are left are
            spread evenly over the clip, frame ``j`` showing number ``floor(j * left / F)`` of them: events keep their
            order and change their times.

    Raises:
        ValueError: for an unknown kind. See also :func:`dropped`.
    """
    return Dropped(clips, share, kind, seed)[:]


class Dropped:
    """The same, made as it is asked for: ``Dropped(clips, …)[10:20]`` is ``drop(clips, …)[10:20]``.

    Raises:
        ValueError: see :func:`drop`.
    """

    def __init__(self, clips: Clips, share: float, kind: str, seed: int = 0) -> None:
        if kind not in KINDS:
            raise ValueError(f"dropout must be one of {', '.join(KINDS)}; got {kind!r}")
        self._clips, self._kind = clips, kind
        self._lost = dropped(len(clips), clips.shape[1], share, seed)

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, which: slice) -> UInt8[np.ndarray, "k F X Y 3"]:
        some, lost = np.asarray(self._clips[which]), self._lost[which]
        if self._kind == "zero":
            return np.where(lost[:, :, None, None, None], np.uint8(0), some)
        return some[np.arange(len(some))[:, None], _shown(lost, self._kind)]


def _shown(lost: Bool[np.ndarray, "n F"], kind: str) -> np.ndarray:
    """Which frame is shown in place of each, [n F]."""
    clips, frames = lost.shape
    if kind == "freeze":
        last = np.maximum.accumulate(np.where(lost, -1, np.arange(frames)), axis=1)
        return np.where(last < 0, lost.argmin(axis=1)[:, None], last)
    left = frames - int(lost[0].sum()) if clips else frames
    kept = np.flatnonzero(~lost.ravel()).reshape(clips, left) % frames
    return kept[:, np.arange(frames) * left // frames]
