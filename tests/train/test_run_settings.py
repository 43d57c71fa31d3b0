"""Settings of a run from Python: mappings, files and records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auxjepa import regimes, variants
from auxjepa.cli.pretrain import resolve
from auxjepa.config import ConfigError, DataConfig, RunConfig, to_yaml
from auxjepa.train.run_settings import lay_over, read_run_settings


def test_a_mapping_is_the_content_of_a_file(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"variant": "ld", "optim": {"steps": 9}, "masks": [{"scale": 0.3}]}
    config, names_videos = read_run_settings(settings)
    assert config.optim.steps == 9 and config.optim.batch == RunConfig().optim.batch and not names_videos
    assert set(config.objectives) == set(variants.find("ld").objectives) and config.masks[0].scale == 0.3
    path = tmp_path / "run.yaml"
    path.write_text("variant: ld\noptim: {steps: 9}\nmasks: [{scale: 0.3}]\n")
    assert read_run_settings(path) == read_run_settings(str(path)) == (config, False)
    assert resolve(["--config", str(path)])[0] == config


def test_a_variant_is_only_a_name_where_terms_are_set() -> None:
    config, _ = read_run_settings({"variant": "ld", "objectives": {"delta": {"weight": 0.5}}})
    assert config.variant == "ld" and set(config.objectives) == {"delta"}


def test_a_registered_regime_brings_its_settings_unless_data_are_set() -> None:
    config, _ = read_run_settings({"regime": "world_mixed"})
    assert config.data == regimes.find("world_mixed").data
    config, _ = read_run_settings({"regime": "world_mixed", "data": {"clips": 3}})
    assert config.data == DataConfig(clips=3) and config.regime == "world_mixed"
    assert read_run_settings({"regime": "my videos"})[0].data == DataConfig()


def test_a_complete_record_is_taken_as_it_is() -> None:
    config = RunConfig(data=DataConfig(source="folder:x"))
    assert read_run_settings(config) == (config, False)
    assert read_run_settings(RunConfig(data=DataConfig(source="folder:x", split="all")))[1]
    again, _ = read_run_settings(config.model_dump(mode="json"))
    assert again.content_hash() == config.content_hash()


def test_whether_settings_say_which_videos_are_read(tmp_path: Path) -> None:
    assert read_run_settings({"data": {"source": "folder:x", "split": "all"}})[1]
    assert not read_run_settings({"data": {"source": "folder:x"}})[1]
    path = tmp_path / "config.yaml"
    path.write_text(f"# content hash {RunConfig().content_hash()}\n{to_yaml(RunConfig())}")
    assert read_run_settings(path)[1], "a run's own record means what it meant"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"optim": {"steps": 0}}, "optim.steps: "),
        ({"varant": "ld"}, "varant: "),
        ({"variant": "dl"}, "no variant is called 'dl'"),
        ({"data": 3}, "data: "),
        ({"optim": {"lr": True}}, "optim.lr: input should be a number, not true"),
    ],
)
def test_mistakes_are_one_line(settings: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read_run_settings(settings)
    assert str(error.value).startswith(words) and "\n" not in str(error.value)


def test_files_are_named_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("varant: ld\n")
    with pytest.raises(ConfigError, match=r"run\.yaml: varant: "):
        read_run_settings(path)
    path.write_text("")
    with pytest.raises(ConfigError, match=r"run\.yaml: holds no settings of a run"):
        read_run_settings(path)


def test_mappings_are_laid_over_key_by_key_and_nothing_is_changed() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 2}
    assert lay_over(base, {"a": {"c": [3]}, "e": 4}) == {"a": {"b": 1, "c": [3]}, "d": 2, "e": 4}
    assert lay_over(base, {"a": 3}) == {"a": 3, "d": 2} and base == {"a": {"b": 1, "c": [1, 2]}, "d": 2}
