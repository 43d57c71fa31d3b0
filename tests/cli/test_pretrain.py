"""``auxjepa pretrain`` on natural videos: what it writes runs again, goes on, and refuses what isn't the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.cli.pretrain import resolve
from auxjepa.config import RunConfig, read_yaml, to_yaml
from auxjepa.train.checkpoint import read_state
from auxjepa.train.checkpoint import resolve as newest
from auxjepa.variants import VARIANTS


def test_a_finished_run_is_described_by_its_config(trained: Path) -> None:
    config = RunConfig.model_validate(read_yaml(trained / "config.yaml"))
    assert config.variant == "ld" and set(config.objectives) == {"prediction", "latent_dynamics"}
    again, own = resolve(["--config", str(trained / "config.yaml")])
    assert again == config and again.content_hash() == config.content_hash() and own.out is None
    state = read_state(newest(trained))
    assert state.step == 6 and state.trained["student"] and state.trained["teacher"]
    assert len((trained / "metrics.jsonl").read_text().splitlines()) == 6


def test_short_flags() -> None:
    config, _ = resolve(["--tensorboard", "--data", "folder:clips"])
    assert config.log.tensorboard and config.data.source == "folder:clips"


def test_the_config_runs_again_to_the_same_weights(auxjepa, trained: Path, tmp_path: Path) -> None:
    done = auxjepa("pretrain", "--config", trained / "config.yaml", "--out", "again")
    assert done.code == 0 and done.out == "again\n" and "step 6 of 6, loss" in done.err and "\x1b" not in done.err
    digests = [read_state(newest(folder)).weights_digest for folder in (trained, tmp_path / "again")]
    assert digests[0] == digests[1]
    assert "going on from step 6" in auxjepa("pretrain", "--config", trained / "config.yaml", "--out", "again").err


def test_defects_are_listed_and_left_out(auxjepa, trained: Path, labelled: Path) -> None:
    done = auxjepa("pretrain", "--config", trained / "config.yaml", "--out", "x", "--data.root", "fresh", "--seed", 3)
    assert done.code == 0 and "2 left out of" in done.err
    assert "cut.mp4" in done.err and "text.mp4" in done.err


def test_a_folder_of_another_run_is_refused(auxjepa, trained: Path) -> None:
    done = auxjepa("pretrain", "--config", trained / "config.yaml", "--out", trained, "--seed", 9)
    assert done.code == 1 and "choose another folder" in done.err.splitlines()[-1]


def test_a_run_never_goes_on_with_other_clips(auxjepa, trained: Path, labelled: Path, tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    shutil.copytree(labelled, videos)
    words = ["pretrain", "--config", trained / "config.yaml", "--data", f"folder:{videos}", "--out", "run"]
    words += ["--data.root", "own", "--optim.steps", "2"]
    assert auxjepa(*words).code == 0
    (videos / "bikes" / "5.mp4").unlink()
    done = auxjepa(*words)
    assert done.code == 2 and "was begun on other clips" in done.err and done.err.splitlines()[-1].startswith("auxjepa")


def test_a_variant_by_flag_and_by_yaml_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("variant: fwm_hw_ld\noptim: {lr: 1e-3}\n")
    by_flag, _ = resolve(["--variant", "fwm_hw_ld", "--optim.lr", "1e-3"])
    by_yaml, _ = resolve(["--config", str(file)])
    assert by_flag == by_yaml and set(by_yaml.objectives) == set(VARIANTS["fwm_hw_ld"]().objectives)
    assert by_flag.optim.lr == 1e-3


def test_an_unknown_variant_in_yaml_is_said(auxjepa, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("variant: fwn\n")
    done = auxjepa("pretrain", "--config", "run.yaml")
    assert done.code == 2 and "run.yaml: no variant is called 'fwn'; did you mean 'fwm'?" in done.err


def test_terms_of_ones_own_may_have_any_name() -> None:
    config, _ = resolve(
        ["--variant", "mine", "--objectives.delta.weight", "0.5", "--masks.0.scale", "0.3", "--masks.1.blocks", "2"]
    )
    assert config.variant == "mine" and config.objectives["delta"].weight == 0.5
    assert set(config.objectives) == {"prediction", "delta"} and len(config.masks) == 2
    changed, _ = resolve(["--variant", "ld", "--objectives.latent_dynamics.weight", "0.25"])
    assert changed.objectives["latent_dynamics"].weight == 0.25


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_every_variant_resolves_and_comes_back_from_its_yaml(name: str, tmp_path: Path) -> None:
    config, _ = resolve(["--variant", name])
    file = tmp_path / "config.yaml"
    file.write_text(to_yaml(config))
    again, _ = resolve(["--config", str(file)])
    assert again == config


def test_weights_given_as_whole_numbers_train(auxjepa, trained: Path) -> None:
    """YAML writes 1 where a float is meant; types are checked here."""
    words = [
        "--objectives.delta.weight",
        "1",
        "--objectives.temporal_contrast.args.margin",
        "1",
        "--optim.steps",
        "1",
        "--out",
        "one",
    ]
    done = auxjepa("pretrain", "--config", trained / "config.yaml", *words)
    assert done.code == 0, done.err
    line = json.loads(Path("one/metrics.jsonl").read_text())
    assert {"terms/delta", "terms/temporal_contrast", "terms/latent_dynamics"} <= set(line)
