"""What a study will take: parts that add up, steps that are reckoned up, machines that are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from auxjepa import regimes
from auxjepa.benchmarks import BENCHMARKS, measurement_of
from auxjepa.cli import main
from auxjepa.config import DataConfig, RunConfig
from auxjepa.models.initial import build_initial_encoder
from auxjepa.rows import RowStore
from auxjepa.runs.summary import write_summary
from auxjepa.study import step_cost as module
from auxjepa.study.actual_cost import compare_with_plan, measure_actual_cost
from auxjepa.study.estimate import Drawn, estimate, world_sets
from auxjepa.study.needs import data_root, missing_sets, prepared_sets
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.step_cost import Clock, Rung, encoder_flops, flops, kind_of, rungs, step_cost
from auxjepa.study.worker import encoder_row
from auxjepa.tokens import Grid
from written_run import summary_of

CPU = torch.device("cpu")


def test_a_study_is_reckoned_up_from_its_steps(tiny: StudyConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auxjepa.study.estimate.LONGEST", 1e9)  # however busy the machine is
    one = estimate(tiny, workers=1, seconds=0.1)
    assert (one.runs, one.scored) == (4, 6) and set(one.steps) == {"baseline on world", "ld on world"}
    assert all(value > 0 for value in one.steps.values()) and not one.guessed
    assert one.training == pytest.approx(sum(2 * 3 * ms for ms in one.steps.values()) / 3.6e6, rel=0.01)
    assert one.hours == pytest.approx(one.training + one.scoring + one.making) and one.making > 0
    assert one.memory_gb > 0.3 and one.disk_gb > 0 and one.crowding >= 1
    more = tiny.model_copy(update={"seeds": (0, 1, 2, 3, 4, 5, 6, 7)})
    two = estimate(more, workers=2, seconds=0.1)
    assert two.training > 2 * one.training and two.operations == pytest.approx(4 * one.operations)
    assert two.hours == pytest.approx((two.training + two.scoring + two.making) / 2)


@pytest.mark.parametrize("position", ["sincos", "rope"])
def test_operations_are_those_that_torch_counts(position: str) -> None:
    config = RunConfig.model_validate({"model": {"size": "tiny", "position": position}, "optim": {"batch": 3}})
    encoder = build_initial_encoder(config.model, config.seed)
    patches = torch.zeros(1, 64, 3 * 2 * 8 * 8)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        encoder(patches, Grid(T=4, H=4, W=4, tubelet=2, patch=8))
    attention = 12 * 4 * 64**2 * 192  # which torch doesn't count on a CPU
    assert counter.get_total_flops() + attention == encoder_flops(config.model, 64)
    assert flops(config) == pytest.approx(3 * flops(config, Rung(1, 8, 32)))


def test_a_step_that_would_take_too_long_is_reckoned_from_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up machine: 0.5 s a step and 2 s for each 10 ** 9 operations, 1 MB for each token."""
    config = RunConfig.model_validate({"model": {"size": "small"}, "data": {"size": 64, "frames": 16}})
    tried: list[Rung] = []

    def timed(made: RunConfig, *_: object) -> module.Timed:
        rung = Rung(made.optim.batch, made.data.frames, made.data.size)
        tried.append(rung)
        return module.Timed(0.5 + 2e-9 * flops(config, rung), 1.0, float(rung.tokens(made.model)), 10 << 20)

    monkeypatch.setattr(module, "_time_steps", timed)
    cost = step_cost(config, CPU, Clock(CPU), budget=1.0)
    assert tried == rungs(config)[:2] and not cost.whole
    assert cost.seconds == pytest.approx(0.5 + 2e-9 * flops(config))
    assert cost.memory_mb == pytest.approx(module.LIBRARIES_MB + 100 + 64 * 8 * 64)
    assert step_cost(config, CPU, Clock(CPU), budget=1e9).whole and tried[-1] == Rung(64, 16, 64)


def test_variants_that_differ_in_numbers_alone_are_of_one_kind(tiny: StudyConfig) -> None:
    of = tiny.model_copy(update={"variants": ("baseline", "kinematic", "kinematic_0_1", "mgm", "ld")})
    kinds = {run.config.variant: kind_of(run.config) for run in plan(of)}
    assert kinds["kinematic"] == kinds["kinematic_0_1"] and len(set(kinds.values())) == 4


