from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from auxjepa.evidence.statistics.factorial import designs, factorial
from auxjepa.evidence.statistics.records import ComparisonError
from auxjepa.evidence.statistics.significance import holm, sign_flip_p

FACTORS = ("FWM", "HW", "LD")


def full(seeds: int = 6, planted: dict[frozenset[str], float] | None = None, noise: float = 1.0, seed: int = 0):
    """Scores of all eight cells; ``planted`` contrasts are added in +-1 coding."""
    rng = np.random.default_rng(seed)
    base = rng.normal(50, 5, seeds)
    cells = {}
    for on in product((False, True), repeat=3):
        cell = frozenset(f for f, is_on in zip(FACTORS, on, strict=True) if is_on)
        lift = sum(size / 2 * (-1) ** len(factors - cell) for factors, size in (planted or {}).items())
        cells[cell] = dict(enumerate((base + lift + noise * rng.normal(size=seeds)).tolist()))
    return cells


def by_name(contrasts) -> dict:
    return {contrast.name: contrast.effect for contrast in contrasts}


def test_planted_effects_come_back():
    planted = {frozenset({"LD"}): 8.0, frozenset({"FWM"}): -2.0, frozenset({"FWM", "LD"}): 3.0}
    result = by_name(factorial(full(planted=planted, noise=0.0)))
    assert list(result) == ["FWM", "HW", "LD", "FWM × HW", "FWM × LD", "HW × LD", "FWM × HW × LD"]
    expected = {"LD": 8.0, "FWM": -2.0, "FWM × LD": 3.0}
    assert {name: effect.mean for name, effect in result.items()} == pytest.approx(
        {name: expected.get(name, 0.0) for name in result}, abs=1e-9
    )


def test_two_factors_by_hand():
    cells = {(): {0: 10.0}, ("LD",): {0: 16.0}, ("FWM",): {0: 11.0}, ("LD", "FWM"): {0: 25.0}}
    result = by_name(factorial(cells))
    # LD: (16 + 25 - 10 - 11) / 2; FWM: (11 + 25 - 10 - 16) / 2; half of (25 - 11) - (16 - 10)
    assert (result["LD"].mean, result["FWM"].mean, result["FWM × LD"].mean) == (10.0, 5.0, 4.0)


def test_contrasts_are_twice_the_coefficients_of_ols():
    cells = full(seeds=5, planted={frozenset({"LD"}): 4.0})
    rows = [
        {"y": y, "seed": seed, **{f: 1 if f in cell else -1 for f in FACTORS}}
        for cell, by_seed in cells.items()
        for seed, y in by_seed.items()
    ]
    fit = smf.ols("y ~ FWM * HW * LD + C(seed)", DataFrame(rows)).fit()
    for contrast in factorial(cells):
        assert contrast.effect.mean == pytest.approx(2 * fit.params[":".join(contrast.factors)])


def test_tests_and_intervals_are_those_of_per_seed_contrasts():
    cells = full(seeds=7, planted={frozenset({"LD"}): 3.0})
    contrasts = factorial(cells)
    y = {cell: np.array(list(by_seed.values())) for cell, by_seed in cells.items()}
    ld = sum(np.where("LD" in cell, 1, -1) * values for cell, values in y.items()) / 4
    result = by_name(contrasts)["LD"]
    assert result.differences == pytest.approx(ld)
    assert result.p == sign_flip_p(ld.tolist())
    assert [c.effect.p_adjusted for c in contrasts] == pytest.approx(holm([c.effect.p for c in contrasts]))
    assert {c.effect.comparisons for c in contrasts} == {7}


def test_with_a_cell_missing_the_best_complete_part_is_used():
    cells = full()
    del cells[frozenset({"FWM", "HW"})]
    del cells[frozenset()]
    contrasts = factorial(cells)
    design = contrasts[0].design
    assert (design.varying, design.constant) == (("FWM", "HW"), ("LD",))
    assert [c.name for c in contrasts] == ["FWM", "HW", "FWM × HW"]
    y = {cell: np.array(list(by_seed.values())) for cell, by_seed in cells.items()}
    ld, fwm, hw = (frozenset({"LD", *more}) for more in ((), ("FWM",), ("HW",)))
    both = frozenset(FACTORS)
    assert contrasts[0].effect.mean == pytest.approx(np.mean(y[fwm] + y[both] - y[ld] - y[hw]) / 2)


def test_another_part_can_be_chosen():
    cells = full()
    del cells[frozenset({"FWM", "HW"})]
    assert designs(cells)[0].constant == ("LD",)
    selected = next(d for d in designs(cells) if d.varying == ("HW", "LD") and not d.constant)
    result = by_name(factorial(cells, selected))
    y = {cell: np.mean(list(by_seed.values())) for cell, by_seed in cells.items()}
    hw, ld = frozenset({"HW"}), frozenset({"LD"})
    assert result["HW × LD"].mean == pytest.approx((y[hw | ld] - y[ld] - y[hw] + y[frozenset()]) / 2)
    del cells[frozenset()]
    with pytest.raises(ComparisonError, match="contain no complete factorial of HW × LD"):
        factorial(cells, selected)


def test_only_seeds_of_every_cell_count_and_the_others_are_named():
    cells = full(seeds=5)
    cells[frozenset({"LD"})] = {0: 1.0, 1: 2.0, 3: 3.0, 9: 4.0}
    contrast = factorial(cells)[0]
    assert (contrast.design.seeds, contrast.effect.seeds, contrast.effect.unpaired) == ((0, 1, 3), (0, 1, 3), (2, 4, 9))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.floats(-20, 20))
def test_an_effect_of_the_seed_on_all_cells_cancels(seed: int, shift: float):
    cells = full(seeds=4, seed=seed)
    moved = {cell: {s: y + shift * s for s, y in by_seed.items()} for cell, by_seed in cells.items()}
    for before, after in zip(factorial(cells), factorial(moved), strict=True):
        assert after.effect.differences == pytest.approx(before.effect.differences, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31))
def test_an_inverted_factor_inverts_the_sign_of_its_contrasts(seed: int):
    cells = full(seeds=3, seed=seed)
    inverted = {cell ^ {"LD"}: by_seed for cell, by_seed in cells.items()}
    for before, after in zip(factorial(cells), factorial(inverted), strict=True):
        sign = -1 if "LD" in before.factors else 1
        assert after.effect.mean == pytest.approx(sign * before.effect.mean, abs=1e-9)


@pytest.mark.parametrize(
    "cells",
    [{}, {(): {0: 1.0}}, {(): {0: 1.0}, ("LD",): {1: 1.0}}, {("LD",): {0: 1.0}, ("FWM",): {0: 1.0}}],
)
def test_no_factorial_is_an_error(cells):
    with pytest.raises(ComparisonError, match="two cells that differ by one factor"):
        factorial(cells)


def test_a_cell_that_appears_twice_is_an_error():
    with pytest.raises(ComparisonError, match="cell of FWM × LD appears twice"):
        factorial({("LD", "FWM"): {0: 1.0}, ("FWM", "LD"): {0: 2.0}})
