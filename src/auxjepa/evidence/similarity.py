"""How alike the encoders of a study are: CKA between regimes, between variants, between seeds, as ``similarity.json``.

``auxjepa study compare`` writes the file from the encoders; reading it takes no torch. What a value means is told by
the similarity of encoders that differ in nothing but the seed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from auxjepa.config import Typed
from auxjepa.files import read_json

FILE = "similarity.json"
UNTRAINED = "random init"
"""How the encoders of before training are called."""


class Alike(Typed):
    """Debiased CKA of two kinds of encoder, the mean over ``pairs`` of encoders; ``low`` and ``high`` are for other
    clips, ``least`` and ``most`` the extreme pairs.

    ``seeds``: whether the two encoders of a pair have the same seed (and so began as the same network) or not.
    ``apart``: how far the mean lies below that of encoders of one kind (the mean of both kinds) that differ in seed.
    """

    first: str
    second: str
    seeds: Literal["same", "other"]
    pairs: int
    mean: float
    low: float
    high: float
    least: float
    most: float
    apart: float | None = None
    apart_low: float | None = None
    apart_high: float | None = None


class OnClips(Typed):
    """All pairs of kinds on the clips of one domain."""

    domain: str
    clips: int
    alike: tuple[Alike, ...]

    def of(self, first: str, second: str, seeds: Literal["same", "other"]) -> Alike | None:
        """The entry of two kinds, in either order; None where there is none."""
        found = (a for a in self.alike if {a.first, a.second} == {first, second} and a.seeds == seeds)
        return next(found, None)


class Similarity(Typed):
    """What the file holds. ``missing``: encoders that were not there when it was made."""

    version: Literal[1] = 1
    kinds: tuple[str, ...] = Field(description="VARIANT on REGIME, and 'random init' where there is one")
    seeds: tuple[int, ...]
    runs: dict[str, str] = Field(description="KIND seed N: content hash of its run")
    missing: tuple[str, ...] = ()
    level: int = -1
    resamples: int
    confidence: float
    created: str
    on: tuple[OnClips, ...]


def read(folder: Path, notes: list[str]) -> Similarity | None:
    """The file of a study folder; None where there is none. Damage becomes a note."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Similarity.model_validate(read_json(path))
    except (OSError, ValueError, ValidationError):
        notes.append(f"{FILE}: damaged, edited, or of another version; 'auxjepa study compare' writes it anew")
        return None
