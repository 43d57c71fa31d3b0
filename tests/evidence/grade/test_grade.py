"""The grade: every criterion can be earned and lost, and has a reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from auxjepa.evidence.grade.grade import MEANING, WEIGHTS, Criterion, Grade, grade_seeds, grade_study
from auxjepa.evidence.grade.grade_published import grade_published
from auxjepa.evidence.ledger import claims, published
from auxjepa.evidence.study_folder.folder import load
from written_study import register


@pytest.fixture(scope="session")
def best(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """A complete study: ten seeds, a registration without deviation, an audit of every variant without a finding."""
    folder = write_study(tmp_path_factory.mktemp("best"), seeds=10, steps=2)
    register(folder)
    for variant in yaml.safe_load((folder / "study.yaml").read_text())["variants"]:
        audit = {"variant": variant, "terms": [{"name": "prediction"}], "findings": []}
        (folder / f"audit-{variant}.json").write_text(json.dumps(audit))
    return folder


@pytest.fixture
def copy(best: Path, tmp_path: Path) -> Path:
    return shutil.copytree(best, tmp_path / "study")


def shares(folder: Path) -> dict[str, float]:
    return {c.name: c.share for c in grade_study(load(folder)).criteria}


def rewrite(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    rows = [change(json.loads(line)) for line in (folder / "rows.jsonl").read_text().splitlines()]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows if row is not None))


def test_a_complete_study_earns_every_point(best: Path) -> None:
    grade = grade_study(load(best))
    assert {c.name: c.share for c in grade.criteria} == dict.fromkeys(WEIGHTS, 1.0)
    assert (grade.earned, grade.percent) == (grade.possible, 100.0) and grade.sentence == "19.0 of 19 points (100 %)."
    assert set(MEANING) == set(WEIGHTS)


def lose(name: str) -> Callable[[Path], None]:
    """Return a change of a folder that costs this criterion; it may cost other criteria too."""

    def drop(match: Callable[[dict[str, Any]], bool]) -> Callable[[Path], None]:
        return lambda folder: rewrite(folder, lambda row: None if match(row) else row)

    def edit(**fields: Any) -> Callable[[Path], None]:
        return lambda folder: rewrite(folder, lambda row: row | fields if row["control"] is None else row)

    return {
        "paired seeds": drop(lambda row: row["variant"] == "baseline" and row["seed"] > 4),
        "enough seeds": drop(lambda row: row["seed"] > 2 and row["control"] in (None, "random_init")),
        "controls": drop(lambda row: row["control"] == "raw_pixels"),
        "equal probes": lambda folder: rewrite(
            folder, lambda row: row | {"protocol_hash": "x"} if row["variant"] == "ld" else row
        ),
        "tuned on validation": edit(validation=None),
        "pre-registered": lambda folder: (folder / "registration.json").unlink(),
        "complete": drop(lambda row: row["variant"] == "fwm" and row["seed"] == 1),
        "test examples kept": lambda folder: shutil.rmtree(folder / "correct"),
        "collapse counted": lambda folder: shutil.rmtree(folder / "runs"),
        "terms audited": lambda folder: (folder / "audit-ld.json").unlink(),
        "repeatable": edit(versions={}),
    }[name]


@pytest.mark.parametrize("name", WEIGHTS)
def test_each_criterion_can_be_lost(copy: Path, name: str) -> None:
    lose(name)(copy)
    assert shares(copy)[name] < 1


def test_a_deviation_costs_half(copy: Path) -> None:
    rewrite(copy, lambda row: None if row["variant"] == "fwm" and row["seed"] == 1 else row)
    criterion = {c.name: c for c in grade_study(load(copy)).criteria}["pre-registered"]
    assert criterion.share == 0.5 and "registered scores are missing" in criterion.reason


def test_a_finding_of_an_audit_costs_its_variant(copy: Path) -> None:
    audit = {"variant": "ld", "terms": [{"name": "x"}], "findings": [{"number": 1}]}
    (copy / "audit-ld.json").write_text(json.dumps(audit))
    criterion = {c.name: c for c in grade_study(load(copy)).criteria}["terms audited"]
    assert criterion.share == 0.8 and "findings: ld" in criterion.reason


def test_runs_that_collapsed_and_stayed_in_the_table_cost_nothing(copy: Path) -> None:
    summary = next((copy / "runs").iterdir()) / "summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"verdict": "collapsed"}))
    rewrite(copy, lambda row: row | {"run": summary.parent.name} if row["control"] is None else row)
    criterion = {c.name: c for c in grade_study(load(copy)).criteria}["collapse counted"]
    assert criterion.share == 1.0 and "1 shrinking or collapsed" in criterion.reason


def test_an_empty_study_earns_nothing(tmp_path: Path) -> None:
    grade = grade_study(load(tmp_path))
    assert grade.earned == 0 and "most points are lost on enough seeds" in grade.sentence


@pytest.mark.parametrize(("seeds", "comparisons", "share"), [(1, 1, 1 / 6), (6, 1, 1.0), (5, 18, 0.5), (30, 18, 1.0)])
def test_seeds_against_the_family(seeds: int, comparisons: int, share: float) -> None:
    assert grade_seeds(seeds, comparisons)[0] == pytest.approx(share)


def test_points_add_up() -> None:
    grade = Grade("x", tuple(Criterion(name, 0.5, "half") for name in WEIGHTS))
    assert grade.earned == sum(WEIGHTS.values()) / 2 and grade.percent == 50


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
    before = {c.name: c for c in grade_study(load(copy)).criteria}["controls"]
    info[name]["controls"] = ["random_init", "raw_pixels", "chance"]
    (copy / "benchmarks.json").write_text(json.dumps(info))
    after = {c.name: c for c in grade_study(load(copy)).criteria}["controls"]
    assert "majority" in before.reason and "majority" not in after.reason and after.share > before.share