def test_what_is_not_timed_is_like_the_others_and_said_to_be(
    tiny: StudyConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auxjepa.study.estimate.LONGEST", 0.0)
    found = estimate(tiny, workers=1, seconds=0.1)
    assert found.guessed == ("ld on world",)
    assert found.steps["ld on world"] == found.steps["baseline on world"]


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_every_benchmark_says_what_it_encodes(name: str) -> None:
    benchmark = BENCHMARKS[name]
    sets = list(measurement_of(benchmark).clip_sets(benchmark))
    assert sets and len({one.key for one in sets}) == len(sets) and all(one.clips > 0 for one in sets)


def test_the_worlds_clips_are_counted_once(tiny: StudyConfig) -> None:
    cut = (4, 16, 0)
    expected = {
        Drawn(*cut, "mixture", "pretrain", 32),
        Drawn(*cut, "motion", "train", 32),
        Drawn(*cut, "motion", "validation", 16),
        Drawn(*cut, "motion", "test", 24),
    }
    assert world_sets(tiny, tiny.chosen_benchmarks()) == expected


def test_data_sets_that_are_not_there_are_named(tiny: StudyConfig, tmp_path: Path) -> None:
    assert prepared_sets(tiny) == [] and data_root(tiny, None) is None
    update = {"regimes": {"mixed": regimes.find("mixed").data, "own": DataConfig(source="folder:/x")}}
    real = StudyConfig.model_validate(tiny.model_dump() | update | {"benchmarks": ["kinetics_shift", "world_order"]})
    assert prepared_sets(real) == ["imagenet100", "ssv2", "ucf101", "kinetics400", "kinetics700"]
    assert data_root(real, None) == Path("data") and data_root(real, tmp_path) == tmp_path
    damaged = tmp_path / "sets" / "ssv2" / "set.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{")
    told = missing_sets(real, tmp_path)
    assert list(told) == prepared_sets(real) and told["ucf101"] == "not prepared" and "damaged" in told["ssv2"]


PLANNED = """
name: mine
scale: laptop
variants: [baseline, ld]
seeds: [0]
benchmarks: [hmdb51]
regimes: {own: {source: "folder:/x", clips: 32, frames: 4, size: 16}}
base: {model: {position: sincos}, optim: {steps: 3, batch: 4}}
scales:
  long: {base: {optim: {steps: 30000000000}}}
"""


def test_the_command_says_for_which_machine_what_is_missing_and_what_in_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PLANNED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("auxjepa.study.estimate.estimate", lambda study, **how: estimate(study, **how, seconds=0.2))
    assert main(["study", "plan", str(file), "--scale", "long", "--out", "out", "--workers", "3"]) == 0
    told = capsys.readouterr().out
    for words in (
        "for this machine: CPU (",
        "mine-long at long scale: 2 runs to train (",
        " CPU-hours), 3 encoders to score (",
        "3 side by side: about ",
        "a GPU that keeps up 100 TFLOP/s",
        "data sets that aren't there: hmdb51 (not prepared)",
    ):
        assert words in told
    written = json.loads((tmp_path / "out" / "estimate.json").read_text())
    assert written["runs"] == 2 and written["device"] == "cpu" and written["operations"] > 0
    assert main(["study", "plan", str(file), "--scale", "lon"]) == 2
    assert "has no scale 'lon' (it has laptop, long)" in capsys.readouterr().err


def test_what_was_taken_is_held_against_the_plan(tiny: StudyConfig, tmp_path: Path) -> None:
    assert compare_with_plan(tiny, tmp_path) == ""
    control, trained, *_ = plan(tiny)
    (benchmark,) = tiny.chosen_benchmarks()
    row = encoder_row(control, benchmark).model_copy(update={"seconds": 3600.0, "cpu_seconds": 1800.0})
    RowStore(tmp_path).append(row, None)
    folder = tmp_path / "runs" / trained.key
    folder.mkdir(parents=True)
    write_summary(folder, summary_of(trained.config, seconds=7200.0, cpu_seconds=900.0))
    assert measure_actual_cost(tiny, tmp_path) == (3.0, 0.75)
    (tmp_path / "estimate.json").write_text(json.dumps({"training": 0.5, "scoring": 0.5, "device": "cpu"}))
    assert compare_with_plan(tiny, tmp_path) == "planned 1.00 CPU-hours, taken 0.75 (3.00 of the clock), data apart"
    for damage in ("{", "[]", '{"training": "a", "scoring": 1, "device": "cpu"}', "null"):
        (tmp_path / "estimate.json").write_text(damage)
        assert "not what `auxjepa study plan` wrote" in compare_with_plan(tiny, tmp_path)
