"""Several pretraining regimes over several recognition tasks: mean ranks, worst domains, the best regime, mixing.

From the :mod:`transfer matrix <auxjepa.evidence.transfer>`. Benchmarks are fixed: intervals are for other seeds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from auxjepa.evidence.aggregate import Estimate
from auxjepa.evidence.bootstrap import expanded_percentile, seed_weights
from auxjepa.evidence.effects import ComparisonError, Effect, adjust, paired_effect
from auxjepa.evidence.intervals import t_interval
from auxjepa.evidence.transfer import Encoder, Table, gains, gather, ranks, recognition, some, tabulate, worst
from auxjepa.rows import Row

ALL, WORST = "all benchmarks", "worst domain"
"""Names of the two comparisons that are of no single benchmark: the mean over all, and the smallest gain."""
Against = Literal["best single", "mean single"]


@dataclass(frozen=True)
class Standing:
    """One encoder over all benchmarks.

    ``rank``: mean over benchmarks and seeds of its rank among the study's encoders (1 is best, ties share). ``first``:
    share of resamples of the seeds in which no other has a lower mean rank. ``worst``: its smallest gain over the
    random-init encoder, in points, the mean over seeds; ``worst_on`` counts the benchmarks that it was on,
    ``worst_effect`` compares it with the reference's.
    """

    encoder: Encoder
    rank: Estimate
    first: float | None
    worst: Estimate | None
    worst_on: Mapping[str, int]
    worst_effect: Effect | None


@dataclass(frozen=True)
class Best:
    """The regime with the highest mean over variants on a benchmark, how far it is ahead of the next one, and in which
    share of resamples of the seeds it is the best. ``ahead`` was chosen to be positive: its p is too small."""

    benchmark: str
    regime: str
    ahead: Effect
    share: float | None


@dataclass(frozen=True)
class Mixing:
    """One variant after a mixed regime, against single ones: an effect on each benchmark, then on ``ALL``, then on
    ``WORST`` where it is known. ``singles``: the regime that each is against, '' where it is several."""

    variant: str
    mixed: str
    against: Against
    effects: tuple[Effect, ...]
    singles: tuple[str, ...]


@dataclass(frozen=True)
class Domains:
    """What a study with several regimes shows. ``cells``: means over seeds, None without a score; ``untrained``: those
    of the random-init encoder. ``refusals``: what isn't said, and why."""

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


def standings(table: Table, reference: Encoder, confidence: float = 0.95, seed: int = 0) -> tuple[Standing, ...]:
    """Every encoder over all benchmarks, in the order of the table.

    Ranks have expanded percentile intervals (whole seeds are resampled, the same for all encoders), worst domains
    Student's; worst domains are compared with the reference's by paired effects, Holm over the encoders.
    """
    by_seed, n = ranks(table.scores), len(table.seeds)
    intervals, first = None, None
    if n > 1:
        drawn = seed_weights(n, seed=seed) @ by_seed.T
        intervals = expanded_percentile(drawn, n, confidence).T.tolist()
        first = (drawn <= drawn.min(axis=1, keepdims=True) + 1e-9).mean(axis=0)
    out = []
    for i, encoder in enumerate(table.encoders):
        rank = Estimate(float(by_seed[i].mean()), None if intervals is None else (intervals[i][0], intervals[i][1]))
        out.append(Standing(encoder, rank, None if first is None else float(first[i]), None, {}, None))
    return tuple(out) if table.untrained is None else _with_worst(table, out, reference, confidence)


def _with_worst(table: Table, known: list[Standing], reference: Encoder, confidence: float) -> tuple[Standing, ...]:
    lowest, at = worst(table), gains(table).argmin(axis=2)
    base = table.by_seed(lowest[table.of(reference)])
    others = [e for e in table.encoders if e != reference]
    effects = adjust(
        [
            paired_effect(
                table.by_seed(lowest[table.of(e)]), base, variant=e.name, reference=reference.name, benchmark=WORST
            )
            for e in others
        ]
    )
    named = dict(zip(others, effects, strict=True))
    return tuple(
        replace(
            standing,
            worst=estimate(lowest[i], confidence),
            worst_on=dict(Counter(table.benchmarks[k] for k in at[i]).most_common()),
            worst_effect=named.get(standing.encoder),
        )
        for i, standing in enumerate(known)
    )


def best_regimes(table: Table, seed: int = 0) -> tuple[Best, ...]:
    """The best regime on each benchmark, over the mean of the variants; none with a single regime.

    Raises:
        ComparisonError: when a variant wasn't trained in every regime.
    """
    regimes = tuple(dict.fromkeys(e.regime for e in table.encoders))
    variants = tuple(dict.fromkeys(e.variant for e in table.encoders))
    if len(regimes) < 2:
        return ()
    pairs = [Encoder(regime, variant) for regime in regimes for variant in variants]
    absent = [e.name for e in pairs if e not in table.encoders]
    if absent:
        raise ComparisonError(f"no best regime: a variant wasn't trained in every regime ({some(absent)} missing)")
    places = np.array([table.of(e) for e in pairs]).reshape(len(regimes), -1)
    means = table.scores[places].mean(axis=1)  # R S K
    n, found = len(table.seeds), []
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
        found.append(Best(benchmark, regimes[top], ahead, share if n > 1 else None))
    return tuple(found)


