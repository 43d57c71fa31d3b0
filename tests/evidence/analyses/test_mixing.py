"""Mixed pretraining regimes against single ones, on scores with known answers."""

from __future__ import annotations

import pytest

from auxjepa.evidence.analyses.mixing import ALL, WORST, compare_mixed
from auxjepa.evidence.analyses.transfer import TransferTable
from auxjepa.evidence.statistics.intervals import t_interval
from planted_transfer import BENCHMARKS, VARIANTS, planted_table


def test_mixing_against_the_oracle_and_the_mean() -> None:
    mixings = {(m.variant, m.opponent): m for m in compare_mixed(planted_table(noise=0), ["mixed"])}
    assert set(mixings) == {(v, a) for v in VARIANTS for a in ("best single", "mean single")}
    best = mixings["ld", "best single"]
    assert [e.benchmark for e in best.effects] == [*BENCHMARKS, ALL, WORST]
    assert [e.mean for e in best.effects] == pytest.approx([-5, -5, 6, -4 / 3, 10 - 4]), "the oracle changes the regime"
    assert best.singles == ("motion", "order", "motion", "", "order")
    mean = mixings["ld", "mean single"]
    assert [e.mean for e in mean.effects] == pytest.approx([5, 10, 6, 7, 10 - (4 - 3) / 2])
    assert mean.singles == ("",) * 5 and mean.effects[0].reference == "ld on mean single"
    assert {e.comparisons for m in mixings.values() for e in m.effects} == {10}, "one family for each of the two"


def test_mixing_with_one_single_regime_is_one_comparison() -> None:
    table = planted_table()
    indices = [i for i, e in enumerate(table.encoders) if e.regime != "order"]
    two = TransferTable(tuple(table.encoders[i] for i in indices), table.seeds, BENCHMARKS, table.scores[indices], None)
    mixings = compare_mixed(two, ["mixed"])
    assert [(m.variant, m.opponent) for m in mixings] == [("baseline", "best single"), ("ld", "best single")]
    assert mixings[0].singles == ("motion",) * 4 and mixings[0].effects[-1].benchmark == ALL, (
        "no worst domain without random init"
    )
    assert compare_mixed(two, []) == () and compare_mixed(two, ["mixed", "motion"]) == ()
    assert mixings[0].effects[0].interval == t_interval(mixings[0].effects[0].differences)


def test_the_offset_of_a_seed_cancels_in_paired_differences() -> None:
    (first, *_) = compare_mixed(planted_table(noise=0.1), ["mixed"])
    assert first.effects[0].sd is not None and first.effects[0].sd < 0.5, "the seed alone changes scores by 3 points"
