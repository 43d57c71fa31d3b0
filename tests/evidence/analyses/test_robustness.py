"""Drops and robustness of a study, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.analyses.robustness import by_kind, compare_robustness, conditions, relative_drop
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.rows import Control, Row


def row(variant: str, seed: int, clean: float, parts: dict[str, float], control: Control | None = None) -> Row:
    values = [value for name, value in parts.items() if ":" not in name]
    return Row(
        run="r",
        variant=variant,
        regime="world",
        seed=seed,
        control=control,
        benchmark="world_order_corrupted",
        benchmark_hash="b",
        protocol="p",
        protocol_hash="p",
        score=float(np.mean(values)),
        n_test=100,
        n_classes=8,
        parts={"clean": clean, "relative_drop": 0.0} | parts,
    )


def test_conditions_are_the_parts_of_one_severity() -> None:
    scored = row("a", 0, 50, {"noise-1": 40.0, "noise-3": 20.0, "blur-1": 10.0, "reverse-5:reversed": 99.0})
    assert conditions(scored) == {"noise-1": 40, "noise-3": 20, "blur-1": 10}
    assert by_kind(scored) == pytest.approx({"mean": 70 / 3, "noise": 30, "blur": 10})
    assert conditions(scored.model_copy(update={"parts": {"noise-1": 3.0}})) == {}, "no clean accuracy"


def test_a_drop_is_relative_to_the_clean_accuracy() -> None:
    assert relative_drop(50.0, 40.0) == 20 and relative_drop(40.0, 50.0) == -25
    with pytest.raises(ComparisonError, match="above 0 in domain"):
        relative_drop(0.0, 0.0)


def test_the_record_of_a_study() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for k, name in enumerate(["baseline", "ld", "fwm"]):
        for seed in range(4):
            clean = 30 + 10 * k + rng.normal(0, 1)
            rows.append(row(name, seed, clean, {"noise-1": 0.8 * clean, "blur-1": clean / 2, "x-1:original": 1.0}))
    rows += [row("baseline", s, 20, {"noise-1": 15.0, "blur-1": 12.0}, control="random_init") for s in range(4)]
    rows.append(row("majority", 0, 12, {"noise-1": 12.0}, control="majority"))
    rows.append(rows[0].model_copy(update={"benchmark": "world_order", "parts": {}}))
    (record,) = compare_robustness(rows, "baseline")
    assert record.benchmark == "world_order_corrupted" and record.kinds == ("mean", "noise", "blur")
    assert [(line.name, line.control) for line in record.lines] == [
        ("baseline", None),
        ("ld", None),
        ("fwm", None),
        ("random_init", "random_init"),
    ]
    baseline, ld, *_ = record.lines
    assert baseline.drop_effect is None and baseline.drop.value == pytest.approx(35)
    assert ld.drop_effect is not None and ld.drop_effect.mean == pytest.approx(0, abs=1e-9)
    assert ld.drop_effect.n == 4 and len(ld.points) == 4
    assert ld.kinds["noise"] == pytest.approx(0.8 * ld.clean.value)
    assert [(s.kind, s.tau, s.variants) for s in record.stability] == [(k, 1, 3) for k in record.kinds]
    assert record.fit is not None and ld.effective is not None
    (few,) = compare_robustness(rows[:4], "baseline")
    assert few.stability == () and compare_robustness([], "baseline") == []
    assert [line.above_chance for line in record.lines] == [True, True, True, False], "20 % of 50 clips, chance 12.5 %"
    (chance,) = compare_robustness(
        [row("baseline", s, 13.0, {"noise-1": 12.5, "blur-1": 13.0}) for s in range(3)], "baseline"
    )
    assert not chance.lines[0].above_chance and abs(chance.lines[0].drop.value) < 3, "at chance there is little to lose"
    assert compare_robustness([rows[0]], "")[0].fit is None, "one encoder is too few for a line"