def mixing(table: Table, mixed: Collection[str]) -> tuple[Mixing, ...]:
    """Every mixed regime against the best single regime of each benchmark (an oracle), and against their mean.

    The oracle is chosen by its mean over the very seeds that are compared, which favours it. On ``ALL`` it is another
    encoder for each benchmark, on ``WORST`` a single one. With one single regime the two are the same, and only the
    first is given. Holm over all effects that are against the same.
    """
    columns = [*table.benchmarks, ALL, *([] if table.untrained is None else [WORST])]
    made: list[Mixing] = []
    for encoder in (e for e in table.encoders if e.regime in mixed):
        singles = [e for e in table.encoders if e.variant == encoder.variant and e.regime not in mixed]
        if not singles:
            continue
        own, others = _columns(table, encoder), np.array([_columns(table, e) for e in singles])
        pick = others.mean(axis=1).argmax(axis=0)
        best = [singles[r].regime for r in pick.tolist()]
        oracle = np.take_along_axis(others, pick[None, None], axis=0)[0]
        sides: dict[Against, tuple[np.ndarray, list[str]]] = {"best single": (oracle, best)}
        if len(singles) > 1:
            sides["mean single"] = (others.mean(axis=0), [""] * len(best))
        for against, (other, names) in sides.items():
            k = len(table.benchmarks)
            named = [*names[:k], names[0] if len(set(names[:k])) == 1 else "", *names[k:]]
            effects = tuple(
                paired_effect(
                    table.by_seed(a),
                    table.by_seed(b),
                    variant=encoder.name,
                    reference=Encoder(name or against, encoder.variant).name,
                    benchmark=column,
                )
                for column, name, a, b in zip(columns, named, _and_mean(own, k), _and_mean(other, k), strict=True)
            )
            made.append(Mixing(encoder.variant, encoder.regime, against, effects, tuple(named)))
    return _corrected(made)


def domains(rows: Sequence[Row], reference: str = "", mixed: Collection[str] = ()) -> Domains | None:
    """Everything that a study's scores on recognition benchmarks say; None with fewer than two regimes or benchmarks.

    With a score missing there are cells, and a refusal in place of everything else.

    Args:
        rows: of one protocol and benchmark hash each (:func:`auxjepa.evidence.folder.current`). reference: variant of
            the encoder that worst domains are compared with, after the first regime that is not mixed.
        mixed: names of the mixed regimes.
    """
    asked = [row for row in rows if recognition(row)]
    own = [row for row in asked if row.control is None]
    encoders = tuple(dict.fromkeys(Encoder(row.regime, row.variant) for row in own))
    benchmarks = tuple(dict.fromkeys(row.benchmark for row in own))
    if len({e.regime for e in encoders}) < 2 or len(benchmarks) < 2:
        return None
    first = [e for e in encoders if e.variant == reference] or list(encoders)
    base = next((e for e in first if e.regime not in mixed), first[0])
    made = Domains(encoders, benchmarks, base)
    try:
        found, untrained = gather(asked)
    except ComparisonError as error:
        return replace(made, refusals=(f"no transfer matrix: {error}",))
    cells = {
        (e, b): estimate([*found[e, b].values()]) if (e, b) in found else None for e in encoders for b in benchmarks
    }
    beside = {
        b: {s: v for (_, name), one in untrained.items() if name == b for s, v in one.items()} for b in benchmarks
    }
    made = replace(
        made,
        seeds=tuple(sorted({s for one in found.values() for s in one})),
        cells=cells,
        untrained={b: estimate([*one.values()]) for b, one in beside.items() if one},
    )
    try:
        table = tabulate(asked)
    except ComparisonError as error:
        return replace(made, refusals=(f"no ranks and no comparison of regimes: {error}",))
    refusals, bests = [], ()
    try:
        bests = best_regimes(table)
    except ComparisonError as error:
        refusals.append(str(error))
    try:
        worst(table)
    except ComparisonError as error:
        refusals.append(str(error))
    return replace(
        made,
        standings=standings(table, base),
        bests=bests,
        mixings=mixing(table, mixed),
        refusals=tuple(refusals),
    )


def estimate(values: Sequence[float] | Float[np.ndarray, " S"], confidence: float = 0.95) -> Estimate:
    """Mean over seeds with Student's interval, which one seed doesn't give."""
    return Estimate(float(np.mean(values)), t_interval(list(values), confidence) if len(values) > 1 else None)


def _columns(table: Table, encoder: Encoder) -> Float[np.ndarray, "S C"]:
    """Scores on every benchmark, then the smallest gain where it is known."""
    i = table.of(encoder)
    beside = [] if table.untrained is None else [worst(table)[i][:, None]]
    return np.concatenate([table.scores[i], *beside], axis=1)


def _and_mean(columns: Float[np.ndarray, "S C"], k: int) -> Float[np.ndarray, "A S"]:
    """Columns with the mean over the ``k`` benchmarks between these and the rest."""
    return np.concatenate([columns[:, :k], columns[:, :k].mean(axis=1, keepdims=True), columns[:, k:]], axis=1).T


def _corrected(made: list[Mixing]) -> tuple[Mixing, ...]:
    """With Holm over all effects against the same."""
    out = list(made)
    for against in dict.fromkeys(one.against for one in made):
        family = [i for i, one in enumerate(made) if one.against == against]
        effects = iter(adjust([e for i in family for e in made[i].effects]))
        for i in family:
            out[i] = replace(made[i], effects=tuple(next(effects) for _ in made[i].effects))
    return tuple(out)
