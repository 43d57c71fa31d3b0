"""The transfer matrix: what belongs in it, and that a gap is told and not passed over."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.effects import ComparisonError, ProtocolMismatch
from auxjepa.evidence.transfer import Encoder, Table, gains, gather, mixed_regimes, ranks, recognition, tabulate, worst

SINGLE, MIXED = Encoder("single", "ld"), Encoder("mixed", "ld")


def matrix(make_row, scores: dict[Encoder, dict[str, list[float]]], untrained: dict[str, list[float]] | None = None):
    rows = []
    for encoder, own in scores.items():
        for benchmark, values in own.items():
            for seed, score in enumerate(values):
                rows.append(make_row(encoder.variant, seed, score, regime=encoder.regime, benchmark=benchmark))
    for benchmark, values in (untrained or {}).items():
        for seed, score in enumerate(values):
            rows.append(
                make_row("random_init", seed, score, control="random_init", regime="single", benchmark=benchmark)
            )
    return rows


def test_the_table_holds_every_score_in_its_place(make_row) -> None:
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
    np.testing.assert_array_equal(table.untrained, [[[5, 7], [6, 8]]] * 2, "one regime's stands in for the other's")
    np.testing.assert_array_equal(worst(table), [[5, 14], [45, 54]])
    assert gains(table)[1, 1].tolist() == [54, 72]


def test_a_regimes_own_random_init_encoder_comes_first(make_row) -> None:
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
        worst(tabulate(rows[:2]))
    with pytest.raises(ComparisonError, match="no encoder has a score"):
        tabulate([])


def test_a_random_init_score_short_there_are_no_gains(make_row) -> None:
    table = tabulate(matrix(make_row, {SINGLE: {"a": [1, 2]}, MIXED: {"a": [1, 2]}}, {"a": [1]}))
    assert table.untrained is None


def test_scores_measured_in_two_ways_or_twice_are_refused(make_row) -> None:
    rows = matrix(make_row, {SINGLE: {"a": [10]}, MIXED: {"a": [50]}})
    with pytest.raises(ProtocolMismatch, match="different benchmark"):
        gather([rows[0], rows[1].model_copy(update={"benchmark_hash": "other"})])
    with pytest.raises(ComparisonError, match="ld on single has two scores for seed 0 on a"):
        gather([*rows, rows[0]])


def test_ranks_share_places_and_average_over_benchmarks() -> None:
    scores = np.array([[[10.0, 1.0]], [[30.0, 1.0]], [[30.0, 2.0]]])
    np.testing.assert_array_equal(ranks(scores), [[(3 + 2.5) / 2], [(1.5 + 2.5) / 2], [(1.5 + 1) / 2]])
    assert ranks(np.full((4, 2, 3), 0.1) + 1e-12 * np.arange(4)[:, None, None]).tolist() == [[2.5, 2.5]] * 4


def test_which_regimes_mix() -> None:
    regimes = {
        "one": {"source": "ucf101"},
        "parts": {"source": "world", "mixture": {"world:motion": {}, "world:order": {}}},
        "alone": {"source": "world", "mixture": {"world:motion": {}}},
        "world": {"source": "world", "mixture": None},
        "damaged": "text",
    }
    assert mixed_regimes(regimes) == ["parts", "world"]


def test_only_accuracies_over_classes_are_recognition(make_row) -> None:
    assert recognition(make_row())
    assert not recognition(make_row(metric="points")) and not recognition(make_row(n_classes=1))


def test_places_of_a_table() -> None:
    table = Table((SINGLE, MIXED), (3, 5), ("a",), np.zeros((2, 2, 1)), None)
    assert table.of(MIXED) == 1 and table.by_seed(np.array([1.0, 2.0])) == {3: 1.0, 5: 2.0}
