"""Ranks, worst domains, best regimes and mixing, on scores with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.analyses.domains import best_regimes, compare_domains, standings
from auxjepa.evidence.analyses.mixing import ALL
from auxjepa.evidence.analyses.transfer import Encoder, TransferTable
from auxjepa.evidence.statistics.intervals import mean_estimate, t_interval
from auxjepa.evidence.statistics.records import ComparisonError
from planted_transfer import BENCHMARKS, REGIMES, planted_table


def test_standings_of_exact_scores() -> None:
    by_encoder = {s.encoder: s for s in standings(planted_table(noise=0), Encoder("motion", "baseline"))}
    # ld on mixed: second on direction (57 against 62, 60), third on events, first on looks
    mixed = by_encoder[Encoder("mixed", "ld")]
    assert mixed.rank.value == pytest.approx((3 + 3 + 1) / 3) and mixed.rank.interval is None, "no spread"
    assert mixed.worst is not None and mixed.worst.value == pytest.approx(10) and mixed.worst_on == {"looks": 6}
    motion = by_encoder[Encoder("motion", "baseline")]
    assert motion.worst is not None and motion.worst.value == pytest.approx(-5) and motion.worst_effect is None
    effect = mixed.worst_effect
    assert effect is not None and effect.mean == pytest.approx(15) and effect.reference == "baseline on motion"
    assert effect.comparisons == 5 and effect.p == pytest.approx(2 / 2**6)
    assert sum(s.rank.value for s in by_encoder.values()) == pytest.approx(6 * 3.5)


def test_the_first_is_first_in_every_resample_and_ties_share_the_place() -> None:
    ranked = standings(planted_table(noise=0), Encoder("motion", "baseline"))
    best = min(s.rank.value for s in ranked)
    assert [s.first == 1.0 for s in ranked] == [abs(s.rank.value - best) < 1e-9 for s in ranked]
    encoders = tuple(Encoder(r, "ld") for r in REGIMES)
    equal = TransferTable(encoders, tuple(range(5)), ("a", "b"), np.ones((3, 5, 2)), None)
    assert [(s.rank.value, s.first, s.worst) for s in standings(equal, encoders[0])] == [(2.0, 1.0, None)] * 3
    few = TransferTable(encoders, (0, 1), ("a", "b"), np.ones((3, 2, 2)), None)
    assert [(s.first, s.first_by_chance) for s in standings(few, encoders[0])] == [(None, None)] * 3


def test_the_first_share_comes_with_that_of_equal_encoders() -> None:
    table = TransferTable(
        tuple(Encoder("r", v) for v in "abcd"),
        tuple(range(5)),
        ("a", "b"),
        np.random.default_rng(4).random((4, 5, 2)),
        None,
    )
    by_chance = standings(table, table.encoders[0])[0].first_by_chance
    assert by_chance is not None and 0.5 < by_chance < 0.9, "far above 1 in 4"


def test_ranks_that_depend_on_the_seed_have_wide_intervals() -> None:
    rng = np.random.default_rng(1)
    table = TransferTable(
        tuple(Encoder("r", v) for v in "abcd"), tuple(range(6)), ("a", "b"), rng.normal(0, 1, (4, 6, 2)), None
    )
    loose = [s.rank.interval for s in standings(table, table.encoders[0])]
    assert all(i is not None and i[1] - i[0] > 0.5 for i in loose)
    assert loose == [s.rank.interval for s in standings(table, table.encoders[0])], "the same bits each time"
    (alone, *_) = standings(
        TransferTable(table.encoders, (0,), ("a", "b"), table.scores[:, :1], None), table.encoders[0]
    )
    assert alone.rank.interval is None and alone.first is None


def test_the_best_regime_on_each_benchmark() -> None:
    bests = {best.benchmark: best for best in best_regimes(planted_table(noise=0))}
    assert {name: best.regime for name, best in bests.items()} == {
        "direction": "motion",
        "events": "order",
        "looks": "mixed",
    }
    assert bests["direction"].ahead.mean == pytest.approx(5) and bests["direction"].ahead.reference == "mixed"
    assert bests["looks"].share == 1.0
    table = planted_table()
    assert best_regimes(TransferTable(table.encoders[:2], table.seeds, BENCHMARKS, table.scores[:2], None)) == ()
    incomplete = TransferTable(table.encoders[:-1], table.seeds, BENCHMARKS, table.scores[:-1], None)
    with pytest.raises(ComparisonError, match="ld on mixed missing"):
        best_regimes(incomplete)
    coin = np.random.default_rng(3).normal(0, 1, (2, 8, 1))
    coin -= coin.mean(axis=1, keepdims=True)
    (even,) = best_regimes(TransferTable((Encoder("a", "v"), Encoder("b", "v")), tuple(range(8)), ("x",), coin, None))
    assert even.share is not None and 0.3 < even.share < 0.7


def study(make_row, seeds: int = 3) -> list:
    table, rows = planted_table(seeds), []
    for i, encoder in enumerate(table.encoders):
        for j, seed in enumerate(table.seeds):
            for k, benchmark in enumerate(BENCHMARKS):
                place = {"regime": encoder.regime, "benchmark": benchmark, "benchmark_hash": benchmark}
                rows.append(make_row(encoder.variant, seed, float(table.scores[i, j, k]), **place))
                if encoder.variant == "ld" and table.untrained is not None:
                    score = float(table.untrained[i, j, k])
                    rows.append(make_row("random_init", seed, score, control="random_init", **place))
    return rows


def test_the_record_of_a_study(make_row) -> None:
    rows = study(make_row)
    domains = compare_domains(rows, "baseline", ["mixed"])
    assert domains is not None and domains.refusals == () and domains.reference == Encoder("motion", "baseline")
    assert len(domains.standings) == 6 and len(domains.bests) == 3 and len(domains.mixings) == 4
    assert domains.cells is not None and domains.untrained is not None
    cell = domains.cells[Encoder("order", "ld"), "events"]
    scores = [r.score for r in rows if (r.regime, r.variant, r.benchmark) == ("order", "ld", "events")]
    assert cell == mean_estimate(scores) and cell is not None and cell.interval == t_interval(scores)
    assert set(domains.untrained) == set(BENCHMARKS)
    assert compare_domains(rows, "ld", ["mixed", "motion"]).reference == Encoder("order", "ld")  # type: ignore[union-attr]


def test_one_regime_or_one_benchmark_has_no_compare_domains(make_row) -> None:
    rows = study(make_row)
    assert compare_domains([r for r in rows if r.regime == "mixed"]) is None
    assert compare_domains([r for r in rows if r.benchmark == "looks"]) is None
    assert compare_domains([]) is None


def test_a_gap_leaves_the_matrix_and_a_refusal(make_row) -> None:
    rows = [r for r in study(make_row) if (r.variant, r.regime, r.benchmark) != ("ld", "mixed", "looks")]
    domains = compare_domains(rows, "baseline", ["mixed"])
    assert domains is not None and (domains.standings, domains.bests, domains.mixings) == ((), (), ())
    assert domains.cells is not None and domains.cells[Encoder("mixed", "ld"), "looks"] is None
    assert "3 of 54 scores are missing: ld on mixed seed 100 on looks" in domains.refusals[0]


def test_scores_of_two_protocols_leave_a_refusal_alone(make_row) -> None:
    rows = study(make_row)
    rows[0] = rows[0].model_copy(update={"protocol_hash": "other"})
    domains = compare_domains(rows, "baseline", ["mixed"])
    assert domains is not None and domains.cells is None and "different protocol" in domains.refusals[0]


def test_without_random_init_there_is_no_worst_domain(make_row) -> None:
    domains = compare_domains([r for r in study(make_row) if r.control is None], "baseline", ["mixed"])
    assert domains is not None and all(s.worst is None for s in domains.standings) and len(domains.bests) == 3
    assert domains.refusals == ("worst domains need the random-init encoder's score of every seed and benchmark",)
    assert all(m.effects[-1].benchmark == ALL for m in domains.mixings)
