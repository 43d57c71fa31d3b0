"""The grade: every criterion can be earned and lost, and has a reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adversary import ADVERSARIES, delete_worst, edit_json, rewrite, write_exemplary
from auxjepa.evidence.grade.criteria import FIRST_VERSION, MEANING, REQUIRED, WEIGHTS, Criterion, Grade
from auxjepa.evidence.grade.grade import RULES, grade_seeds, grade_study
from auxjepa.evidence.grade.grade_published import grade_published
from auxjepa.evidence.ledger import claims, published
from auxjepa.evidence.study_folder.folder import load


@pytest.fixture(scope="session")
def best(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """A study that earns every point; tests that change it must copy it."""
    return write_exemplary(tmp_path_factory.mktemp("best") / "study", write_study)


@pytest.fixture
def copy(best: Path, tmp_path: Path) -> Path:
    return shutil.copytree(best, tmp_path / "study")


def criteria(folder: Path) -> dict[str, Criterion]:
    return {c.name: c for c in grade_study(load(folder)).criteria}


def test_a_complete_study_earns_every_point(best: Path) -> None:
    grade = grade_study(load(best))
    assert {c.name: c.share for c in grade.criteria} == dict.fromkeys(WEIGHTS, 1.0)
    assert (grade.earned, grade.percent) == (grade.possible, 100.0)
    assert grade.passes and grade.sentence == "39.0 of 39 points (100 %), passes."
    assert set(MEANING) == set(WEIGHTS) == set(RULES) and {*REQUIRED, *FIRST_VERSION} <= set(WEIGHTS)
    assert sum(WEIGHTS[name] for name in FIRST_VERSION) == 19


def drop(match: Callable[[dict[str, Any]], bool]) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder, lambda row: None if match(row) else row)


def edit(**fields: Any) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder, lambda row: row | fields if row["control"] is None else row)


def edit_file(name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / name, change)


LOSSES: dict[str, Callable[[Path], None]] = {
    "paired seeds": drop(lambda row: row["variant"] == "baseline" and row["seed"] > 4),
    "enough seeds": drop(lambda row: row["seed"] > 2 and row["control"] in (None, "random_init")),
    "power": drop(lambda row: row["seed"] > 4 and row["control"] is None),
    "controls": drop(lambda row: row["control"] == "raw_pixels"),
    "above random init": drop(lambda row: row["control"] == "random_init"),
    "equal probes": lambda folder: rewrite(
        folder, lambda row: row | {"protocol_hash": "x"} if row["variant"] == "ld" else row
    ),
    "tuned on validation": edit(validation=None),
    "validation is not test": edit_file(
        "benchmarks.json", lambda all_: {name: record | {"splits": {}} for name, record in all_.items()}
    ),
    "settings inside grid": edit(selected={"learning_rate": 0.1, "weight_decay": 0.0, "epoch": 12}),
    "tuned alike": lambda folder: (folder / "study.yaml").write_text(
        (folder / "study.yaml").read_text().replace("baseline: 8", "baseline: 1")
    ),
    "reference healthy": ADVERSARIES["collapse_reference"],
    "enough clips": edit(parts={"effective": 40.0}),
    "crossed interval": lambda folder: shutil.rmtree(folder / "correct"),
    "pre-registered": lambda folder: (folder / "registration.json").unlink(),
    "published hash": lambda folder: (folder / "published.txt").unlink(),
    "fresh networks": edit_file("runs/0000/summary.json", lambda summary: summary | {"finished": "2025-12-31"}),
    "complete": drop(lambda row: row["variant"] == "fwm" and row["seed"] == 1),
    "test examples kept": lambda folder: shutil.rmtree(folder / "correct"),
    "collapse counted": lambda folder: shutil.rmtree(folder / "runs"),
    "networks distinct": ADVERSARIES["copy_seeds"],
    "records agree": ADVERSARIES["raise_scores"],
    "terms audited": lambda folder: (folder / "audit-ld.json").unlink(),
    "repeatable": edit(versions={}),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_each_criterion_can_be_lost(copy: Path, name: str) -> None:
    LOSSES[name](copy)
    criterion = criteria(copy)[name]
    assert criterion.share < 1 and criterion.reason


@pytest.mark.parametrize("name", ADVERSARIES)
def test_no_adversary_passes(copy: Path, name: str) -> None:
    ADVERSARIES[name](copy)
    grade = grade_study(load(copy))
    assert not grade.passes and grade.obstacles and "does not pass without" in grade.sentence


def test_deleted_scores_leave_their_hypotheses_open(copy: Path) -> None:
    delete_worst(copy)
    study = load(copy)
    words = {outcome.hypothesis.id: outcome.verdict.word for outcome in study.outcomes}
    assert words["fwm-order"] == "not testable" and grade_study(study).percent < 97


def test_a_deviation_costs_half(copy: Path) -> None:
    rewrite(copy, lambda row: None if row["variant"] == "fwm" and row["seed"] == 1 else row)
    criterion = criteria(copy)["pre-registered"]
    assert criterion.share == 0.5 and "registered scores are missing" in criterion.reason


def test_a_finding_of_an_audit_costs_its_variant(copy: Path) -> None:
    audit = {"variant": "ld", "terms": [{"name": "x"}], "findings": [{"number": 1}]}
    (copy / "audit-ld.json").write_text(json.dumps(audit))
    criterion = criteria(copy)["terms audited"]
    assert criterion.share == 0.8 and "findings: ld" in criterion.reason


def test_runs_that_collapsed_and_stayed_in_the_table_are_counted(copy: Path) -> None:
    edit_json(copy / "runs" / "1003" / "summary.json", lambda summary: summary | {"verdict": "collapsed"})
    criterion = criteria(copy)["collapse counted"]
    assert criterion.share == 1.0 and "1 shrinking or collapsed" in criterion.reason


def test_an_empty_study_earns_nothing(tmp_path: Path) -> None:
    grade = grade_study(load(tmp_path))
    assert grade.earned == 0 and "most points are lost on enough seeds" in grade.sentence and not grade.passes


@pytest.mark.parametrize(("seeds", "comparisons", "share"), [(1, 1, 1 / 6), (6, 1, 1.0), (5, 18, 0.5), (30, 18, 1.0)])
def test_seeds_against_the_family(seeds: int, comparisons: int, share: float) -> None:
    assert grade_seeds(seeds, comparisons)[0] == pytest.approx(share)


def test_points_add_up() -> None:
    grade = Grade("x", tuple(Criterion(name, 0.5, "half") for name in WEIGHTS))
    assert grade.earned == sum(WEIGHTS.values()) / 2 and grade.percent == 50
    few = Grade("x", tuple(Criterion(name, float(name in REQUIRED), "") for name in WEIGHTS))
    assert not few.obstacles and not few.passes and "does not pass below 75 %" in few.sentence


def test_the_published_table_has_a_grade() -> None:
    scores, claim_set = published.load(), claims.load()
    grade = {c.name: c for c in grade_published(scores, claim_set).criteria}
    assert "26 of 70" in grade["paired seeds"].reason and grade["paired seeds"].share == pytest.approx(26 / 70)
    assert grade["enough seeds"].share == pytest.approx(0.1)
    assert grade["equal probes"].reason == "probe epochs differ on diving48 (mixed), ssv2 (mixed)"
    assert grade["complete"].share == pytest.approx(61 / 62)
    equal = [score.model_copy(update={"epochs": 100}) for score in scores]
    better = {c.name: c for c in grade_published(equal, claim_set).criteria}
    assert better["equal probes"].share == 1.0 and better["paired seeds"] == grade["paired seeds"]
    with_seed = [s.model_copy(update={"seed": 42}) if s.regime == "mixed" and s.seed != 42 else s for s in scores]
    paired = [s for i, s in enumerate(with_seed) if s not in with_seed[:i]]
    assert {c.name: c for c in grade_published(paired, claim_set).criteria}["paired seeds"].share == 1.0


def test_a_control_that_a_benchmark_does_not_have_costs_nothing(copy: Path) -> None:
    info = json.loads((copy / "benchmarks.json").read_text())
    name = next(iter(info))
    rewrite(copy, lambda row: None if (row["control"], row["benchmark"]) == ("majority", name) else row)
    before = criteria(copy)["controls"]
    info[name]["controls"] = ["random_init", "raw_pixels", "chance"]
    (copy / "benchmarks.json").write_text(json.dumps(info))
    after = criteria(copy)["controls"]
    assert "majority" in before.reason and "majority" not in after.reason and after.share > before.share


def test_confirm_chose_settings_on_the_edge_of_the_grid_in_all_scores() -> None:
    folder = Path(__file__).parents[3] / "docs" / "evidence" / "confirm"
    grade = grade_study(load(folder))
    criterion = {c.name: c for c in grade.criteria}["settings inside grid"]
    assert criterion.share == 0
    assert "weight decay 240 (only one value was tried), learning rate 231" in criterion.reason
    assert not grade.passes and [c.name for c in grade.obstacles] == ["reference healthy"]
