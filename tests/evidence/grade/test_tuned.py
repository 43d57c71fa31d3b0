"""The criterion on tuning: a search is checked, and each way of favouring a variant costs the points."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from adversary import TUNING_ADVERSARIES
from auxjepa.evidence.grade.tuned import grade_tuning
from auxjepa.evidence.study_folder.folder import load
from written_study import register
from written_tuning import edit_study, write_tuned


@pytest.fixture(scope="session")
def tuned(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """A registered study with a fair search and both readings; tests that change it must copy it."""
    folder = write_tuned(tmp_path_factory.mktemp("fair") / "study", write_study, is_complete=True, seeds=2)
    register(folder)
    return folder


@pytest.fixture
def copy(tuned: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tuned, tmp_path / "study")


def grade(folder: Path) -> tuple[float, str]:
    study = load(folder)
    return grade_tuning(study, [row for row in study.rows if row.control is None])


def test_a_fair_search_has_all_points_and_says_what_was_checked(tuned: Path) -> None:
    share, reason = grade(tuned)
    assert share == 1.0, reason
    assert reason.startswith("checked: 16 recipes and 6,300 updates for each of 3 variants")
    assert "a chosen value is at an edge for" in reason
    assert reason.endswith("both readings")


REASONS = {
    "give_the_winner_more_trials": "unequal budgets: baseline 16 trials and 6,300 updates",
    "give_the_reference_fewer_steps": "unequal budgets: baseline 16 trials and 3,150 updates",
    "edit_the_search_after_registration": "the registration names another search",
    "edit_trials": "the search was edited",
    "choose_a_worse_recipe_for_the_reference": "another trial of the last stage has",
    "train_other_recipes": "study.yaml has other recipes than the search chose: ld",
    "tune_on_scored_seeds": "the search used scored seeds: 0, 1",
    "score_networks_of_the_search": "networks of the search have scores: 1",
    "score_a_variant_that_was_not_tuned": "not tuned: ld_only, ld_only@baseline",
    "hide_the_search": "tuning/ is missing",
    "forget_the_digest": "its digest is missing",
}


@pytest.mark.parametrize("name", TUNING_ADVERSARIES)
def test_no_unfair_search_has_points(copy: Path, name: str) -> None:
    TUNING_ADVERSARIES[name](copy)
    share, reason = grade(copy)
    assert share == 0.0
    assert REASONS[name] in reason


def test_one_reading_has_half(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    share, reason = grade(write_tuned(tmp_path / "study", write_study, seeds=1))
    assert share == 0.5
    assert reason.endswith("not scored at the recipe of baseline: fwm_hw_ld, ld_only")


def test_a_registration_without_the_search_has_no_points(copy: Path) -> None:
    study = (copy / "study.yaml").read_text()
    edit_study(copy, tuning_digest="")
    register(copy)
    assert "does not contain the digest of the search" in grade(copy)[1]
    (copy / "study.yaml").write_text(study)
    (copy / "registration.json").unlink()
    assert grade(copy)[0] == 1.0


def test_a_stated_number_of_trials_keeps_its_grade(study: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(study, tmp_path / "study")
    names = load(folder).variants
    edit_study(folder, tune=dict.fromkeys(names, 8))
    assert grade(folder) == (1.0, "stated, not checked: 8 trials of baseline, at most 8 of a variant")
    edit_study(folder, tune={"trials": dict.fromkeys(names, 8) | {"baseline": 2}})
    assert grade(folder)[0] == 0.25
    edit_study(folder, tune={"trials": {"baseline": 2}})
    assert grade(folder) == (0.0, "the record names the trials of 1 of 5 variants")
    edit_study(folder, tune=None)
    assert "no record" in grade(folder)[1]
