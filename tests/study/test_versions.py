"""A new study has the latest versions of the probes and of the rule on health; a study that began keeps its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.cli.study import resolve
from auxjepa.config import to_yaml
from auxjepa.interface.studies import read_study_settings
from auxjepa.study.plan import StudyConfig
from auxjepa.study.presets import PRESETS, read_study_content
from auxjepa.study.register import design
from auxjepa.study.study_yaml import read_study, write_study
from auxjepa.study.versions import versions_of, with_versions

FIRST = {"attentive": "c869cba43bd8bf4d", "linear": "fd0310fb649d9d41"}


def test_new_study_has_the_latest_version(content, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    study = read_study_settings(content, folder=folder)
    assert study.probe_version == 2
    assert [one.protocol.version for one in study.chosen_benchmarks()] == [2]
    assert read_study_settings(StudyConfig.model_validate(content), folder=folder).probe_version == 2
    assert read_study_settings(content | {"probe_version": 1}, folder=folder).probe_version == 1
    explicit = StudyConfig.model_validate(content | {"probe_version": 1})
    assert read_study_settings(explicit, folder=folder).probe_version == 1


def test_study_in_a_folder_keeps_its_version(content, tiny, tmp_path: Path) -> None:
    write_study(tmp_path, tiny, "auxjepa study run tiny.yaml")
    assert "probe_version" not in (tmp_path / "study.yaml").read_text() and versions_of(tmp_path)["probe_version"] == 1
    again = read_study_settings(content, folder=tmp_path)
    assert again.probe_version == 1 and not read_study(tmp_path).differences(again)
    file = tmp_path / "tiny.yaml"
    file.write_text(to_yaml(tiny))
    assert resolve([str(file), "--out", str(tmp_path)])[0].probe_version == 1
    assert resolve([str(file), "--out", str(tmp_path / "new")])[0].probe_version == 2
    write_study(tmp_path, tiny.model_copy(update={"probe_version": 2}), "auxjepa study run tiny.yaml")
    assert versions_of(tmp_path)["probe_version"] == 2 and read_study(tmp_path).probe_version == 2


def test_written_study_file_repeats_its_study(tiny, tmp_path: Path) -> None:
    write_study(tmp_path, tiny, "auxjepa study run tiny.yaml")
    written = read_study_content(tmp_path / "study.yaml")
    assert with_versions(written, tmp_path / "elsewhere").items() >= {"probe_version": 1, "health_version": 1}.items()


@pytest.mark.parametrize("name", sorted(path.stem for path in PRESETS.glob("*.yaml") if path.stem != "own"))
def test_presets_with_published_numbers_keep_version_1(name: str, tmp_path: Path) -> None:
    study = read_study_settings(name, folder=tmp_path)
    assert study.probe_version == 1 and "probe_version" not in study.content()
    protocols = {one.protocol.name: one.protocol.digest() for one in study.chosen_benchmarks()}
    if study.sizes.epochs is None:
        assert all(protocols[key] == value for key, value in FIRST.items() if key in protocols)


def test_rule_on_health(content, tiny, tmp_path: Path) -> None:
    """A new study, also of a preset, has version 2 of the rule; a folder that was written before has version 1."""
    assert read_study_settings("confirm", folder=tmp_path / "new").health_version == 2
    study = read_study_settings(content, folder=tmp_path / "new")
    assert study.health_version == 2 and design(study)["health_version"] == 2
    write_study(tmp_path, tiny, "auxjepa study run tiny.yaml")
    assert "health_version" not in (tmp_path / "study.yaml").read_text()
    assert read_study_settings(content, folder=tmp_path).health_version == 1
    assert "health_version" not in design(tiny)
    both = StudyConfig.model_validate(content | {"health_version": 2, "probe_version": 1})
    assert tiny.differences(both) == ["health_version is nothing here and 2 there"]


def test_versions_are_different_studies(content) -> None:
    first, second = (StudyConfig.model_validate(content | {"probe_version": version}) for version in (1, 2))
    assert first.differences(second) == ["probe_version is nothing here and 2 there"]
