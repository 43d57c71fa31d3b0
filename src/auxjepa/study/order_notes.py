"""Sentences on the controls of a benchmark that see no motion or no order, for the notes of a probe."""

from __future__ import annotations

import numpy as np

from auxjepa.benchmarks import Benchmark
from auxjepa.evidence.analyses.order_controls import compare_order_controls, order_sentences
from auxjepa.probes.fit import Score
from auxjepa.rows import Row


def describe_order_controls(
    rows: list[Row], marks: dict[str, np.ndarray | None], benchmark: Benchmark, score: Score
) -> list[str]:
    """Return a sentence on whether a benchmark can be read without motion or order; none without these controls.

    Args:
        rows: rows of an encoder and its controls on the benchmark.
        marks: marks of each row by its id.
        benchmark: the benchmark.
        score: score of the encoder.
    """
    units = {} if score.units is None else {row.benchmark: score.units for row in rows}
    capabilities: dict[str, str] = {row.benchmark: benchmark.capability for row in rows}
    compared = compare_order_controls(rows, lambda row: marks[row.id], capabilities=capabilities, units=units)
    return order_sentences(compared)
