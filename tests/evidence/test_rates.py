"""Simulations in docs/evidence/rates.py: a tiny version of each scenario, and the parts that count and write."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "evidence"


@pytest.fixture
def load_script(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    return importlib.import_module


@pytest.fixture
def rates(load_script) -> ModuleType:
    return load_script("rates")


SCENARIOS = ["families", "collapse", "copies", "deletions", "looks", "ledger", "single_seeds"]
SCENARIOS += ["power", "screens", "coverage", "exaggeration", "grades"]


def test_all_scenarios_are_tested(rates):
    assert list(rates.SCENARIOS) == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_yields_rates_with_a_target(rates, scenario):
    measured = list(rates.measure(0.0, [scenario]))
    assert len({rate.id for rate in measured}) == len(measured) > 0
    assert all(rate.target and rate.text for rate in measured)
    assert all(rate.studies > 0 or rate.note for rate in measured)
    assert all(0 <= rate.value <= 100 for rate in measured if rate.value is not None and rate.unit == "%")


def test_simulated_marks_have_the_share_of_the_score(load_script):
    studies, normal = load_script("rates_studies"), load_script("rates_scores").normal
    rng = np.random.default_rng(0)
    scores = {"v0": normal(rng, 3), "baseline": normal(rng, 3)}
    study = studies.make_study(scores, [("v0", "above", "baseline", 0)], rng, copied=["v0"])
    assert all(abs(100 * study.correct(row).mean() - row.score) < 1e-9 for row in study.rows)
    copies = [study.correct(row) for row in study.rows if row.variant == "v0"]
    assert all((marks == copies[0]).all() for marks in copies)


def test_sentences_that_deny_a_difference_are_not_counted(load_script):
    count = load_script("rates_estimates").count_claims
    assert count("**v1** scores higher than baseline on a (+1.0 [+0.1, +1.9]).") == 1
    assert count("No variant scores higher than baseline.") == 0
    assert count("A: 2 of 17 variants score higher than baseline: v1, v2; 1 of 17 variants score lower: v3.") == 2


def test_a_share_of_zero_still_has_an_error(load_script):
    rate = load_script("rates_table").share("a/b", "text", "0 %", [False] * 98)
    assert rate.value == 0
    assert 0.9 < rate.error < 1.1


def test_written_rates_are_read_again_and_appear_in_the_table(load_script, tmp_path):
    module = load_script("rates_table")
    rate = module.share("group/name", "what was counted", "at most 5 %", [True, False])
    module.write_rates(tmp_path / "rates.json", {rate.id: rate})
    again = module.read_rates(tmp_path / "rates.json")
    assert again[rate.id].value == 50.0
    assert "| what was counted | 50.0 ± 35.4 % | not measured | at most 5 % | 2 |" in module.table(again, {})
