"""Studies carried out: nothing twice, a failure stops nobody else, another study is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rich.console import Console

from auxjepa.config import ConfigError
from auxjepa.data.open import open_feed
from auxjepa.evidence.study_folder.folder import load
from auxjepa.rows import RowStore
from auxjepa.runs.summary import read_summary
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.run import claim, execute, share_runs, status
from auxjepa.study.worker import LOCK, RunError, encoder_row, run_folder, score_controls, work
from auxjepa.train.loop import Run
from deadly import Deadly


def run_all(study: StudyConfig, folder: Path, root: Path) -> None:
    """In this process, where types are checked."""
    for run in plan(study, root):
        work(study, run, folder, "cpu", os.getppid())
        score_controls(study, run, folder, os.getppid())


def test_every_variant_seed_and_control_gets_its_row_once(tiny: StudyConfig, root: Path, tmp_path: Path) -> None:
    run_all(tiny, tmp_path, root)
    rows = list(RowStore(tmp_path))
    encoders = [(r.variant, r.seed) for r in rows if r.control in (None, "random_init")]
    assert sorted(encoders) == sorted((run.config.variant, run.config.seed) for run in plan(tiny))
    # Controls without an encoder need no seed: they are scored once a seed at most, here with the first of each.
    assert {r.control for r in rows} == {None, "random_init", "raw_pixels", "majority", "chance"}
    store = RowStore(tmp_path)
    for row in rows:
        marks = store.correct(row)
        assert (marks is None) == (row.control == "chance")
        if marks is not None:
            assert row.score == pytest.approx(100 * marks.mean()) and row.seconds > 0 and row.peak_memory_mb > 0
    before = (tmp_path / "rows.jsonl").read_bytes()
    run_all(tiny, tmp_path, root)
    assert (tmp_path / "rows.jsonl").read_bytes() == before
    assert all(state.words == "finished" for state in status(tiny, tmp_path))


def test_status_tells_waiting_running_stopped_and_failed(tiny: StudyConfig, tmp_path: Path) -> None:
    assert {state.words for state in status(tiny, tmp_path)} == {"waiting"}
    own = run_folder(tmp_path, plan(tiny)[1])
    own.mkdir(parents=True)
    (own / "metrics.jsonl").write_text('{"step": 0}\n{"step": 1}\n{"step"')
    state = status(tiny, tmp_path)[1]
    assert state.words == "stopped" and state.steps == 2
    with FileLock(own / LOCK):
        assert status(tiny, tmp_path)[1].words == "running"
    (own / "error.txt").write_text("trace")
    assert status(tiny, tmp_path)[1].words == "failed"


def test_the_same_study_may_go_on_and_another_is_told_what_differs(
    tiny: StudyConfig, content: dict[str, Any], tmp_path: Path
) -> None:
    claim(tiny, tmp_path, "auxjepa study run a")
    claim(tiny.model_copy(update={"question": "Why?"}), tmp_path, "auxjepa study run b")
    text = (tmp_path / "study.yaml").read_text()
    assert "question: Why?" in text and 'command: "auxjepa study run b"' in text
    content["base"]["optim"] = {"steps": 5, "batch": 4}
    with pytest.raises(ConfigError) as caught:
        claim(StudyConfig.model_validate({**content, "seeds": [0, 1, 2]}), tmp_path, "c")
    line = str(caught.value)
    assert "seeds is [0, 1] in the folder and [0, 1, 2] in the request" in line
    assert "base.optim.steps is 3 in the folder and 5 in the request" in line and "\n" not in line
    assert (tmp_path / "study.yaml").read_text() == text


@pytest.mark.slow
def test_a_run_that_fails_is_named_and_the_others_finish(content: dict[str, Any], root: Path, tmp_path: Path) -> None:
    content["seeds"] = [0]
    content["base"]["optim"] = {"steps": 3, "batch": 4, "lr": 1e-3}
    study = StudyConfig.model_validate(content)
    broken = run_folder(tmp_path, next(run for run in plan(study) if run.config.variant == "ld"))
    broken.mkdir(parents=True)
    (broken / "pool.txt").write_text("of another pool\n")
    console = Console(file=io.StringIO(), width=200)
    with pytest.raises(RunError) as caught:
        execute(study, tmp_path, root=root, workers=1, console=console)
    line = str(caught.value)
    assert line.startswith("ld seed 0 (world):") and "begun on other clips" in line and "\n" not in line
    states = {state.run.config.variant: state.words for state in status(study, tmp_path)}
    assert states == {"random_init": "finished", "baseline": "finished", "ld": "failed"}
    assert "ConfigError" in (broken / "error.txt").read_text()
    assert "scores" in console.file.getvalue() and "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]
    record = json.loads((tmp_path / "benchmarks.json").read_text())["world_direction"]
    assert record["n_test"] == 24 and sum(record["class_counts"]) == 24 and record["splits"]["shared"] == 0
    (broken / "pool.txt").unlink()
    execute(study, tmp_path, root=root, workers=1, console=console)
    assert {state.words for state in status(study, tmp_path)} == {"finished"} and not (broken / "error.txt").exists()


def test_studies_that_share_runs_train_equal_ones_once(tiny: StudyConfig, root: Path, tmp_path: Path) -> None:
    shared, stamps = tmp_path / "shared", []
    for name in ("one", "two"):
        claim(tiny, tmp_path / name, "")
        share_runs(tmp_path / name, shared)
        run_all(tiny, tmp_path / name, root)
        stamps.append({path.parent.name: path.stat().st_mtime_ns for path in shared.glob("*/summary.json")})
    assert len(stamps[0]) == 4 and stamps[0] == stamps[1]
    rows = [sorted((r.id, r.score) for r in RowStore(tmp_path / name)) for name in ("one", "two")]
    assert rows[0] == rows[1]
    assert load(tmp_path / "two").shared.studies == ((tiny.name, 4),)  # the folder's name tells the two apart
    assert len({read_summary(path).encoder_digest for path in shared.iterdir() if path.is_dir()}) == 4
    share_runs(tmp_path / "two", shared)
    with pytest.raises(ConfigError, match="from its beginning"):
        share_runs(tmp_path / "two", tmp_path / "others")


def half_trained(study: StudyConfig, folder: Path, root: Path) -> Path:
    """The folder of a run of ``ld`` that was killed behind the first of its checkpoints."""
    run = next(run for run in plan(study, root) if run.config.variant == "ld")
    own = run_folder(folder, run)

    def stop(step: int, line: dict[str, float]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(run.config, open_feed(run.config.data, progress=False), own).train(stop)
    return own


SUMMARIES = {
    "empty": b"",
    "zeros": bytes(99),
    "cut": b'{"variant": "ld", "reg',
    "other": b'{"version": 9}',
    "list": b"[]",
}


@pytest.mark.parametrize("kind", SUMMARIES)
def test_a_half_trained_encoder_never_counts_as_finished(
    content: dict[str, Any], root: Path, tmp_path: Path, kind: str
) -> None:
    content |= {"seeds": [0], "variants": ["baseline", "ld"]}
    content["base"] |= {"checkpoint": {"every": 1}}
    study = StudyConfig.model_validate(content)
    own = half_trained(study, tmp_path / "hurt", root)
    (own / "summary.json").write_bytes(SUMMARIES[kind])
    for name in ("calm", "hurt"):
        run_all(study, tmp_path / name, root)
    rows = [sorted((r.id, r.score) for r in RowStore(tmp_path / name)) for name in ("calm", "hurt")]
    assert rows[0] == rows[1] and {state.words for state in status(study, tmp_path / "hurt")} == {"finished"}
    (own / "summary.json").write_bytes(SUMMARIES[kind])
    states = {state.run.config.variant: state.words for state in status(study, tmp_path / "hurt")}
    assert states == {"random_init": "finished", "baseline": "finished", "ld": "not trained to its end"}
    run_all(study, tmp_path / "hurt", root)
    assert {state.words for state in status(study, tmp_path / "hurt")} == {"finished"}
    assert sorted((r.id, r.score) for r in RowStore(tmp_path / "hurt")) == rows[0]


def test_a_damaged_last_checkpoint_is_trained_again_and_said(
    content: dict[str, Any], root: Path, tmp_path: Path
) -> None:
    content |= {"seeds": [0], "variants": ["baseline"]}
    content["base"] |= {"checkpoint": {"every": 1, "keep": "all"}}
    study = StudyConfig.model_validate(content)
    run = next(run for run in plan(study, root) if run.control is None)
    assert work(study, run, tmp_path, "cpu", os.getppid()) == []
    before = [(r.id, r.score) for r in RowStore(tmp_path)]
    weights = run_folder(tmp_path, run) / "checkpoints" / "step-000003" / "weights.safetensors"
    data = weights.read_bytes()
    for damaged in (data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
        weights.write_bytes(damaged)
        (tmp_path / "rows.jsonl").unlink()
        (note,) = work(study, run, tmp_path, "cpu", os.getppid())
        assert note.startswith("baseline seed 0 (world): ") and "training resumes from step 2" in note
        assert weights.read_bytes() == data and [(r.id, r.score) for r in RowStore(tmp_path)] == before


def test_scores_that_came_before_the_end_of_training_are_told(
    content: dict[str, Any], root: Path, tmp_path: Path
) -> None:
    content |= {"seeds": [0], "variants": ["baseline", "ld"]}
    content["base"] |= {"checkpoint": {"every": 1}}
    study = StudyConfig.model_validate(content)
    half_trained(study, tmp_path, root)
    run = next(run for run in plan(study, root) if run.config.variant == "ld")
    RowStore(tmp_path).append(encoder_row(run, study.chosen_benchmarks()[0]))
    (note,) = work(study, run, tmp_path, "cpu", os.getppid())
    assert "1 of its scores were written before its training ended, of 3 steps: remove their lines" in note
    shutil.rmtree(run_folder(tmp_path, run) / "checkpoints")
    assert status(study, tmp_path)[2].words == "finished", "whoever removes weights after scoring keeps the scores"


class Screen:
    """A console that keeps what it was told."""

    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), width=300)

    @property
    def text(self) -> str:
        return self.console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_killed_worker_costs_its_own_run_one_try_and_a_second_one_the_run(
    content: dict[str, Any], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content |= {"seeds": [0], "variants": ["baseline", "ld"]}
    study, screen = StudyConfig.model_validate(content), Screen()
    run_all(study, tmp_path / "calm", root)
    once = Deadly("auxjepa.study.worker.work", "variant='ld'", tmp_path / "flag")
    monkeypatch.setattr("auxjepa.study.run.work", once)
    execute(study, tmp_path / "once", root=root, workers=2, console=screen.console)
    assert "ld seed 0 (world): its process died (SIGKILL, out of memory?); a new one resumes it" in screen.text
    monkeypatch.setattr("auxjepa.study.run.work", Deadly("auxjepa.study.worker.work", "variant='ld'"))
    with pytest.raises(RunError) as caught:
        execute(study, tmp_path / "always", root=root, workers=1, console=screen.console)
    line = str(caught.value)
    assert line.startswith("ld seed 0 (world): its process died 2 times (SIGKILL, out of memory?)") and "\n" not in line
    states = {state.run.config.variant: state.words for state in status(study, tmp_path / "always")}
    assert states == {"random_init": "finished", "baseline": "finished", "ld": "failed"}
    monkeypatch.undo()
    execute(study, tmp_path / "always", root=root, workers=1, console=screen.console)
    scores = [sorted((r.id, r.score) for r in RowStore(tmp_path / name)) for name in ("calm", "once", "always")]
    assert scores[0] == scores[1] == scores[2]
    assert {state.words for state in status(study, tmp_path / "always")} == {"finished"}


def test_rows_that_could_not_be_appended_to_are_refused_before_anything_is_trained(
    tiny: StudyConfig, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_bytes("{}\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"rows.jsonl is utf-16, and rows are appended as UTF-8"):
        execute(tiny, tmp_path, root=root, workers=1, console=Screen().console)
    assert not (tmp_path / "runs").exists()
