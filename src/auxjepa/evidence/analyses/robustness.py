"""Robustness out of distribution: relative drops, rank stability and effective robustness of a study's variants.

The numbers come from the parts of rows: ``clean`` is the accuracy on clean clips, ``KIND-SEVERITY`` that in one
condition. Parts with a colon in their name are of other labels and are not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auxjepa.evidence.analyses.frozen_encoders import FROZEN
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.intervals import mean_estimate, wilson
from auxjepa.evidence.statistics.records import ComparisonError, Effect, Estimate
from auxjepa.evidence.statistics.shift_statistics import ALL, Fit, Stability, effective_robustness, rank_stability
from auxjepa.evidence.study_folder.current_rows import current_rows
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row

_CONDITION = re.compile(r"[a-z0-9_]+-\d+")


@dataclass(frozen=True)
class VariantRobustness:
    """One variant or control. Accuracies and effective robustness are in points, drops in percent of clean accuracy.

    Args:
        name: name of the variant or control.
        control: name of the control; None for a variant.
        clean: accuracy on clean clips.
        shifted: accuracy under shift.
        drop: relative drop.
        drop_effect: its drop minus that of the reference, paired by seed.
        effective: accuracy under shift above that of the study's encoders with the same clean accuracy.
        kinds: mean accuracy by kind of shift.
        above_chance: whether the Wilson interval of the clean accuracy is above chance; else a small drop means
            nothing.
        points: clean and shifted accuracy of each seed.
    """

    name: str
    control: str | None
    clean: Estimate
    shifted: Estimate
    drop: Estimate
    drop_effect: Effect | None
    effective: Estimate | None
    kinds: Mapping[str, float]
    above_chance: bool
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Robustness:
    """Results on one benchmark with conditions, after one pretraining regime.

    Args:
        benchmark: the benchmark.
        regime: the pretraining regime.
        n_classes: number of classes.
        kinds: kinds of shift, the mean over all conditions among them.
        lines: every variant and control.
        stability: rank stability by kind.
        fit: line from which effective robustness is measured; None where there are too few encoders.
    """

    benchmark: str
    regime: str
    n_classes: int
    kinds: tuple[str, ...]
    lines: tuple[VariantRobustness, ...]
    stability: tuple[Stability, ...]
    fit: Fit | None


def conditions(row: Row) -> dict[str, float]:
    """Return accuracy by condition; nothing for a row without a clean accuracy.

    Args:
        row: one score.
    """
    return {k: v for k, v in row.parts.items() if _CONDITION.fullmatch(k)} if "clean" in row.parts else {}


def by_kind(row: Row) -> dict[str, float]:
    """Return mean accuracy by kind over its severities, and over all conditions (``mean``).

    Args:
        row: one score with conditions.
    """
    values_by_kind: dict[str, list[float]] = {}
    for name, value in conditions(row).items():
        values_by_kind.setdefault(name.rpartition("-")[0], []).append(value)
    return {ALL: row.score} | {kind: float(np.mean(values)) for kind, values in values_by_kind.items()}


def relative_drop(clean: float, shifted: float) -> float:
    """Return the percentage of the clean accuracy that is lost under shift.

    Near chance there is little to lose, so read it together with the accuracy.

    Args:
        clean: accuracy on clean clips, in percent.
        shifted: accuracy under shift, in percent.

    Raises:
        ComparisonError: when the clean accuracy is not above 0.
    """
    if clean <= 0:
        raise ComparisonError("a relative drop needs an accuracy above 0 in domain")
    return 100 * (clean - shifted) / clean


def compare_robustness(rows: Sequence[Row], reference: str = "") -> list[Robustness]:
    """Return one record for each regime and benchmark whose rows have conditions.

    Args:
        rows: scores of one protocol and benchmark hash each
            (:func:`auxjepa.evidence.study_folder.current_rows.current_rows`). The random-init control and
            frozen encoders count as encoders; other controls are left out.
        reference: variant with which drops are compared.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.control in (None, "random_init", FROZEN) and conditions(row) and row.parts["clean"] > 0:
            groups.setdefault((row.regime, row.benchmark), []).append(row)
    return [_robustness(*key, group, reference) for key, group in groups.items()]


def study_robustness(study: Study) -> list[Robustness]:
    """Return one record for each benchmark of a study whose scores have conditions.

    Args:
        study: the study.
    """
    return compare_robustness(current_rows(study, []), study.reference)


def _robustness(regime: str, benchmark: str, rows: Sequence[Row], reference: str) -> Robustness:
    rows_by_name: dict[str, dict[int, Row]] = {}
    for row in rows:
        rows_by_name.setdefault(row.variant if row.control == FROZEN else row.control or row.variant, {})[row.seed] = (
            row
        )
    controls = {name for name, by_seed in rows_by_name.items() if next(iter(by_seed.values())).control}
    kinds = tuple(dict.fromkeys(kind for row in rows for kind in by_kind(row)))
    clean = {n: {s: row.parts["clean"] for s, row in by_seed.items()} for n, by_seed in rows_by_name.items()}
    values = {n: {s: by_kind(row) for s, row in by_seed.items()} for n, by_seed in rows_by_name.items()}
    shifted = {
        kind: {n: {s: v[kind] for s, v in by_seed.items() if kind in v} for n, by_seed in values.items()}
        for kind in kinds
    }
    drops = {
        n: {s: relative_drop(clean[n][s], row.score) for s, row in by_seed.items()}
        for n, by_seed in rows_by_name.items()
    }
    try:
        fit, effective = effective_robustness(clean, shifted[ALL])
    except ComparisonError:
        fit, effective = None, {}
    lines = []
    for name, by_seed in rows_by_name.items():
        effect = None
        if name != reference and drops.get(reference, {}).keys() & by_seed.keys():
            effect = paired_effect(
                drops[name], drops[reference], variant=name, reference=reference, benchmark=benchmark
            )
        lines.append(
            VariantRobustness(
                name=name,
                control=name if name in controls else None,
                clean=mean_estimate(list(clean[name].values())),
                shifted=mean_estimate(list(shifted[ALL][name].values())),
                drop=mean_estimate(list(drops[name].values())),
                drop_effect=effect,
                effective=effective.get(name),
                kinds={k: float(np.mean(list(shifted[k][name].values()))) for k in kinds if shifted[k][name]},
                above_chance=_is_above_chance(clean[name], by_seed),
                points=tuple((clean[name][s], shifted[ALL][name][s]) for s in sorted(by_seed)),
            )
        )
    trained = {n: by_seed for n, by_seed in clean.items() if n not in controls}
    stability = []
    for kind in kinds:
        try:
            stability.append(rank_stability(trained, {n: shifted[kind][n] for n in trained}, kind))
        except ComparisonError:
            continue
    lines.sort(key=lambda line: line.control is not None)
    return Robustness(benchmark, regime, rows[0].n_classes, kinds, tuple(lines), tuple(stability), fit)


def _is_above_chance(clean: Mapping[int, float], rows: Mapping[int, Row]) -> bool:
    row = next(iter(rows.values()))
    clips = max(1, row.n_test // len(conditions(row)))  # n_test counts each clip once per condition
    share = float(np.mean(list(clean.values()))) / 100
    return row.n_classes > 0 and 0 <= share <= 1 and wilson(share, clips)[0] > 1 / row.n_classes
