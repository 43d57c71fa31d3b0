"""Mixed pretraining regimes against single ones, variant by variant, as paired effects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from auxjepa.evidence.analyses.transfer import Encoder, TransferTable, worst_gains
from auxjepa.evidence.statistics.effects import adjust, paired_effect
from auxjepa.evidence.statistics.records import Effect

ALL, WORST = "all benchmarks", "worst domain"
"""Names of the two comparisons that are of no single benchmark: the mean over all, and the smallest gain."""
Opponent = Literal["best single", "mean single"]


@dataclass(frozen=True)
class Mixing:
    """One variant after a mixed regime, against single regimes.

    Args:
        variant: the variant.
        mixed: the mixed regime.
        opponent: whether it is compared with the best single regime of each benchmark, or with the mean of all.
        effects: an effect on each benchmark, then on ``ALL``, then on ``WORST`` where it can be computed.
        singles: the single regime in each effect; '' where it is several.
    """

    variant: str
    mixed: str
    opponent: Opponent
    effects: tuple[Effect, ...]
    singles: tuple[str, ...]


def compare_mixed(table: TransferTable, mixed: Collection[str]) -> tuple[Mixing, ...]:
    """Return every mixed regime against the best single regime of each benchmark, and against the mean of the singles.

    The best single regime is an oracle: its choice uses the mean over the same seeds that are compared, which favours
    it. On ``ALL`` it can be another encoder for each benchmark; on ``WORST`` it is one encoder. With one single regime
    both comparisons are the same, and only the first is returned. Holm corrects over all effects with the same
    opponent.

    Args:
        table: the transfer table.
        mixed: names of the mixed regimes.
    """
    columns = [*table.benchmarks, ALL, *([] if table.untrained is None else [WORST])]
    k = len(table.benchmarks)
    comparisons: list[Mixing] = []
    for encoder in (e for e in table.encoders if e.regime in mixed):
        singles = [e for e in table.encoders if e.variant == encoder.variant and e.regime not in mixed]
        if not singles:
            continue
        scores, single_scores = _columns(table, encoder), np.array([_columns(table, e) for e in singles])
        best = single_scores.mean(axis=1).argmax(axis=0)
        best_names = [singles[r].regime for r in best.tolist()]
        oracle = np.take_along_axis(single_scores, best[None, None], axis=0)[0]
        sides: dict[Opponent, tuple[np.ndarray, list[str]]] = {"best single": (oracle, best_names)}
        if len(singles) > 1:
            sides["mean single"] = (single_scores.mean(axis=0), [""] * len(best_names))
        for opponent, (opponent_scores, names) in sides.items():
            all_name = names[0] if len(set(names[:k])) == 1 else ""
            names = [*names[:k], all_name, *names[k:]]
            effects = tuple(
                paired_effect(
                    table.by_seed(a),
                    table.by_seed(b),
                    variant=encoder.name,
                    reference=Encoder(name or opponent, encoder.variant).name,
                    benchmark=column,
                )
                for column, name, a, b in zip(
                    columns, names, _with_mean(scores, k), _with_mean(opponent_scores, k), strict=True
                )
            )
            comparisons.append(Mixing(encoder.variant, encoder.regime, opponent, effects, tuple(names)))
    return _corrected(comparisons)


def _columns(table: TransferTable, encoder: Encoder) -> Float[np.ndarray, "S C"]:
    """Return scores on every benchmark, then the smallest gain where it can be computed."""
    i = table.index(encoder)
    worst = [] if table.untrained is None else [worst_gains(table)[i][:, None]]
    return np.concatenate([table.scores[i], *worst], axis=1)


def _with_mean(columns: Float[np.ndarray, "S C"], k: int) -> Float[np.ndarray, "A S"]:
    """Return the columns with the mean of the first ``k`` inserted after them, transposed."""
    return np.concatenate([columns[:, :k], columns[:, :k].mean(axis=1, keepdims=True), columns[:, k:]], axis=1).T


def _corrected(comparisons: list[Mixing]) -> tuple[Mixing, ...]:
    """Correct with Holm over all effects that have the same opponent."""
    corrected = list(comparisons)
    for opponent in dict.fromkeys(mixing.opponent for mixing in comparisons):
        family = [i for i, mixing in enumerate(comparisons) if mixing.opponent == opponent]
        effects = iter(adjust([e for i in family for e in comparisons[i].effects]))
        for i in family:
            corrected[i] = replace(comparisons[i], effects=tuple(next(effects) for _ in comparisons[i].effects))
    return tuple(corrected)
