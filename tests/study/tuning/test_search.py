"""Searches carried out: equal budgets, validation clips alone, nothing twice."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rich.console import Console

from auxjepa.config import ConfigError
from auxjepa.evidence.study_folder.tuning import Trial, objectives_by_trial, read_tuning
from auxjepa.interface.tuning import tune_first
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.tuning import search as search_module
from auxjepa.study.tuning.search import Search, rank
from auxjepa.study.tuning.tuned import finished_search, with_recipes
from auxjepa.study.worker import RunError


def make_search(study: StudyConfig, folder: Path, root: Path) -> Search:
    return Search(study, folder, root=root, workers=1, device="cpu", console=Console(file=io.StringIO()))


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder and data of a finished search of the tiny study."""
    from study.conftest import TINY
    from study.tuning.conftest import TUNE

    folder = tmp_path_factory.mktemp("searched")
    make_search(StudyConfig.model_validate({**TINY, "tune": TUNE}), folder, folder / "data").run()
    return folder


def test_every_variant_trains_the_same_number_of_steps(tuned: StudyConfig, searched: Path) -> None:
    tuning = read_tuning(searched)
    assert tuning is not None and not tuning.notes
    steps = Counter[str]()
    for trial in tuning.trials:
        steps[trial.variant] += trial.steps
    assert tuned.tune is not None and set(steps.values()) == {tuned.tune.steps} and len(steps) == 2
    for name in tuned.variants:
        own = [trial for trial in tuning.trials if trial.variant == name]
        assert [trial.trial for trial in own if trial.stage == 0] == [0, 1, 2] and own[0].recipe == {}
        best = [trial.trial for trial in rank([trial for trial in own if trial.stage == 0])[:2]]
        last = [(trial.trial, trial.seed) for trial in own if trial.stage == 1]
        assert last == [(number, seed) for number in best for seed in (900, 901)]
        means = objectives_by_trial([trial for trial in own if trial.stage == 1])
        assert tuning.chosen[name].objective == max(means.values())
        assert means[tuning.chosen[name].trial] == max(means.values())


def test_no_test_clip_is_made_or_read(searched: Path) -> None:
    places = [path.name for path in (searched / "data" / "world").iterdir()]
    assert any("-validation-" in name for name in places) and not any("-test-" in name for name in places)


def test_a_finished_search_is_not_repeated(tuned: StudyConfig, searched: Path, monkeypatch: Any) -> None:
    before = (searched / "tuning" / "trials.jsonl").read_bytes()
    metrics = {path: path.stat().st_mtime_ns for path in searched.glob("tuning/runs/*/metrics.jsonl")}
    make_search(tuned, searched, searched / "data").run()
    assert (searched / "tuning" / "trials.jsonl").read_bytes() == before
    assert metrics == {path: path.stat().st_mtime_ns for path in searched.glob("tuning/runs/*/metrics.jsonl")}

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the search ran again")

    monkeypatch.setattr(search_module.Search, "run", refuse)
    settings = {"root": searched / "data", "workers": 1, "device": "cpu", "console": Console(file=io.StringIO())}
    lines: list[str] = []
    again = tune_first(tuned, searched, action="run", tell=lines.append, **settings)
    assert again.recipes.keys() >= {"baseline", "ld"} and len(lines) == 3


def test_another_search_is_refused(tuned_content: dict[str, Any], searched: Path) -> None:
    other = StudyConfig.model_validate(tuned_content | {"tune": tuned_content["tune"] | {"seed": 1}})
    with pytest.raises(ConfigError, match=r"holds another search \(tune.seed differ\)"):
        finished_search(other, searched)


def test_a_study_may_score_fewer_variants_than_were_searched(tuned_content: dict[str, Any], searched: Path) -> None:
    space = {key: value for key, value in tuned_content["tune"].items() if key != "variant_space"}
    fewer = StudyConfig.model_validate(tuned_content | {"variants": ["baseline"], "tune": space})
    tuning = finished_search(fewer, searched)
    assert tuning is not None and set(tuning.chosen) == {"baseline", "ld"}


