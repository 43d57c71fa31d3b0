"""Both readings of a written study with a search: where they agree, where they disagree, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.tuning_readings import ReadEffect, Reading, study_readings
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.study_folder.folder import load
from auxjepa.evidence.study_folder.tuning import Choice
from written_tuning import write_tuned


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Results:
    """Results of a tuned study."""
    return collect_results(load(write_tuned(tmp_path_factory.mktemp("readings") / "study", write_study)))


def choice(**recipe: float) -> Choice:
    return Choice(trial=1, recipe=recipe, objective=0.5)


def read(mean: float, direction: str) -> ReadEffect:
    effect = paired_effect({0: mean}, {0: 0.0}, variant="ld", reference="baseline", benchmark="b")
    return ReadEffect("ld", effect, direction, "")


@pytest.mark.parametrize(
    ("own", "shared", "disagreement"),
    [
        (read(3.0, "up"), read(1.0, "up"), ""),
        (read(3.0, "up"), read(1.0, "unclear"), "decidedness"),
        (read(3.0, "unclear"), read(-1.0, "unclear"), "sign"),
        (read(3.0, "up"), read(-1.0, "down"), "sign"),
        (read(3.0, "up"), read(-1.0, "unclear"), "sign and decidedness"),
        (read(3.0, "up"), None, ""),
    ],
)
def test_disagreements(own: ReadEffect, shared: ReadEffect | None, disagreement: str) -> None:
    reading = Reading("ld", "Order", 1, "%", own, shared, has_equal_recipes=False)
    assert reading.disagreement == disagreement


def test_readings_of_a_study(results: Results) -> None:
    readings = study_readings(results, {"baseline": choice(lr=1.0), "ld": choice(lr=2.0), "ld_only": choice(lr=1.0)})
    by_name = {(r.variant, r.title): r for r in readings}
    assert len(by_name) == len(readings) == 8
    order = by_name["ld", "Temporal order"]
    assert order.own is not None
    assert order.shared is not None
    assert (order.own.variant, order.shared.variant) == ("ld", "ld@baseline")
    assert order.own.effect.mean > 20 > order.shared.effect.mean + 15
    assert order.disagreement.endswith("decidedness")
    equal = by_name["ld_only", "Temporal order"]
    assert equal.has_equal_recipes
    assert equal.own == equal.shared
    assert equal.disagreement == ""


def test_a_reading_without_scores_is_missing(results: Results) -> None:
    readings = study_readings(results, {"baseline": choice(lr=1.0), "fwm_hw_ld": choice(lr=2.0), "sigreg": choice()})
    assert {r.variant for r in readings} == {"fwm_hw_ld"}
    assert all(r.own is not None and r.shared is None and not r.has_equal_recipes for r in readings)
    assert study_readings(results, {"ld": choice()}) == []
    without = replace(results, lines=[replace(line, reference=False) for line in results.lines])
    assert study_readings(without, {"baseline": choice(), "ld": choice()}) == []


def test_the_base_recipe_and_fields_that_a_variant_lacks(results: Results) -> None:
    chosen = {
        "baseline": choice(lr=1.0, exponent=2.0),
        "ld": choice(),
        "ld_only": choice(lr=1.0),
        "fwm_hw_ld": choice(x=1.0),
    }
    equal = {r.variant: r.has_equal_recipes for r in study_readings(results, chosen)}
    assert equal == {"ld": False, "ld_only": True, "fwm_hw_ld": False}
    base = {"baseline": choice(), "ld": choice(), "fwm_hw_ld": choice(weight=1.0)}
    assert {r.variant: r.has_equal_recipes for r in study_readings(results, base)} == {"ld": True, "fwm_hw_ld": False}
