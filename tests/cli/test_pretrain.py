"""``auxjepa pretrain`` on natural videos: what it writes runs again, goes on, and refuses what isn't the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.cli.pretrain import resolve
from auxjepa.config import RunConfig, TeacherConfig, read_yaml, to_yaml
from auxjepa.train.checkpoint import read_state
from auxjepa.train.checkpoint import resolve as newest
from auxjepa.train.schedule import momentum
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
    assert "resuming at step 6" in auxjepa("pretrain", "--config", trained / "config.yaml", "--out", "again").err


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


def test_the_power_schedule_trains_and_resumes_to_the_same_bits(auxjepa, trained: Path) -> None:
    words = ["pretrain", "--config", trained / "config.yaml", "--teacher.schedule", "power", "--teacher.width", "0.1"]
    words += ["--checkpoint.every", "3", "--checkpoint.keep", "all"]
    done = auxjepa(*words, "--out", "power")
    assert done.code == 0 and "initial network" not in done.err, done.err
    momenta = [json.loads(line)["momentum"] for line in Path("power/metrics.jsonl").read_text().splitlines()]
    assert momenta == [momentum(TeacherConfig(schedule="power", width=0.1), step, 6) for step in range(6)]
    undisturbed = read_state(newest(Path("power"))).weights_digest
    shutil.rmtree("power/checkpoints/step-000006")
    Path("power/summary.json").unlink()
    again = auxjepa(*words, "--out", "power")
    assert again.code == 0 and "resuming at step 3" in again.err
    assert read_state(newest(Path("power"))).weights_digest == undisturbed
    assert undisturbed != read_state(newest(trained)).weights_digest


def test_the_linear_schedule_of_a_short_run_gets_advice(auxjepa, trained: Path) -> None:
    done = auxjepa("pretrain", "--config", trained / "config.yaml", "--out", "again", "--optim.steps", "1")
    assert done.code == 0 and done.err.count("teacher.schedule power") == 1


@pytest.fixture
def divided(labelled: Path, tmp_path: Path) -> Path:
    """The labelled videos as train/CLASS and val/CLASS, four and two of each."""
    for video in labelled.glob("*/?.mp4"):
        split = "train" if int(video.stem) < 4 else "val"
        target = tmp_path / "divided" / split / video.parent.name / video.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(video, target)
    return tmp_path / "divided"


def test_a_folder_with_an_official_split_is_trained_on_its_training_videos(
    auxjepa, trained: Path, divided: Path
) -> None:
    words = ["pretrain", "--config", trained / "config.yaml", "--data", f"folder:{divided}", "--optim.steps", 1]
    words += ["--data.root", "own"]
    done = auxjepa(*words, "--out", "part")
    assert done.code == 0, done.err
    assert "pretraining on the 12 videos of train/; the other 6 are left out" in done.err
    assert read_yaml(Path("part/config.yaml"))["data"]["split"] == "train"
    names = {name.split("/")[0] for file in Path("own/clips").glob("*/header.json") for name in _names(file)}
    assert names == {"train"}
    again = auxjepa("pretrain", "--config", "part/config.yaml", "--out", "part")
    assert again.code == 0 and "resuming at step 1" in again.err


def test_all_videos_are_read_where_that_is_asked_for(auxjepa, trained: Path, divided: Path) -> None:
    words = ["pretrain", "--config", trained / "config.yaml", "--data", f"folder:{divided}", "--optim.steps", 1]
    done = auxjepa(*words, "--data.split", "all", "--data.root", "own", "--out", "all")
    assert done.code == 0 and "left out, so that" not in done.err
    names = {name.split("/")[0] for file in Path("own/clips").glob("*/header.json") for name in _names(file)}
    assert names == {"train", "val"}


def test_a_configuration_of_a_run_means_what_it_meant(auxjepa, trained: Path, divided: Path) -> None:
    """Written before there were splits: every video, under the hash that it had."""
    words = ["pretrain", "--config", trained / "config.yaml", "--data", f"folder:{divided}", "--optim.steps", 1]
    assert auxjepa(*words, "--data.split", "all", "--out", "all").code == 0
    old = Path("all/config.yaml").read_text()
    assert "split" not in old
    Path("old.yaml").write_text(old)
    done = auxjepa("pretrain", "--config", "old.yaml", "--out", "all", "--data.workers", 1)
    assert done.code == 0 and "resuming at step 1" in done.err, done.err
    note = "all 18 videos are read, though there is an official division (by folders) into training and test: 6 are "
    assert note + "outside train/" in done.err
    Path("new.yaml").write_text("# my settings\n" + old.partition("\n")[2])
    assert "pretraining on the 12 videos" in auxjepa("pretrain", "--config", "new.yaml", "--out", "new").err


def test_each_part_of_a_mixture_has_its_own_split(auxjepa, trained: Path, divided: Path, labelled: Path) -> None:
    mixture = f"--data.mixture.own.source folder:{divided} --data.mixture.more.source folder:{labelled}".split()
    words = ["pretrain", "--config", trained / "config.yaml", *mixture, "--optim.steps", 1, "--out", "mixed"]
    done = auxjepa(*words)
    assert done.code == 0, done.err
    mixed = read_yaml(Path("mixed/config.yaml"))["data"]["mixture"]
    assert mixed["own"]["split"] == "train" and "split" not in mixed["more"]


def test_the_hash_of_every_video_is_what_it_always_was() -> None:
    plain = RunConfig.model_validate({"data": {"source": "folder:x"}})
    assert plain.content_hash() == "9f8b278b4e42eee3"
    for change in ({"split": "all"}, {"allow_padding": True}):
        assert RunConfig.model_validate({"data": {"source": "folder:x", **change}}).content_hash() == "9f8b278b4e42eee3"
    assert (
        RunConfig.model_validate({"data": {"source": "folder:x", "split": "train"}}).content_hash()
        != "9f8b278b4e42eee3"
    )
    mixed = {"data": {"mixture": {"a": {"source": "folder:x"}, "world": {}}}}
    assert RunConfig.model_validate(mixed).content_hash() == "763c658adc116442"


def test_a_split_that_is_not_there_is_said(auxjepa, trained: Path) -> None:
    done = auxjepa("pretrain", "--config", trained / "config.yaml", "--data.split", "train", "--out", "x")
    assert done.code == 2 and "there is no train/ next to a val/ or test/" in done.err.splitlines()[-1]


def _names(header: Path) -> list[str]:
    return json.loads(header.read_text())["names"]
