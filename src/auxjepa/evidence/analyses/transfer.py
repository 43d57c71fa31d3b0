"""The transfer table: scores of encoders by pretraining regime and benchmark, without a gap.

An encoder here is a pretraining regime and a variant. Seeds pair all encoders of a study. So ranks are taken within a
seed, and gains are over the random-init encoder of the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import stats

from auxjepa.evidence.statistics.effects import check_comparable
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.lists import shorten_list
from auxjepa.rows import Row


class Encoder(NamedTuple):
    """The encoders of one pretraining regime and variant, one a seed."""

    regime: str
    variant: str

    @property
    def name(self) -> str:
        """The encoder in words."""
        return f"{self.variant} on {self.regime}"


Scores = Mapping[tuple[Encoder, str], Mapping[int, float]]
"""Encoder and benchmark: seed: score."""


@dataclass(frozen=True)
class TransferTable:
    """Scores in percent; every encoder has every benchmark with every seed.

    Args:
        encoders: encoders, in order.
        seeds: seeds, in order.
        benchmarks: benchmarks, in order.
        scores: encoders by seeds by benchmarks.
        untrained: score of the random-init encoder of the same seed, in the same shape; None where one is missing.
    """

    encoders: tuple[Encoder, ...]
    seeds: tuple[int, ...]
    benchmarks: tuple[str, ...]
    scores: Float[np.ndarray, "E S K"]
    untrained: Float[np.ndarray, "E S K"] | None

    def index(self, encoder: Encoder) -> int:
        """Return the index of an encoder.

        Args:
            encoder: an encoder of the table.
        """
        return self.encoders.index(encoder)

    def by_seed(self, values: Float[np.ndarray, " S"]) -> dict[int, float]:
        """Return values by seed, as paired effects need them.

        Args:
            values: one value a seed.
        """
        return dict(zip(self.seeds, values.tolist(), strict=True))


def is_recognition(row: Row) -> bool:
    """Check whether a score is an accuracy over classes, which a transfer table needs.

    Args:
        row: one score.
    """
    return row.metric == "top1" and row.n_classes > 1


def mixed_regimes(regimes: Mapping[str, Any]) -> list[str]:
    """Return the names of the regimes that mix several sources; a plain ``world`` mixes motion and order.

    Args:
        regimes: data settings of each regime, as in ``study.yaml``.
    """

    def is_mixed(data: Any) -> bool:
        if not isinstance(data, Mapping):
            return False
        mixture = data.get("mixture") or {}
        return len(mixture) > 1 or (not mixture and data.get("source") == "world")

    return [name for name, data in regimes.items() if is_mixed(data)]


def scores_by_encoder(rows: Sequence[Row]) -> tuple[Scores, Scores]:
    """Return the scores of encoders, and those of the random-init encoder, whose variant is empty.

    Args:
        rows: all scores; only accuracies over classes count.

    Raises:
        ComparisonError: when a benchmark was measured in two ways, or when an encoder has two scores for a seed.
    """
    accuracies = [row for row in rows if is_recognition(row) and row.control in (None, "random_init")]
    for benchmark in dict.fromkeys(row.benchmark for row in accuracies):
        check_comparable([row for row in accuracies if row.benchmark == benchmark])
    trained: dict[tuple[Encoder, str], dict[int, float]] = {}
    untrained: dict[tuple[Encoder, str], dict[int, float]] = {}
    for row in accuracies:
        encoder = Encoder(row.regime, row.variant if row.control is None else "")
        by_seed = (trained if row.control is None else untrained).setdefault((encoder, row.benchmark), {})
        if row.seed in by_seed:
            raise ComparisonError(
                f"{row.variant} on {row.regime} has two scores for seed {row.seed} on {row.benchmark}"
            )
        by_seed[row.seed] = row.score
    return trained, untrained


def tabulate(rows: Sequence[Row]) -> TransferTable:
    """Return all scores of a study on its recognition benchmarks as a table.

    Args:
        rows: all scores; only accuracies over classes count.

    Raises:
        ComparisonError: as :func:`scores_by_encoder`, and when a score is missing; the message names it.
    """
    trained, untrained = scores_by_encoder(rows)
    encoders = tuple(dict.fromkeys(e for e, _ in trained))
    benchmarks = tuple(dict.fromkeys(b for _, b in trained))
    seeds = tuple(sorted({s for by_seed in trained.values() for s in by_seed}))
    if not encoders:
        raise ComparisonError("no encoder has a score on a recognition benchmark")
    planned = [(e, s, b) for s in seeds for e in encoders for b in benchmarks]
    missing = [f"{e.name} seed {s} on {b}" for e, s, b in planned if s not in trained.get((e, b), {})]
    if missing:
        raise ComparisonError(f"{len(missing)} of {len(planned)} scores are missing: {shorten_list(missing, 4, '; ')}")
    scores = np.array([[[trained[e, b][s] for b in benchmarks] for s in seeds] for e in encoders])
    anchors = [[[_untrained_score(untrained, e, s, b) for b in benchmarks] for s in seeds] for e in encoders]
    is_complete = all(score is not None for table in anchors for line in table for score in line)
    return TransferTable(encoders, seeds, benchmarks, scores, np.array(anchors, float) if is_complete else None)


def mean_ranks(scores: Float[np.ndarray, "E S K"]) -> Float[np.ndarray, "E S"]:
    """Return the mean rank of each encoder over the benchmarks, within each seed; 1 is the best, ties share ranks.

    Args:
        scores: encoders by seeds by benchmarks.
    """
    return stats.rankdata(-np.round(scores, 9), method="average", axis=0).mean(axis=2)


def gains(table: TransferTable) -> Float[np.ndarray, "E S K"]:
    """Return scores minus those of the random-init encoder of the same seed, in points.

    Args:
        table: the transfer table.

    Raises:
        ComparisonError: when the random-init encoder lacks a score.
    """
    if table.untrained is None:
        raise ComparisonError("worst domains need the random-init encoder's score of every seed and benchmark")
    return table.scores - table.untrained


def worst_gains(table: TransferTable) -> Float[np.ndarray, "E S"]:
    """Return the smallest gain of each encoder over the benchmarks, within each seed, in points.

    Args:
        table: the transfer table.

    Raises:
        ComparisonError: when the random-init encoder lacks a score.
    """
    return gains(table).min(axis=2)


def _untrained_score(scores: Scores, encoder: Encoder, seed: int, benchmark: str) -> float | None:
    """Return the random-init score of the encoder's regime, or of another regime: it is the same network."""
    same_regime = scores.get((Encoder(encoder.regime, ""), benchmark), {})
    any_regime = (by_seed[seed] for (_, name), by_seed in scores.items() if name == benchmark and seed in by_seed)
    return same_regime[seed] if seed in same_regime else next(any_regime, None)
