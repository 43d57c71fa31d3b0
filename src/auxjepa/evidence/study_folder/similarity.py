"""Similarity of a study's encoders (CKA) between regimes, variants and seeds, as ``similarity.json`` holds it.

``auxjepa study compare`` writes the file. Reading it needs no torch. The similarity of encoders that differ only in the
seed gives the scale for every other value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from auxjepa.config import Typed
from auxjepa.files import read_json

FILE = "similarity.json"
UNTRAINED = "random init"
"""Kind of the encoders before training."""


class PairSimilarity(Typed):
    """Debiased CKA of two kinds of encoder: the mean over ``pairs`` of encoders."""

    first: str = Field(description="the first kind: VARIANT on REGIME, or 'random init'")
    second: str = Field(description="the second kind")
    seeds: Literal["same", "other"] = Field(
        description="whether the two encoders of a pair have the same seed, and so the same initial network"
    )
    pairs: int
    mean: float
    low: float = Field(description="lower end of the interval of the mean, for other clips")
    high: float = Field(description="upper end of the interval of the mean, for other clips")
    least: float = Field(description="lowest pair")
    most: float = Field(description="highest pair")
    apart: float | None = Field(
        default=None, description="how far the mean is below that of encoders of one kind that differ in seed"
    )
    apart_low: float | None = None
    apart_high: float | None = None


class DomainSimilarity(Typed):
    """All pairs of kinds on the clips of one domain."""

    domain: str
    clips: int
    alike: tuple[PairSimilarity, ...]

    def find_pair(self, first: str, second: str, seeds: Literal["same", "other"]) -> PairSimilarity | None:
        """Return the entry of two kinds, in either order; None where there is none.

        Args:
            first: one kind.
            second: the other kind.
            seeds: whether the pairs have the same seed or different seeds.
        """
        matches = (a for a in self.alike if {a.first, a.second} == {first, second} and a.seeds == seeds)
        return next(matches, None)


class Similarity(Typed):
    """Content of ``similarity.json``."""

    version: Literal[1] = 1
    kinds: tuple[str, ...] = Field(description="VARIANT on REGIME, and 'random init' where there is one")
    seeds: tuple[int, ...]
    runs: dict[str, str] = Field(description="KIND seed N: content hash of its run")
    missing: tuple[str, ...] = Field(default=(), description="encoders that were missing when the file was made")
    level: int = -1
    resamples: int
    confidence: float
    created: str
    on: tuple[DomainSimilarity, ...]


@dataclass(frozen=True)
class LargestGap:
    """The two regimes after which encoders of one variant differ most.

    Args:
        domain: domain of the clips.
        pair: the entry of the two kinds, compared with different seeds.
        within: mean similarity of encoders of one kind that differ in seed.
    """

    domain: str
    pair: PairSimilarity
    within: float


def largest_gap(similarity: Similarity) -> LargestGap | None:
    """Return the two regimes after which encoders of one variant differ most; None where nothing can be compared.

    Args:
        similarity: content of ``similarity.json``.
    """
    gaps = [
        LargestGap(clips.domain, pair, pair.mean + pair.apart)
        for clips in similarity.on
        for pair in clips.alike
        if pair.apart is not None and _differ_in_regime(pair)
    ]
    return max(gaps, key=lambda gap: gap.pair.apart or 0.0, default=None)


def read(folder: Path, notes: list[str]) -> Similarity | None:
    """Return the similarity file of a study folder; None where there is none. Damage becomes a note.

    Args:
        folder: the study folder.
        notes: receives a line when the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Similarity.model_validate(read_json(path))
    except (OSError, ValueError, ValidationError):
        notes.append(f"{FILE}: damaged, edited, or of another version; 'auxjepa study compare' writes it again")
        return None


def _differ_in_regime(pair: PairSimilarity) -> bool:
    """Check whether two kinds are of one variant after two regimes, compared with different seeds."""
    (first, _, regime), (second, _, second_regime) = (kind.partition(" on ") for kind in (pair.first, pair.second))
    return pair.seeds == "other" and first == second and regime != second_regime and bool(regime)
