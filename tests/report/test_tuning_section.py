"""The section on the search of recipes, from a written study to both pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.tuning_readings import Reading
from auxjepa.evidence.analyses.tuning_results import TuningResults
from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
from auxjepa.report import build, html, markdown, tuning_section
from auxjepa.report.tuning_figures import curve_panels
from auxjepa.report.tuning_section import value_text
from written_tuning import search_settings, search_trials, write_search, write_tuned


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> StudyEvidence:
    """The evidence on a tuned study."""
    return collect_evidence(write_tuned(tmp_path_factory.mktemp("tuned") / "study", write_study))


@pytest.fixture(scope="session")
def results(evidence: StudyEvidence) -> TuningResults:
    """Results of its search."""
    assert evidence.tuning is not None
    return evidence.tuning


def test_both_pages_have_the_section(evidence: StudyEvidence) -> None:
    page, text = html.render(evidence), markdown.markdown(evidence)
    assert '<section id="tuning"' in page
    assert '<a href="#tuning">' in page
    assert page.count('<svg viewBox="0 0 330 216" role="img" aria-labelledby="tuning-') == 4
    assert "## Tuning" in text
    for sentence in (
        "Each of 4 variants was tuned with the same budget: 16 recipes, 25 trainings and 6,300 updates.",
        "with seeds 900 and 901",
        "On Temporal order the readings disagree: ld is +",
    ):
        assert sentence in page
        assert sentence in text
    assert "ld@baseline" in page


def test_tables_are_complete(results: TuningResults) -> None:
    for table in (tuning_section.budgets, tuning_section.choices, tuning_section.sensitivity, tuning_section.stages):
        head, body = table(results)
        assert body
        assert all(len(row) == len(head) for row in body)
    head, body = tuning_section.recipes(results)
    assert head == ("field", "baseline", "ld", "ld_only", "fwm_hw_ld")
    weight = next(row for row in body if row[0] == "objectives.latent_dynamics.weight")
    assert [cell == "not changed" for cell in weight[1:]] == [True, False, True, True]
    assert tuning_section.budgets(results)[1][0][1:5] == ["16 × 100, 5 × 300, 2 × 800", "25", "6,300", "1.00"]


def test_an_unequal_budget_and_edges_are_in_the_first_sentences(results: TuningResults) -> None:
    unequal = replace(results, inequality="baseline 3 trials; ld 9 trials", warnings=("A thing failed",))
    text = " ".join(tuning_section.sentences(unequal))
    assert text.startswith("The budgets of the variants differ, so their comparison is not fair: baseline 3 trials")
    assert text.endswith("A thing failed.")
    inside = replace(results, variants=tuple(replace(record, edges=()) for record in results.variants))
    assert "at an edge" not in " ".join(tuning_section.sentences(inside))


def test_readings_in_words(evidence: StudyEvidence) -> None:
    head, body = tuning_section.readings(evidence.readings, "baseline")
    assert "at the recipe of baseline" in head
    assert all(len(row) == len(head) for row in body)
    ld = next(row for row in body if row[:2] == ["Temporal order", "ld"])
    assert ld[-1].startswith("differ in")
    alone = next(row for row in body if row[:2] == ["Temporal order", "fwm_hw_ld"])
    assert alone[4:] == ["–", "", "–"]
    assert "8 comparisons can be read in one way only." in tuning_section.reading_sentences(
        evidence.readings, "baseline"
    )
    equal = [replace(pair, shared=pair.own, has_equal_recipes=True) for pair in evidence.readings]
    assert tuning_section.readings(equal, "baseline")[1][0][4:] == ["the same recipe", "", "agree"]
    (sentence,) = tuning_section.reading_sentences(equal, "baseline")
    assert sentence.endswith("on 12 of 12 comparisons.")
    none: list[Reading] = []
    assert "shows the search alone" in tuning_section.reading_sentences(none, "baseline")[0]


def test_a_folder_that_was_only_tuned_has_a_page(tmp_path: Path) -> None:
    variants = ["base<b>line", "ld"]
    write_search(tmp_path, search_settings(variants), search_trials(variants))
    page = build(tmp_path).read_text()
    assert '<section id="tuning"' in page
    assert "shows the search alone" in page
    assert "base<b>line" not in page


def test_without_curves_or_a_search_nothing_is_drawn(evidence: StudyEvidence, study: Path) -> None:
    assert evidence.tuning is not None
    bare = replace(evidence.tuning, variants=tuple(replace(r, curve=None) for r in evidence.tuning.variants))
    assert curve_panels(bare, {}) == []
    assert "the curves have no interval" in " ".join(tuning_section.sentences(bare))
    assert tuning_section.section(collect_evidence(study), {}) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00123456, "0.001235"),
        (3, "3"),
        (True, "true"),
        (None, "null"),
        ("mean", "mean"),
        ([0.99, 1.0], "0.99, 1"),
        (
            [{"kind": "random_tube", "args": {"ratio": 0.75}}, {"kind": "multiblock"}],
            "random_tube(ratio 0.75) + multiblock",
        ),
        ({"kind": "block", "count": 2}, "block(count 2)"),
        ({"a": 1}, "a 1"),
        ([], "none"),
    ],
)
def test_values_in_a_short_form(value: object, text: str) -> None:
    assert value_text(value) == text
