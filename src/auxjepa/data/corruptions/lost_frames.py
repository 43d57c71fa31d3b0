"""Lose frames of clips: lost frames are black, repeat an earlier frame, or are removed."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Bool, UInt8

from auxjepa.data.cache.jpeg import Clips

Kind = Literal["zero", "freeze", "remove"]
KINDS: tuple[Kind, ...] = ("zero", "freeze", "remove")
MOST = 0.9


def choose_lost_frames(clips: int, frames: int, share: float, seed: int = 0) -> Bool[np.ndarray, "n F"]:
    """Return which frames are lost, bool ``[n, F]``: ``round(share * frames)`` of every clip, but never all frames.

    Halves are rounded up. The order in which a clip loses its frames follows only from (seed, index of the clip,
    frames). So a frame that is lost at one share is also lost at every larger share, for every kind of dropout and for
    every encoder.

    Args:
        clips: number of clips.
        frames: frames of a clip.
        share: share of lost frames, 0 to 0.9.
        seed: seed of the choice.

    Raises:
        ValueError: if the share is outside 0 … 0.9, or a clip has no frames.
    """
    if not 0 <= share <= MOST:
        raise ValueError(f"the share of dropped frames must be in 0 … {MOST}, got {share}")
    if frames < 1:
        raise ValueError("a clip has at least one frame")
    count = min(int(share * frames + 0.5), frames - 1)
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, frames])))
    rank = rng.random((clips, frames)).argsort(axis=1).argsort(axis=1)
    return rank < count


def drop(
    clips: UInt8[np.ndarray, "n F X Y 3"], share: float, kind: str, seed: int = 0
) -> UInt8[np.ndarray, "n F X Y 3"]:
    """Return copies of clips that lose a share of their frames (:func:`choose_lost_frames`), of the same shape.

    Args:
        clips: RGB pixels, uint8 ``[n, F, X, Y, 3]``.
        share: share of lost frames, 0 to 0.9.
        kind: ``zero``: a lost frame is black. ``freeze``: it repeats the last remaining frame before it, or the first
            remaining frame if there is none before it. ``remove``: it is removed, and the remaining frames fill the
            clip evenly: frame ``j`` shows remaining frame ``floor(j * remaining / F)``. Events then keep their order
            and change their times.
        seed: seed of the choice.

    Raises:
        ValueError: if the kind is unknown, or see :func:`choose_lost_frames`.
    """
    return FrameDropout(clips, share, kind, seed)[:]


class FrameDropout:
    """Clips that lose frames on demand: ``FrameDropout(clips, …)[10:20]`` equals ``drop(clips, …)[10:20]``.

    Args:
        clips: see :func:`drop`.
        share: see :func:`drop`.
        kind: see :func:`drop`.
        seed: see :func:`drop`.

    Raises:
        ValueError: see :func:`drop`.
    """

    def __init__(self, clips: Clips, share: float, kind: str, seed: int = 0) -> None:
        if kind not in KINDS:
            raise ValueError(f"dropout must be one of {', '.join(KINDS)}; got {kind!r}")
        self._clips, self._kind = clips, kind
        self._lost = choose_lost_frames(len(clips), clips.shape[1], share, seed)

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, which: slice) -> UInt8[np.ndarray, "k F X Y 3"]:
        clips, lost = np.asarray(self._clips[which]), self._lost[which]
        if self._kind == "zero":
            return np.where(lost[:, :, None, None, None], np.uint8(0), clips)
        return clips[np.arange(len(clips))[:, None], _source_frames(lost, self._kind)]


def _source_frames(lost: Bool[np.ndarray, "n F"], kind: str) -> np.ndarray:
    """Return the number of the frame that is shown in place of each frame, int ``[n F]``."""
    clips, frames = lost.shape
    if kind == "freeze":
        last = np.maximum.accumulate(np.where(lost, -1, np.arange(frames)), axis=1)
        return np.where(last < 0, lost.argmin(axis=1)[:, None], last)
    count = frames - int(lost[0].sum()) if clips else frames
    remaining = np.flatnonzero(~lost.ravel()).reshape(clips, count) % frames
    return remaining[:, np.arange(frames) * count // frames]
