"""Counts clips that repeat frames because their video is shorter than a clip, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from auxjepa.config import ConfigError
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.media.open import is_still

MOST_PADDED = 0.5
"""Share of clips that may be mostly repeats before they are refused."""


@dataclass(frozen=True)
class Padding:
    """Counts of clips that repeat frames, and of repeated frames.

    Args:
        clips: number of clips of videos.
        frames: frames of a clip.
        padded: clips that show a frame more than once.
        mostly_padded: clips in which more than half of the frames are repeats, or all frames are the same one.
        repeats: number of repeated frames in all clips.
        stills: clips of pictures, counted separately, because each has one frame only.
        lengths: the lengths of a clip and of the videos, in words.
        advice: which settings would fit the videos.
    """

    clips: int
    frames: int
    padded: int
    mostly_padded: int
    repeats: int
    stills: int = 0
    lengths: str = ""
    advice: str = ""

    @property
    def share(self) -> float:
        """Share of repeats among the frames of all clips of videos, 0 to 1."""
        return self.repeats / max(1, self.clips * self.frames)

    @property
    def is_refused(self) -> bool:
        """Return whether so many clips are mostly repeats that they need an explicit permission."""
        return self.mostly_padded > MOST_PADDED * self.clips

    def record(self) -> dict[str, int | float]:
        """Return the counts for JSON."""
        counts = {
            "clips": self.clips,
            "padded": self.padded,
            "mostly_padded": self.mostly_padded,
            "stills": self.stills,
        }
        return {**counts, "repeated_frames": self.share}

    def summary(self) -> str:
        """Return one line, or "" if no clip repeats a frame."""
        lines = []
        if self.padded:
            more = f", {self.mostly_padded:,} of them with more than half of their frames" if self.mostly_padded else ""
            lines.append(
                f"{self.padded:,} of {self.clips:,} clips are padded with repeated frames{more} "
                f"({100 * self.share:.1f} % of all frames are repeats{'; ' * bool(self.lengths)}{self.lengths})"
            )
        if self.stills and self.frames > 1:
            lines.append(f"{self.stills:,} clips are still pictures, each shown for all {self.frames} frames")
        return "; ".join(lines)


def count_repeats(distinct: Int[np.ndarray, " n"], frames: int) -> Padding:
    """Return the padding of clips of videos.

    Args:
        distinct: number of different frames of each clip.
        frames: frames of a clip.
    """
    repeats = frames - distinct
    mostly = (2 * repeats > frames) | ((distinct == 1) & (frames > 1))
    return Padding(len(distinct), frames, int((repeats > 0).sum()), int(mostly.sum()), int(repeats.sum()))


def padding_of(manifest: Manifest, cut: Cut, clips_each: Int[np.ndarray, " n"] | None = None) -> Padding:
    """Return the padding of the clips that a cut takes from a manifest, computed from the lengths of its examples.

    Args:
        manifest: the examples.
        cut: how clips are cut.
        clips_each: number of clips of every example; one each if None.
    """
    each = np.ones(len(manifest), dtype=np.int64) if clips_each is None else clips_each
    still = np.array([is_still(entry.file.path) for entry in manifest.entries], bool)
    moving = [entry for entry, picture in zip(manifest.entries, still, strict=True) if not picture]
    total = np.array([entry.frames for entry in moving], dtype=np.int64)
    rate = np.array([entry.file.fps for entry in moving], dtype=np.float64)
    counted = count_repeats(np.repeat(_distinct(cut, total, rate), each[~still]), cut.frames)
    lengths, advice = _words(cut, total, rate) if moving else ("", "")
    return replace(counted, stills=int(each[still].sum()), lengths=lengths, advice=advice)


def refuse_padding(padding: Padding, source: str, flag: str) -> None:
    """Check that not too many clips are mostly repeats.

    Args:
        padding: of the clips.
        source: name of the data, for the message.
        flag: the option that allows such clips.

    Raises:
        ConfigError: when most clips are mostly repeats.
    """
    if padding.is_refused:
        raise ConfigError(
            f"{source}: {padding.summary()}. Most of it does not move: {padding.advice}; {flag} allows these clips"
        )


def _distinct(cut: Cut, total: Int[np.ndarray, " n"], rate: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Return the number of different frames of a clip of each example. A clip begins where all its frames fit, or else
    at the first frame.
    """
    if cut.where == "uniform":
        return np.minimum(total, cut.frames)
    if cut.fps is None:
        return np.minimum(-(-total // cut.stride), cut.frames)
    seconds = total / np.maximum(rate, 1e-9)
    inside = np.clip(np.ceil(seconds * cut.fps - 1e-6), 1, cut.frames)
    shown = np.floor((inside - 1) * np.minimum(rate / cut.fps, 1) + 1e-6) + 1
    return np.minimum(shown.astype(np.int64), total)


def _words(cut: Cut, total: Int[np.ndarray, " n"], rate: Float[np.ndarray, " n"]) -> tuple[str, str]:
    """Return the lengths of a clip and of the videos, and the settings that would fit, in words."""
    if cut.where == "random" and cut.fps is not None:
        seconds, usual = np.median(total / np.maximum(rate, 1e-9)), np.median(rate)
        lengths = f"a clip takes {cut.frames / cut.fps:.2f} s at {cut.fps:g} frames a second, half of the videos last "
        lengths += f"{seconds:.2f} s or less, at {usual:g} frames a second or fewer"
        return lengths, f"a {'lower' if cut.fps > usual else 'higher'} data.fps or fewer data.frames fit these videos"
    span = cut.frames if cut.where == "uniform" else (cut.frames - 1) * cut.stride + 1
    lengths = f"a clip takes {span:,} frames, half of the videos have {int(np.median(total)):,} or fewer"
    smaller = "a smaller data.stride or " if cut.where == "random" and cut.stride > 1 else ""
    return lengths, f"{smaller}fewer data.frames fit these videos"
