"""Ranks, worst domains, best regimes and mixing, on scores with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.domains import best_regimes, compare_domains, standings
from auxjepa.evidence.intervals import mean_estimate, t_interval
from auxjepa.evidence.mixing import ALL, WORST, compare_mixed
from auxjepa.evidence.records import ComparisonError
from auxjepa.evidence.transfer import Encoder, TransferTable

REGIMES, VARIANTS, BENCHMARKS = ("motion", "order", "mixed"), ("baseline", "ld"), ("direction", "events", "looks")
MEANS = {  # on direction, events, looks
    "motion": (60.0, 20.0, 30.0),
    "order": (40.0, 50.0, 30.0),
    "mixed": (55.0, 45.0, 36.0),
}
UNTRAINED = (35.0, 25.0, 28.0)


def known_table(seeds: int = 6, noise: float = 0.5, untrained: bool = True) -> TransferTable:
    """Return scores as in ``MEANS``, with ld 2 points above baseline, one offset a seed and a little noise."""
    rng = np.random.default_rng(0)
    encoders = tuple(Encoder(r, v) for r in REGIMES for v in VARIANTS)
    luck = rng.normal(0, 3, (seeds, len(BENCHMARKS)))
    jitter = rng.normal(0, noise, (len(encoders), seeds, len(BENCHMARKS))) if noise else 0.0
    base = (
        np.array([MEANS[e.regime] for e in encoders]) + 2.0 * np.array([e.variant == "ld" for e in encoders])[:, None]
    )
    anchor = np.broadcast_to(np.array(UNTRAINED) + luck, (len(encoders), seeds, len(BENCHMARKS)))
    scores = base[:, None] + luck + jitter
    return TransferTable(encoders, tuple(range(100, 100 + seeds)), BENCHMARKS, scores, anchor if untrained else None)


def test_standings_of_exact_scores() -> None:
    by_encoder = {s.encoder: s for s in standings(known_table(noise=0), Encoder("motion", "baseline"))}
    # ld on mixed: second on direction (57 against 62, 60), third on events, first on looks
    mixed = by_encoder[Encoder("mixed", "ld")]
    assert mixed.rank.value == pytest.approx((3 + 3 + 1) / 3) and mixed.rank.interval == pytest.approx((7 / 3, 7 / 3))
    assert mixed.worst is not None and mixed.worst.value == pytest.approx(10) and mixed.worst_on == {"looks": 6}
    motion = by_encoder[Encoder("motion", "baseline")]
    assert motion.worst is not None and motion.worst.value == pytest.approx(-5) and motion.worst_effect is None
    effect = mixed.worst_effect
    assert effect is not None and effect.mean == pytest.approx(15) and effect.reference == "baseline on motion"
    assert effect.comparisons == 5 and effect.p == pytest.approx(2 / 2**6)
    assert sum(s.rank.value for s in by_encoder.values()) == pytest.approx(6 * 3.5)


def test_the_first_is_first_in_every_resample_and_ties_share_the_place() -> None:
    found = standings(known_table(noise=0), Encoder("motion", "baseline"))
    best = min(s.rank.value for s in found)
    assert [s.first == 1.0 for s in found] == [abs(s.rank.value - best) < 1e-9 for s in found]
    equal = TransferTable(tuple(Encoder(r, "ld") for r in REGIMES), (0, 1), ("a", "b"), np.ones((3, 2, 2)), None)
    assert [(s.rank.value, s.first, s.worst) for s in standings(equal, equal.encoders[0])] == [(2.0, 1.0, None)] * 3


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
    found = {best.benchmark: best for best in best_regimes(known_table(noise=0))}
    assert {name: best.regime for name, best in found.items()} == {
        "direction": "motion",
        "events": "order",
        "looks": "mixed",
    }
    assert found["direction"].ahead.mean == pytest.approx(5) and found["direction"].ahead.reference == "mixed"
    assert found["looks"].share == 1.0
    table = known_table()
    assert best_regimes(TransferTable(table.encoders[:2], table.seeds, BENCHMARKS, table.scores[:2], None)) == ()
    incomplete = TransferTable(table.encoders[:-1], table.seeds, BENCHMARKS, table.scores[:-1], None)
    with pytest.raises(ComparisonError, match="ld on mixed missing"):
        best_regimes(incomplete)
    coin = np.random.default_rng(3).normal(0, 1, (2, 8, 1))
    coin -= coin.mean(axis=1, keepdims=True)
    (even,) = best_regimes(TransferTable((Encoder("a", "v"), Encoder("b", "v")), tuple(range(8)), ("x",), coin, None))
    assert even.share is not None and 0.3 < even.share < 0.7


def test_mixing_against_the_oracle_and_the_mean() -> None:
    found = {(m.variant, m.opponent): m for m in compare_mixed(known_table(noise=0), ["mixed"])}
    assert set(found) == {(v, a) for v in VARIANTS for a in ("best single", "mean single")}
    best = found["ld", "best single"]
    assert [e.benchmark for e in best.effects] == [*BENCHMARKS, ALL, WORST]
    assert [e.mean for e in best.effects] == pytest.approx([-5, -5, 6, -4 / 3, 10 - 4]), "the oracle changes the regime"
    assert best.singles == ("motion", "order", "motion", "", "order")
    mean = found["ld", "mean single"]
    assert [e.mean for e in mean.effects] == pytest.approx([5, 10, 6, 7, 10 - (4 - 3) / 2])
    assert mean.singles == ("",) * 5 and mean.effects[0].reference == "ld on mean single"
    assert {e.comparisons for m in found.values() for e in m.effects} == {10}, "one family for each of the two"


def test_mixing_with_one_single_regime_is_one_comparison() -> None:
    table = known_table()
    indices = [i for i, e in enumerate(table.encoders) if e.regime != "order"]
    two = TransferTable(tuple(table.encoders[i] for i in indices), table.seeds, BENCHMARKS, table.scores[indices], None)
    found = compare_mixed(two, ["mixed"])
    assert [(m.variant, m.opponent) for m in found] == [("baseline", "best single"), ("ld", "best single")]
    assert found[0].singles == ("motion",) * 4 and found[0].effects[-1].benchmark == ALL, (
        "no worst domain without random init"
    )
    assert compare_mixed(two, []) == () and compare_mixed(two, ["mixed", "motion"]) == ()
    assert found[0].effects[0].interval == t_interval(found[0].effects[0].differences)


def test_the_offset_of_a_seed_cancels_in_paired_differences() -> None:
    (first, *_) = compare_mixed(known_table(noise=0.1), ["mixed"])
    assert first.effects[0].sd is not None and first.effects[0].sd < 0.5, "the seed alone changes scores by 3 points"


def study(make_row, seeds: int = 3) -> list:
    table, rows = known_table(seeds), []
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
    found = compare_domains(rows, "baseline", ["mixed"])
    assert found is not None and found.refusals == () and found.reference == Encoder("motion", "baseline")
    assert len(found.standings) == 6 and len(found.bests) == 3 and len(found.mixings) == 4
    assert found.cells is not None and found.untrained is not None
    cell = found.cells[Encoder("order", "ld"), "events"]
    scores = [r.score for r in rows if (r.regime, r.variant, r.benchmark) == ("order", "ld", "events")]
    assert cell == mean_estimate(scores) and cell is not None and cell.interval == t_interval(scores)
    assert set(found.untrained) == set(BENCHMARKS)
    assert compare_domains(rows, "ld", ["mixed", "motion"]).reference == Encoder("order", "ld")  # type: ignore[union-attr]


def test_one_regime_or_one_benchmark_has_no_compare_domains(make_row) -> None:
    rows = study(make_row)
    assert compare_domains([r for r in rows if r.regime == "mixed"]) is None
    assert compare_domains([r for r in rows if r.benchmark == "looks"]) is None
    assert compare_domains([]) is None


def test_a_gap_leaves_the_matrix_and_a_refusal(make_row) -> None:
    rows = [r for r in study(make_row) if (r.variant, r.regime, r.benchmark) != ("ld", "mixed", "looks")]
    found = compare_domains(rows, "baseline", ["mixed"])
    assert found is not None and (found.standings, found.bests, found.mixings) == ((), (), ())
    assert found.cells is not None and found.cells[Encoder("mixed", "ld"), "looks"] is None
    assert "3 of 54 scores are missing: ld on mixed seed 100 on looks" in found.refusals[0]


def test_scores_of_two_protocols_leave_a_refusal_alone(make_row) -> None:
    rows = study(make_row)
    rows[0] = rows[0].model_copy(update={"protocol_hash": "other"})
    found = compare_domains(rows, "baseline", ["mixed"])
    assert found is not None and found.cells is None and "different protocol" in found.refusals[0]


def test_without_random_init_there_is_no_worst_domain(make_row) -> None:
    found = compare_domains([r for r in study(make_row) if r.control is None], "baseline", ["mixed"])
    assert found is not None and all(s.worst is None for s in found.standings) and len(found.bests) == 3
    assert found.refusals == ("worst domains need the random-init encoder's score of every seed and benchmark",)
    assert all(m.effects[-1].benchmark == ALL for m in found.mixings)
