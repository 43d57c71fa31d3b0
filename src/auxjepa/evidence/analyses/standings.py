"""Standings of encoders over several benchmarks: mean ranks, and the smallest gain over the random-init encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from auxjepa.evidence.analyses.mixing import WORST
from auxjepa.evidence.analyses.transfer import Encoder, TransferTable, gains, mean_ranks, worst_gains
from auxjepa.evidence.statistics.bootstrap import RESAMPLES, bootstrap_interval, seed_weights
from auxjepa.evidence.statistics.effects import adjust, paired_effect
from auxjepa.evidence.statistics.intervals import mean_estimate
from auxjepa.evidence.statistics.records import FEWEST_SEEDS, Effect, Estimate

SHUFFLES = 200
"""Number of tables with shuffled ranks."""


@dataclass(frozen=True)
class Standing:
    """One encoder over all benchmarks.

    Args:
        encoder: the encoder.
        rank: mean over benchmarks and seeds of its rank among the study's encoders; 1 is best, ties share ranks.
        first: share of resamples of the seeds in which no other encoder has a lower mean rank; None with
            fewer than 5 seeds.
        worst: smallest gain over the random-init encoder, mean over seeds, in points; None without that control.
        worst_on: number of seeds by benchmark that has the smallest gain.
        worst_effect: its smallest gain compared with that of the reference.
        first_by_chance: mean of the largest ``first`` if the ranks of each seed were shuffled over the encoders; None
            with fewer than 5 seeds.
    """

    encoder: Encoder
    rank: Estimate
    first: float | None
    worst: Estimate | None
    worst_on: Mapping[str, int]
    worst_effect: Effect | None
    first_by_chance: float | None = None


def standings(
    table: TransferTable, reference: Encoder, confidence: float = 0.95, seed: int = 0
) -> tuple[Standing, ...]:
    """Return every encoder over all benchmarks, in the order of the table.

    Ranks have expanded percentile intervals from 5 seeds on. A resample draws whole seeds, the same for all encoders.
    Worst domains have Student's intervals. They are compared with the reference's by paired effects, with Holm over the
    encoders.

    Args:
        table: the transfer table.
        reference: the encoder with which worst domains are compared.
        confidence: confidence of the intervals.
        seed: seed of the resamples.
    """
    by_seed, n = mean_ranks(table.scores), len(table.seeds)
    drawn = seed_weights(n, seed=seed) @ by_seed.T
    first = (drawn <= drawn.min(axis=1, keepdims=True) + 1e-9).mean(axis=0)
    by_chance = _first_by_chance(by_seed, seed) if n >= FEWEST_SEEDS else None
    ranked = []
    for i, encoder in enumerate(table.encoders):
        rank = Estimate(float(by_seed[i].mean()), bootstrap_interval(drawn[:, i], n, confidence))
        share = float(first[i]) if n >= FEWEST_SEEDS else None
        ranked.append(Standing(encoder, rank, share, None, {}, None, by_chance))
    return tuple(ranked) if table.untrained is None else _with_worst(table, ranked, reference, confidence)


def _first_by_chance(ranks: Float[np.ndarray, "E S"], seed: int) -> float:
    """Return the mean share of the leading encoder, over tables whose ranks are shuffled within each seed."""
    rng, weights = np.random.default_rng([seed, 1]), seed_weights(ranks.shape[1], RESAMPLES // 10, seed)
    shares = []
    for _ in range(SHUFFLES):
        shuffled = rng.permuted(ranks, axis=0)
        drawn = weights @ shuffled.T
        leads = drawn <= drawn.min(axis=1, keepdims=True) + 1e-9
        shares.append(float(leads[:, shuffled.mean(axis=1).argmin()].mean()))
    return float(np.mean(shares))


def _with_worst(
    table: TransferTable, ranked: list[Standing], reference: Encoder, confidence: float
) -> tuple[Standing, ...]:
    lowest, lowest_benchmark = worst_gains(table), gains(table).argmin(axis=2)
    base = table.by_seed(lowest[table.index(reference)])
    compared = [e for e in table.encoders if e != reference]
    effects = adjust(
        [
            paired_effect(
                table.by_seed(lowest[table.index(e)]), base, variant=e.name, reference=reference.name, benchmark=WORST
            )
            for e in compared
        ]
    )
    effect_of = dict(zip(compared, effects, strict=True))
    return tuple(
        replace(
            standing,
            worst=mean_estimate(lowest[i], confidence),
            worst_on=dict(Counter(table.benchmarks[k] for k in lowest_benchmark[i]).most_common()),
            worst_effect=effect_of.get(standing.encoder),
        )
        for i, standing in enumerate(ranked)
    )
