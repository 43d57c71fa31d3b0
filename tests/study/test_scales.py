"""Studies in several sizes, and the contract of every preset at every size it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auxjepa import regimes
from auxjepa.cli.study import PRESETS
from auxjepa.config import ConfigError, RunConfig, read_yaml, to_yaml
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.register import register
from auxjepa.study.scales import names, resolve
from auxjepa.study.study_yaml import read_study

FILES = {path.stem: path for path in sorted(PRESETS.glob("*.yaml")) if path.stem != "own"}
"""Presets that don't depend on the user's videos; test_own_study.py has the other one."""
EACH = [(name, scale) for name, file in FILES.items() for scale in names(read_yaml(file))]
ASKED = ("ood", "domains", "mixed_vs_single", "fewshot", "alignment", "factors", "ablation", "published")


def at(name: str, scale: str | None) -> StudyConfig:
    return StudyConfig.model_validate(resolve(read_yaml(FILES[name]), scale, name))


@pytest.mark.parametrize(("name", "scale"), EACH)
def test_every_preset_is_a_study_at_every_scale_it_has(name: str, scale: str, tmp_path: Path) -> None:
    study = at(name, scale)
    assert study.scale == scale and study.name == (name if scale == "laptop" else f"{name}-{scale}")
    assert study.question and study.scale_notes and len(study.variants) > 1
    runs = plan(study)
    trained = [run for run in runs if run.control is None]
    each = sum(len(study.variants_of(regime)) for regime in study.regimes)
    assert len(trained) == each * len(study.seeds)
    if study.phase == "confirm":
        made = register(study, tmp_path)
        assert len(made.hypotheses) == len(study.hypotheses) and all(h.why for h in made.hypotheses)
        # Exact sign-flip tests of so many seeds, corrected for so many hypotheses, must be able to decide.
        assert 2 / 2 ** len(study.seeds) * len(study.hypotheses) <= study.rule.alpha
    written = tmp_path / "study.yaml"
    written.write_text(to_yaml(study))
    assert read_study(tmp_path) == study and resolve(read_yaml(written), scale, "x") == read_yaml(written)


@pytest.mark.parametrize("name", ASKED)
def test_the_asked_studies_have_the_sizes_they_should(name: str) -> None:
    laptop, gpu = at(name, None), at(name, "gpu")
    assert laptop == at(name, "laptop") and laptop.base.model.size == "nano"
    assert gpu.base.model.size == "small" and len(gpu.seeds) == 10 and not set(gpu.seeds) & set(laptop.seeds)
    assert all(data.size == 112 and data.frames == 16 for data in gpu.regimes.values())
    assert gpu.regimes.keys() == laptop.regimes.keys() and gpu.benchmarks == laptop.benchmarks
    if "paper" in names(read_yaml(FILES[name])):
        paper = at(name, "paper")
        recipe = regimes.paper_recipe()
        same = {field: getattr(recipe, field) for field in ("model", "masks", "objectives", "teacher", "optim")}
        assert {field: getattr(paper.base, field) for field in same} == same
        assert all(data.size == 224 and data.cache == "none" for data in paper.regimes.values())
        assert not any(benchmark.source == "world" for benchmark in paper.chosen_benchmarks())


def test_the_world_alone_knows_its_factors() -> None:
    with pytest.raises(ConfigError, match=r"factors has no scale 'paper' \(it has laptop, gpu\): no public data set"):
        at("factors", "paper")


BASE: dict[str, Any] = {
    "name": "mine",
    "variants": ["baseline", "ld"],
    "seeds": [0],
    "benchmarks": ["world_order"],
    "regimes": {"own": {"source": "folder:/videos", "stride": 3}},
    "base": {"model": {"size": "nano"}, "optim": {"steps": 3}},
}


def test_a_scale_of_ones_own_is_laid_over_the_file() -> None:
    file = BASE | {"scales": {"long": {"base": {"optim": {"steps": 9}}, "seeds": [1, 2]}}}
    assert resolve(file, None, "mine") == BASE and names(file) == ["long"]
    long = resolve(file, "long", "mine")
    assert long["base"] == {"model": {"size": "nano"}, "optim": {"steps": 9}} and long["seeds"] == [1, 2]
    assert (long["scale"], long["name"], long["regimes"]) == ("long", "mine-long", BASE["regimes"])
    assert file["base"]["optim"] == {"steps": 3}


def test_gpu_keeps_where_ones_own_clips_come_from() -> None:
    file = BASE | {"scales": {"gpu": {"name": "big", "base": {"optim": {"steps": 7}}}}}
    study = StudyConfig.model_validate(resolve(file, "gpu", "mine"))
    (data,) = study.regimes.values()
    assert (study.name, data.source, data.stride, data.size) == ("big", "folder:/videos", 3, 112)
    assert study.base.optim.steps == 7 and study.base.model.size == "small"


@pytest.mark.parametrize("named", [["world_single"], {"world_single": "world_single"}])
def test_gpu_cuts_regimes_that_are_given_by_name(named: Any) -> None:
    content = resolve(BASE | {"regimes": named, "scales": {"gpu": {}}}, "gpu", "mine")
    (data,) = StudyConfig.model_validate(content).regimes.values()
    assert (data.source, data.size, data.frames) == (regimes.find("world_single").data.source, 112, 16)
    with pytest.raises(ConfigError, match="no regime is called 'world_singl'; did you mean 'world_single'"):
        resolve(BASE | {"regimes": ["world_singl"], "scales": {"gpu": {}}}, "gpu", "mine")


@pytest.mark.parametrize(
    ("scales", "asked", "told"),
    [
        ({}, "gpu", r"mine has no scale 'gpu' \(it has none but its own\)"),
        ({"a": {}, "b": {}}, "gpu", r"mine has no scale 'gpu' \(it has a, b\)"),
        (["a"], None, "mine: scales must hold, by name"),
        ({"a": 3}, "a", "mine: scales must hold, by name"),
    ],
)
def test_a_scale_that_is_not_there_gets_one_line(scales: Any, asked: str | None, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as error:
        resolve(BASE | {"scales": scales}, asked, "mine")
    assert "\n" not in str(error.value)


def test_a_scale_changes_no_number_by_its_name() -> None:
    study = StudyConfig.model_validate(BASE)
    named = study.model_copy(update={"scale": "laptop"})
    assert study.differences(named) == [] and study.content() == named.content()
    assert "scale" not in study.model_dump() and "only" not in study.model_dump()
    assert (
        RunConfig().content_hash()
        == plan(StudyConfig.model_validate(BASE | {"base": {}}))[0]
        .config.model_copy(update={"data": RunConfig().data})
        .content_hash()
    )


def test_regimes_may_be_named(tmp_path: Path) -> None:
    study = StudyConfig.model_validate(BASE | {"regimes": ["ucf101", "mixed"]})
    assert study.regimes == {name: regimes.find(name).data for name in ("ucf101", "mixed")}
    mapped = StudyConfig.model_validate(BASE | {"regimes": {"home": "ucf101", "own": {"clips": 5}}})
    assert mapped.regimes["home"] == regimes.find("ucf101").data and mapped.regimes["own"].clips == 5
    with pytest.raises(ValueError, match="no regime is called 'ucf'; did you mean 'ucf101'"):
        StudyConfig.model_validate(BASE | {"regimes": ["ucf"]})


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ({"other": ["baseline"]}, "only names 'other', which is no regime"),
        ({"own": ["baseline", "fwm"]}, "only.own names 'fwm', which is no variant"),
        ({"own": ["ld"]}, "only.own leaves out the reference 'baseline'"),
    ],
)
def test_only_speaks_of_the_study(only: dict[str, list[str]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        StudyConfig.model_validate(BASE | {"only": only})


def test_a_regime_is_pretrained_with_its_own_variants_only() -> None:
    two = BASE | {"regimes": {"one": {}, "two": {"clips": 9}}, "only": {"two": ["baseline"]}}
    runs = [(run.config.regime, run.config.variant) for run in plan(StudyConfig.model_validate(two))]
    assert runs == [
        ("one", "random_init"),
        ("one", "baseline"),
        ("one", "ld"),
        ("two", "random_init"),
        ("two", "baseline"),
    ]
    claim = {"id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_order"}
    with pytest.raises(ValueError, match="names 'ld' on 'two', which only leaves out"):
        StudyConfig.model_validate(two | {"phase": "confirm", "hypotheses": [claim | {"regime": "two"}]})
