"""The transfer table: its rows and columns, and missing scores."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.analyses.transfer import (
    Encoder,
    TransferTable,
    gains,
    is_recognition,
    mean_ranks,
    mixed_regimes,
    scores_by_encoder,
    tabulate,
    worst_gains,
)
from auxjepa.evidence.statistics.records import ComparisonError, ProtocolMismatch

SINGLE, MIXED = Encoder("single", "ld"), Encoder("mixed", "ld")


def matrix(make_row, scores: dict[Encoder, dict[str, list[float]]], untrained: dict[str, list[float]] | None = None):
    rows = []
    for encoder, by_benchmark in scores.items():
        for benchmark, values in by_benchmark.items():
            for seed, score in enumerate(values):
                rows.append(make_row(encoder.variant, seed, score, regime=encoder.regime, benchmark=benchmark))
    for benchmark, values in (untrained or {}).items():
        for seed, score in enumerate(values):
            rows.append(
                make_row("random_init", seed, score, control="random_init", regime="single", benchmark=benchmark)
            )
    return rows


def test_the_table_has_every_score_in_its_cell(make_row) -> None:
    rows = matrix(
        make_row,
        {SINGLE: {"a": [10, 20], "b": [30, 40]}, MIXED: {"a": [50, 60], "b": [70, 80]}},
        {"a": [5, 6], "b": [7, 8]},
    )
    rows.append(make_row("majority", 0, 1.0, control="majority", regime="single", benchmark="a"))
    rows.append(make_row("ld", 0, 3.0, regime="single", benchmark="c", metric="points"))
    table = tabulate(rows)
    assert (table.encoders, table.seeds, table.benchmarks) == ((SINGLE, MIXED), (0, 1), ("a", "b"))
    np.testing.assert_array_equal(table.scores, [[[10, 30], [20, 40]], [[50, 70], [60, 80]]])
    assert table.untrained is not None
    np.testing.assert_array_equal(
        table.untrained, [[[5, 7], [6, 8]]] * 2, "the score of one regime is used for the other"
    )
    np.testing.assert_array_equal(worst_gains(table), [[5, 14], [45, 54]])
    assert gains(table)[1, 1].tolist() == [54, 72]


def test_the_random_init_encoder_of_the_same_regime_comes_first(make_row) -> None:
    rows = matrix(make_row, {SINGLE: {"a": [10]}, MIXED: {"a": [50]}}, {"a": [5]})
    rows.append(make_row("random_init", 0, 9.0, control="random_init", regime="mixed", benchmark="a"))
    table = tabulate(rows)
    assert table.untrained is not None and table.untrained.ravel().tolist() == [5, 9]


def test_a_missing_score_is_named(make_row) -> None:
    rows = matrix(make_row, {SINGLE: {"a": [10, 20], "b": [30, 40]}, MIXED: {"a": [50, 60], "b": [70]}})
    with pytest.raises(ComparisonError, match=r"^1 of 8 scores are missing: ld on mixed seed 1 on b$"):
        tabulate(rows)
    with pytest.raises(
        ComparisonError, match="3 of 8 scores are missing: ld on mixed seed 0 on b; ld on mixed seed 1 on"
    ):
        tabulate(rows[:5])
    six = matrix(make_row, {SINGLE: {"a": [1] * 6, "b": [1] * 6}, MIXED: {"a": [1]}})
    with pytest.raises(ComparisonError, match=r"11 of 24 scores are missing: .*; and 7 more"):
        tabulate(six)
    with pytest.raises(ComparisonError, match="random-init encoder's score"):
        worst_gains(tabulate(rows[:2]))
    with pytest.raises(ComparisonError, match="no encoder has a score"):
        tabulate([])


def test_without_a_random_init_score_there_are_no_gains(make_row) -> None:
    table = tabulate(matrix(make_row, {SINGLE: {"a": [1, 2]}, MIXED: {"a": [1, 2]}}, {"a": [1]}))
    assert table.untrained is None


def test_double_scores_and_different_benchmarks_are_refused(make_row) -> None:
    rows = matrix(make_row, {SINGLE: {"a": [10]}, MIXED: {"a": [50]}})
    with pytest.raises(ProtocolMismatch, match="different benchmark"):
        scores_by_encoder([rows[0], rows[1].model_copy(update={"benchmark_hash": "other"})])
    with pytest.raises(ComparisonError, match="ld on single has two scores for seed 0 on a"):
        scores_by_encoder([*rows, rows[0]])


def test_ranks_are_shared_by_ties_and_averaged_over_benchmarks() -> None:
    scores = np.array([[[10.0, 1.0]], [[30.0, 1.0]], [[30.0, 2.0]]])
    np.testing.assert_array_equal(mean_ranks(scores), [[(3 + 2.5) / 2], [(1.5 + 2.5) / 2], [(1.5 + 1) / 2]])
    assert mean_ranks(np.full((4, 2, 3), 0.1) + 1e-12 * np.arange(4)[:, None, None]).tolist() == [[2.5, 2.5]] * 4


def test_mixed_regimes() -> None:
    regimes = {
        "one": {"source": "ucf101"},
        "parts": {"source": "world", "mixture": {"world:motion": {}, "world:order": {}}},
        "alone": {"source": "world", "mixture": {"world:motion": {}}},
        "world": {"source": "world", "mixture": None},
        "damaged": "text",
    }
    assert mixed_regimes(regimes) == ["parts", "world"]


def test_only_accuracies_over_classes_are_is_recognition(make_row) -> None:
    assert is_recognition(make_row())
    assert not is_recognition(make_row(metric="points")) and not is_recognition(make_row(n_classes=1))


def test_indices_of_a_table() -> None:
    table = TransferTable((SINGLE, MIXED), (3, 5), ("a",), np.zeros((2, 2, 1)), None)
    assert table.index(MIXED) == 1 and table.by_seed(np.array([1.0, 2.0])) == {3: 1.0, 5: 2.0}
