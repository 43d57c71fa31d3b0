"""Agreement of the results of two networks: whether it is larger than that of two trainings.

Two trainings of one variant get other clips right. On each benchmark the number of clips on which two networks differ
is compared with the number that is expected from the difficulty of each clip, which all networks of the study show. For
honest pairs above chance this ratio was at least 0.27 over all benchmarks (pair by pair, in confirm and in four studies
on real videos). For a copy it is 0.

Equal marks can be honest in two cases, which give no evidence: scores at the floor, where a probe may predict one class
for all clips, and scores at the ceiling, where only wrongly labelled clips remain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from auxjepa.metric_words import range_of
from auxjepa.rows import MEAN_OF_MARKS, Row

SIMILAR = 0.05
"""Largest ratio of actual to expected differences at which two networks agree on a benchmark."""
ENOUGH = 20.0
"""Smallest number of expected differences over all benchmarks; without any, chance has a probability of exp(-20)."""
LEAST = 2.0
"""Smallest number of expected differences with which a benchmark counts."""
CEILING = 98.0
"""Score in percent from which a benchmark does not count."""
CLASS_COUNTS = "class_counts"
"""Field of a benchmark in ``benchmarks.json``: number of test clips of each class."""
_BLOCK = 4096
_DIGITS, _REAL = 6, 8.0

MarksOf = Callable[[Row], np.ndarray | None]
"""Function that returns the marks of a row (bool, one per test example), or None."""


@dataclass(frozen=True)
class Network:
    """One network of a study.

    Args:
        control: None for a trained network, 'random_init' for an initial one.
        variant: the variant.
        regime: the pretraining regime.
        seed: the seed.
        run: name of its run.
    """

    control: str | None
    variant: str
    regime: str
    seed: int
    run: str

    @classmethod
    def of(cls, row: Row) -> Network:
        """Return the network of a row.

        Args:
            row: one score.
        """
        return cls(row.control, row.variant, row.regime, row.seed, row.run)

    @property
    def name(self) -> str:
        """Return the network in words."""
        return f"{self.variant} seed {self.seed}"

    def is_same_training(self, other: Network) -> bool:
        """Check whether two records may honestly be one network: a run that was filed twice, or an initial network.

        Args:
            other: another network.
        """
        if (self.control, self.variant, self.seed) != (other.control, other.variant, other.seed):
            return False
        return self.regime == other.regime or self.control == "random_init"


@dataclass(frozen=True)
class Agreement:
    """A pair of networks that agree too much.

    Args:
        first: index of the first network.
        second: index of the second network.
        is_copy: whether they agree on all benchmarks; otherwise they agree on more than half.
        words: what they have in common.
    """

    first: int
    second: int
    is_copy: bool
    words: str


def agreements(
    networks: Sequence[Network],
    by_network: Mapping[Network, Sequence[Row]],
    marks: MarksOf,
    records: Mapping[str, Mapping[str, Any]],
    runs_with_weights: Collection[str],
) -> list[Agreement]:
    """Return the pairs of networks that agree more than two trainings do.

    Args:
        networks: the networks.
        by_network: rows of each network.
        marks: reads the marks of a row.
        records: record of each benchmark in ``benchmarks.json``.
        runs_with_weights: runs of which the digest of the weights is known.
    """
    size = len(networks)
    counts, agreeing = np.zeros((size, size), int), np.zeros((size, size), int)
    expected, actual = np.zeros((size, size)), np.zeros((size, size))
    cells: dict[tuple[str, ...], dict[int, Row]] = {}
    for i, network in enumerate(networks):
        for row in by_network[network]:
            key = (row.benchmark, row.benchmark_hash, row.protocol_hash, row.metric, str(row.n_test))
            cells.setdefault(key, {}).setdefault(i, row)
    for rows in cells.values():
        members = [i for i, row in rows.items() if _is_informative(row, records.get(row.benchmark, {}))]
        if len(members) < 2:
            continue
        tables = _compare([rows[i] for i in members], marks)
        place = np.ix_(members, members)
        informative = tables[1] >= LEAST
        agree = informative & (tables[0] <= SIMILAR * tables[1])
        counts[place] += informative
        agreeing[place] += agree
        expected[place] += np.where(agree, tables[1], 0.0)
        actual[place] += np.where(agree, tables[0], 0.0)
    pairs = []
    for a, b in np.argwhere(np.triu((expected >= ENOUGH) & (2 * agreeing > counts), 1)).tolist():
        if networks[a].is_same_training(networks[b]):
            continue
        shared, total, different = int(agreeing[a, b]), int(counts[a, b]), int(actual[a, b])
        # One class may be predicted for all clips: with different weights, one benchmark is too little.
        has_other_weights = {networks[a].run, networks[b].run} <= set(runs_with_weights)
        is_copy = shared == total and not (shared == 1 and has_other_weights)
        what = "the same results" if not different else f"{different} different marks"
        pairs.append(Agreement(a, b, is_copy, f"{what} on {shared} of {total} benchmarks"))
    return pairs


def floor_of(row: Row, record: Mapping[str, Any]) -> float:
    """Return the score up to which a network may predict one class for all clips, in percent.

    It is the share of the most frequent class, or chance, plus two standard errors.

    Args:
        row: one score.
        record: record of its benchmark in ``benchmarks.json``.
    """
    share = 1 / row.n_classes if row.n_classes > 1 else 0.0
    share = max([share, *class_shares(record)])
    return 100 * (share + 2 * math.sqrt(share * (1 - share) / row.n_test)) if row.n_test else 100 * share


def class_shares(record: Mapping[str, Any]) -> list[float]:
    """Return the share of each class among the test clips; empty where it is not recorded.

    Args:
        record: record of a benchmark in ``benchmarks.json``.
    """
    counts = record.get(CLASS_COUNTS)
    if not isinstance(counts, list) or not all(type(n) is int and n >= 0 for n in counts):
        return []
    total = sum(counts)
    return [n / total for n in counts] if total else []


def _is_informative(row: Row, record: Mapping[str, Any]) -> bool:
    """Check whether a score is above the floor and below the ceiling of its benchmark."""
    if row.metric.removeprefix("-") not in MEAN_OF_MARKS:
        return range_of(row.metric) != (0.0, 100.0) or row.score < CEILING
    return floor_of(row, record) < abs(row.score) < CEILING


def _compare(rows: Sequence[Row], marks: MarksOf) -> tuple[Float[np.ndarray, "k k"], Float[np.ndarray, "k k"]]:
    """Return the actual and the expected differences of each pair of rows of one benchmark."""
    size = len(rows)
    all_marks = [marks(row) for row in rows]
    scores = np.array([row.score for row in rows])
    validation = np.array([math.nan if row.validation is None else row.validation for row in rows])
    # Without marks, two scores that are equal to the last digit agree.
    weight = np.array([_surprise(row, row.score, row.n_test) for row in rows])
    weight_of_validation = np.array(
        [0.0 if row.validation is None else _surprise(row, row.validation, row.n_test // 4) for row in rows]
    )
    equal = (scores[:, None] == scores) & ((validation[:, None] == validation) | np.isnan(validation[:, None]))
    actual = np.where(equal, 0.0, np.inf)
    total = weight + weight_of_validation
    expected = np.minimum(total[:, None], total)
    having = [i for i in range(size) if all_marks[i] is not None]
    if len(having) > 1:
        place = np.ix_(having, having)
        actual[place], expected[place] = _compare_marks(np.stack([m for m in all_marks if m is not None]))
    return actual, expected


def _compare_marks(table: Bool[np.ndarray, "k n"]) -> tuple[Float[np.ndarray, "k k"], float]:
    """Return the number of different marks of each pair, and the number that is expected.

    The probability that a clip is right is estimated from all different patterns of marks. Two additional patterns with
    the mean accuracy keep it from 0 and 1.
    """
    patterns = np.unique(np.packbits(table, axis=1), axis=0)
    unique = np.unpackbits(patterns, axis=1)[:, : table.shape[1]]
    right = (unique.sum(axis=0) + 2 * unique.mean()) / (len(unique) + 2)
    common = np.zeros((len(table), len(table)))
    for first in range(0, table.shape[1], _BLOCK):
        block = table[:, first : first + _BLOCK].astype(np.float32)
        common += block @ block.T
    each = common.diagonal()
    return each[:, None] + each - 2 * common, float(np.sum(2 * right * (1 - right)))


def _surprise(row: Row, value: float, examples: int) -> float:
    """Return minus the logarithm of the probability that an independent score has the same value."""
    low, high = range_of(row.metric)
    is_share = (low, high) == (0.0, 100.0) and examples > 0
    if is_share and row.metric in MEAN_OF_MARKS:
        share = min(max(value / 100, 0.0), 1.0)
        spread = math.sqrt(examples * share * (1 - share))
        return max(0.0, math.log(2 * math.sqrt(math.pi) * spread)) if spread else 0.0
    has_many_digits = len(f"{value:.12g}".strip("-0.").replace(".", "")) >= _DIGITS
    return _REAL if has_many_digits else 0.0