def test_an_edited_search_is_refused(tuned: StudyConfig, searched: Path, tmp_path: Path) -> None:
    (tmp_path / "tuning").mkdir()
    for name in ("settings.yaml", "trials.jsonl", "chosen.json"):
        (tmp_path / "tuning" / name).write_bytes((searched / "tuning" / name).read_bytes())
    record = json.loads((tmp_path / "tuning" / "chosen.json").read_text())
    changed = [{key: value for key, value in record.items() if key != "digest"}, json.loads(json.dumps(record))]
    changed[1]["variants"]["ld"]["recipe"] = {"optim.batch": 2}
    for content in changed:
        (tmp_path / "tuning" / "chosen.json").write_text(json.dumps(content))
        with pytest.raises(ConfigError, match="was edited after it ended"):
            finished_search(tuned, tmp_path)
    (tmp_path / "tuning" / "chosen.json").write_text(json.dumps(record))
    assert finished_search(tuned, tmp_path) is not None
    lines = (tmp_path / "tuning" / "trials.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    first["objective"] += 0.25
    (tmp_path / "tuning" / "trials.jsonl").write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    with pytest.raises(ConfigError, match="was edited after it ended"):
        finished_search(tuned, tmp_path)


def test_a_study_gets_both_readings(tuned: StudyConfig, searched: Path) -> None:
    tuning = finished_search(tuned, searched)
    assert tuning is not None
    recipes = {"baseline": {"optim.lr": 0.01}, "ld": {"optim.lr": 0.002, "objectives.latent_dynamics.weight": 0.5}}
    chosen = {name: tuning.chosen[name].model_copy(update={"recipe": recipe}) for name, recipe in recipes.items()}
    study = with_recipes(tuned, chosen, "digest")
    assert study.variants == ("baseline", "ld", "ld@baseline") and study.tuning_digest == "digest"
    runs = {run.config.variant: run.config for run in plan(study) if run.control is None}
    assert runs["ld"].optim.lr == 0.002 and runs["ld"].objectives["latent_dynamics"].weight == 0.5
    assert runs["ld@baseline"].optim.lr == 0.01 and runs["ld@baseline"].objectives["latent_dynamics"].weight == 1
    same = {name: choice.model_copy(update={"recipe": {"optim.lr": 0.01}}) for name, choice in chosen.items()}
    assert with_recipes(tuned, same, "digest").variants == ("baseline", "ld")
    assert StudyConfig.model_validate(study.model_dump(mode="json")) == study
    assert {"tuning_digest", "recipes.ld.optim.lr", "tune.seeds"} <= study.content().keys()


def test_hypotheses_name_the_variant_that_trains_the_same_network(
    tuned_content: dict[str, Any], searched: Path
) -> None:
    claims = [
        {"id": name, "variant": name, "claim": "above", "reference": "baseline", "benchmark": "world_direction"}
        for name in ("ld", "ld@baseline")
    ]
    study = StudyConfig.model_validate(tuned_content | {"phase": "confirm", "hypotheses": claims})
    tuning = finished_search(study, searched)
    assert tuning is not None
    same = {name: choice.model_copy(update={"recipe": {"optim.lr": 0.01}}) for name, choice in tuning.chosen.items()}
    assert [h.variant for h in with_recipes(study, same, "digest").hypotheses] == ["ld", "ld"]
    other = same | {"ld": same["ld"].model_copy(update={"recipe": {"optim.lr": 0.02}})}
    assert [h.variant for h in with_recipes(study, other, "digest").hypotheses] == ["ld", "ld@baseline"]


def test_two_processes_cannot_search_in_one_folder(tuned: StudyConfig, tmp_path: Path) -> None:
    search = make_search(tuned, tmp_path, tmp_path / "data")
    search.place.mkdir()
    with FileLock(search.place / ".lock"), pytest.raises(RunError, match="another process searches here"):
        search.run()
    assert not (search.place / "settings.yaml").exists()


def test_a_failed_trial_is_never_chosen() -> None:
    def trial(number: int, seed: int, objective: float | None) -> Trial:
        return Trial(variant="ld", trial=number, stage=0, steps=1, seed=seed, recipe={}, objective=objective)

    assert [one.trial for one in rank([trial(0, 1, 0.1), trial(1, 1, None), trial(2, 1, 0.3), trial(3, 1, 0.3)])] == [
        2,
        3,
        0,
    ]
    assert objectives_by_trial([trial(0, 1, 0.5), trial(0, 2, None), trial(1, 1, 0.1), trial(1, 2, 0.3)]) == {1: 0.2}


def test_a_stage_without_enough_recipes_names_the_variant_and_equal_recipes_count_once(
    tuned: StudyConfig, tmp_path: Path
) -> None:
    def trial(number: int, run: str, objective: float | None) -> Trial:
        failed = "" if objective is not None else "the loss is not finite"
        fields = {"stage": 0, "steps": 1, "seed": 1, "recipe": {}, "objective": objective, "run": run, "failed": failed}
        return Trial(variant="ld", trial=number, **fields)

    search = make_search(tuned, tmp_path, tmp_path)
    equal = [trial(0, "a", 0.3), trial(1, "a", 0.3), trial(2, "b", 0.1)]
    assert [one.trial for one in search._best("ld", equal, 2)] == [0, 2]
    with pytest.raises(RunError, match=r"ld has 1 of 2 different recipes .*the loss is not finite"):
        search._best("ld", [trial(0, "a", 0.3), trial(1, "b", None)], 2)


def test_other_terms_are_another_search(tuned_content: dict[str, Any], searched: Path) -> None:
    terms = {"objectives": {"latent_dynamics": {"weight": 5.0}}}
    other = StudyConfig.model_validate(tuned_content | {"base": tuned_content["base"] | terms})
    with pytest.raises(ConfigError, match=r"holds another search \(terms.*differ\)"):
        finished_search(other, searched)
