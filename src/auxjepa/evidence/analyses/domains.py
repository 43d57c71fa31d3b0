"""Several pretraining regimes on several recognition benchmarks: mean ranks, worst domains and the best regime.

Everything is computed from the :mod:`transfer table <auxjepa.evidence.analyses.transfer>`. Benchmarks are fixed, so
intervals are for other seeds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from auxjepa.evidence.analyses.mixing import ALL, WORST, Mixing, compare_mixed
from auxjepa.evidence.analyses.standings import Standing, standings
from auxjepa.evidence.analyses.transfer import (
    Encoder,
    TransferTable,
    is_recognition,
    mixed_regimes,
    scores_by_encoder,
    tabulate,
    worst_gains,
)
from auxjepa.evidence.statistics.bootstrap import seed_weights
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.intervals import mean_estimate
from auxjepa.evidence.statistics.records import FEWEST_SEEDS, ComparisonError, Effect, Estimate
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

OTHER_CAPABILITIES = ("robustness", "few-shot", "alignment", "factors")
"""Capabilities whose benchmarks are not recognition of undisturbed clips."""


@dataclass(frozen=True)
class Best:
    """The regime with the highest mean over variants on a benchmark.

    Args:
        benchmark: the benchmark.
        regime: the best regime.
        ahead: difference from the second regime. It was chosen to be positive, so its p is too small.
        share: share of resamples of the seeds in which the regime is the best; None with fewer than 5
            seeds.
    """

    benchmark: str
    regime: str
    ahead: Effect
    share: float | None


@dataclass(frozen=True)
class Domains:
    """Results of a study with several regimes.

    Args:
        encoders: all encoders.
        benchmarks: all recognition benchmarks.
        reference: the encoder with which worst domains are compared.
        seeds: all seeds.
        cells: mean over seeds by encoder and benchmark; None in a cell without a score.
        untrained: mean of the random-init encoder by benchmark.
        standings: every encoder over all benchmarks.
        bests: the best regime on each benchmark.
        mixings: mixed regimes against single ones.
        refusals: what cannot be computed, and why.
        comparisons_elsewhere: number of comparisons about which other sections of the page write sentences.
    """

    encoders: tuple[Encoder, ...]
    benchmarks: tuple[str, ...]
    reference: Encoder
    seeds: tuple[int, ...] = ()
    cells: Mapping[tuple[Encoder, str], Estimate | None] | None = None
    untrained: Mapping[str, Estimate] | None = None
    standings: tuple[Standing, ...] = ()
    bests: tuple[Best, ...] = ()
    mixings: tuple[Mixing, ...] = ()
    refusals: tuple[str, ...] = ()
    comparisons_elsewhere: int = 0

    @property
    def sentence_effects(self) -> tuple[Effect, ...]:
        """Effects about which the section writes sentences: mixed regimes against the best single ones, over all."""
        mixings = (mixing for mixing in self.mixings if mixing.opponent == "best single")
        return tuple(e for m in mixings for e in m.effects if e.benchmark in (ALL, WORST) and e.interval is not None)

    @property
    def sentence_family(self) -> int:
        """Number of comparisons about which the page writes sentences: together they are one family."""
        return len(self.sentence_effects) + self.comparisons_elsewhere


def best_regimes(table: TransferTable, seed: int = 0) -> tuple[Best, ...]:
    """Return the best regime on each benchmark, over the mean of the variants; nothing with a single regime.

    Args:
        table: the transfer table.
        seed: seed of the resamples.

    Raises:
        ComparisonError: when a variant was not trained in every regime.
    """
    regimes = tuple(dict.fromkeys(e.regime for e in table.encoders))
    variants = tuple(dict.fromkeys(e.variant for e in table.encoders))
    if len(regimes) < 2:
        return ()
    pairs = [Encoder(regime, variant) for regime in regimes for variant in variants]
    absent = [e.name for e in pairs if e not in table.encoders]
    if absent:
        names = shorten_list(absent, 4, "; ")
        raise ComparisonError(f"no best regime: a variant was not trained in every regime ({names} missing)")
    indices = np.array([table.index(e) for e in pairs]).reshape(len(regimes), -1)
    means = table.scores[indices].mean(axis=1)  # R S K
    n, bests = len(table.seeds), []
    for k, benchmark in enumerate(table.benchmarks):
        top, second = np.argsort(-means[:, :, k].mean(axis=1), kind="stable")[:2].tolist()
        ahead = paired_effect(
            table.by_seed(means[top, :, k]),
            table.by_seed(means[second, :, k]),
            variant=regimes[top],
            reference=regimes[second],
            benchmark=benchmark,
        )
        drawn = seed_weights(n, seed=seed) @ means[:, :, k].T
        share = float((drawn[:, top] >= drawn.max(axis=1) - 1e-9).mean())
        bests.append(Best(benchmark, regimes[top], ahead, share if n >= FEWEST_SEEDS else None))
    return tuple(bests)


def compare_domains(rows: Sequence[Row], reference: str = "", mixed: Collection[str] = ()) -> Domains | None:
    """Return the results on recognition benchmarks; None with fewer than two regimes or fewer than two benchmarks.

    If a score is missing, the result has cells and a refusal in place of everything else.

    Args:
        rows: scores of one protocol and benchmark hash each
            (:func:`auxjepa.evidence.study_folder.current_rows.current_rows`).
        reference: variant of the encoder with which worst domains are compared; its regime is the first regime that is
            not mixed.
        mixed: names of the mixed regimes.
    """
    accuracies = [row for row in rows if is_recognition(row)]
    trained = [row for row in accuracies if row.control is None]
    encoders = tuple(dict.fromkeys(Encoder(row.regime, row.variant) for row in trained))
    benchmarks = tuple(dict.fromkeys(row.benchmark for row in trained))
    if len({e.regime for e in encoders}) < 2 or len(benchmarks) < 2:
        return None
    candidates = [e for e in encoders if e.variant == reference] or list(encoders)
    base = next((e for e in candidates if e.regime not in mixed), candidates[0])
    result = Domains(encoders, benchmarks, base)
    try:
        scores, untrained = scores_by_encoder(accuracies)
    except ComparisonError as error:
        return replace(result, refusals=(f"no transfer matrix: {error}",))
    cells = {
        (e, b): mean_estimate([*scores[e, b].values()]) if (e, b) in scores else None
        for e in encoders
        for b in benchmarks
    }
    anchors = {
        b: {s: v for (_, name), by_seed in untrained.items() if name == b for s, v in by_seed.items()}
        for b in benchmarks
    }
    result = replace(
        result,
        seeds=tuple(sorted({s for by_seed in scores.values() for s in by_seed})),
        cells=cells,
        untrained={b: mean_estimate([*by_seed.values()]) for b, by_seed in anchors.items() if by_seed},
    )
    try:
        table = tabulate(accuracies)
    except ComparisonError as error:
        return replace(result, refusals=(f"no ranks and no comparison of regimes: {error}",))
    refusals, bests = [], ()
    try:
        bests = best_regimes(table)
    except ComparisonError as error:
        refusals.append(str(error))
    try:
        worst_gains(table)
    except ComparisonError as error:
        refusals.append(str(error))
    return replace(
        result,
        standings=standings(table, base),
        bests=bests,
        mixings=compare_mixed(table, mixed),
        refusals=tuple(refusals),
    )


def study_domains(study: Study) -> Domains | None:
    """Return the results of a study with several pretraining regimes on its recognition benchmarks.

    Args:
        study: the study; the result is None where it has one regime, or one benchmark.
    """
    rows = [
        row
        for row in current_rows(study, [])
        if str(study.benchmark_info.get(row.benchmark, {}).get("capability", "")) not in OTHER_CAPABILITIES
    ]
    return compare_domains(rows, study.reference, mixed_regimes(study.regimes))
