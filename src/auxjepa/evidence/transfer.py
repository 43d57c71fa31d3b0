"""The transfer matrix: encoders pretrained on one thing, scored on another, in one table that has no gaps.

An encoder here is a pretraining regime and a variant; seeds pair all encoders of a study, so that ranks are taken
within a seed and gains are over the random-init encoder of the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import stats

from auxjepa.evidence.effects import ComparisonError, check_comparable
from auxjepa.lists import some
from auxjepa.rows import Row


class Encoder(NamedTuple):
    """Which encoders are meant: one a seed."""

    regime: str
    variant: str

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.variant} on {self.regime}"


Scores = Mapping[tuple[Encoder, str], Mapping[int, float]]
"""Encoder and benchmark: seed: score."""


@dataclass(frozen=True)
class Table:
    """Scores that are all there, in percent. ``untrained`` is the score of the random-init encoder with the same seed
    on the same benchmark; None where one of them is missing."""

    encoders: tuple[Encoder, ...]
    seeds: tuple[int, ...]
    benchmarks: tuple[str, ...]
    scores: Float[np.ndarray, "E S K"]
    untrained: Float[np.ndarray, "E S K"] | None

    def of(self, encoder: Encoder) -> int:
        """Place of an encoder."""
        return self.encoders.index(encoder)

    def by_seed(self, values: Float[np.ndarray, " S"]) -> dict[int, float]:
        """Values by seed, as paired effects want them."""
        return dict(zip(self.seeds, values.tolist(), strict=True))


def recognition(row: Row) -> bool:
    """Whether a score is an accuracy over classes, so that it can stand in a transfer matrix."""
    return row.metric == "top1" and row.n_classes > 1


def mixed_regimes(regimes: Mapping[str, Any]) -> list[str]:
    """Names of the regimes that mix several sources, from the data settings of each (as in ``study.yaml``). A plain
    ``world`` mixes motion and order."""

    def mixes(data: Any) -> bool:
        if not isinstance(data, Mapping):
            return False
        mixture = data.get("mixture") or {}
        return len(mixture) > 1 or (not mixture and data.get("source") == "world")

    return [name for name, data in regimes.items() if mixes(data)]


def gather(rows: Sequence[Row]) -> tuple[Scores, Scores]:
    """Scores of encoders, and of the random-init encoder (its variant is empty), as far as they are there.

    Raises:
        ComparisonError: when a benchmark was measured in two ways, or a score is there twice.
    """
    kept = [row for row in rows if recognition(row) and row.control in (None, "random_init")]
    for benchmark in dict.fromkeys(row.benchmark for row in kept):
        check_comparable([row for row in kept if row.benchmark == benchmark])
    found: dict[tuple[Encoder, str], dict[int, float]] = {}
    untrained: dict[tuple[Encoder, str], dict[int, float]] = {}
    for row in kept:
        who = Encoder(row.regime, row.variant if row.control is None else "")
        own = (found if row.control is None else untrained).setdefault((who, row.benchmark), {})
        if row.seed in own:
            raise ComparisonError(
                f"{row.variant} on {row.regime} has two scores for seed {row.seed} on {row.benchmark}"
            )
        own[row.seed] = row.score
    return found, untrained


def tabulate(rows: Sequence[Row]) -> Table:
    """All scores of a study on its recognition benchmarks; every encoder must have every benchmark with every seed.

    Raises:
        ComparisonError: as :func:`gather`, and when a score is missing; the message names it.
    """
    found, untrained = gather(rows)
    encoders = tuple(dict.fromkeys(e for e, _ in found))
    benchmarks = tuple(dict.fromkeys(b for _, b in found))
    seeds = tuple(sorted({s for own in found.values() for s in own}))
    if not encoders:
        raise ComparisonError("no encoder has a score on a recognition benchmark")
    every = [(e, s, b) for s in seeds for e in encoders for b in benchmarks]
    missing = [f"{e.name} seed {s} on {b}" for e, s, b in every if s not in found.get((e, b), {})]
    if missing:
        raise ComparisonError(f"{len(missing)} of {len(every)} scores are missing: {some(missing)}")
    scores = np.array([[[found[e, b][s] for b in benchmarks] for s in seeds] for e in encoders])
    beside = [[[_untrained(untrained, e, s, b) for b in benchmarks] for s in seeds] for e in encoders]
    known = all(value is not None for one in beside for line in one for value in line)
    return Table(encoders, seeds, benchmarks, scores, np.array(beside, float) if known else None)


def ranks(scores: Float[np.ndarray, "E S K"]) -> Float[np.ndarray, "E S"]:
    """Mean rank of each encoder over the benchmarks, within each seed; 1 is the best, equal scores share ranks."""
    return stats.rankdata(-np.round(scores, 9), method="average", axis=0).mean(axis=2)


def gains(table: Table) -> Float[np.ndarray, "E S K"]:
    """Scores minus those of the random-init encoder of the same seed, in points.

    Raises:
        ComparisonError: when the random-init encoder wasn't scored everywhere.
    """
    if table.untrained is None:
        raise ComparisonError("worst domains need the random-init encoder's score of every seed and benchmark")
    return table.scores - table.untrained


def worst(table: Table) -> Float[np.ndarray, "E S"]:
    """Smallest gain of each encoder over the benchmarks, within each seed, in points.

    Raises:
        ComparisonError: as :func:`gains`.
    """
    return gains(table).min(axis=2)


def _untrained(scores: Scores, encoder: Encoder, seed: int, benchmark: str) -> float | None:
    """Its own regime's; where that has none, any other's: the same network, untouched by data."""
    own = scores.get((Encoder(encoder.regime, ""), benchmark), {})
    others = (by_seed[seed] for (_, name), by_seed in scores.items() if name == benchmark and seed in by_seed)
    return own[seed] if seed in own else next(others, None)
