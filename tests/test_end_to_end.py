"""A whole study through the command line, as a person starts it: killed, started again, looked at, reported."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auxjepa import cli
from auxjepa.rows import RowStore

STUDY = """
name: tiny
question: Does anything happen?
variants: [baseline, ld]
seeds: [0, 1]
benchmarks: [world_order]
sizes: {train: 40, validation: 16, test: 24, epochs: 1}
regimes:
  world: {clips: 32, frames: 4, size: 16}
base:
  model: {position: sincos}
  optim: {steps: STEPS, batch: 4, lr: 1e-3}
  checkpoint: {every: 5}
"""
STEPS = 40
AUXJEPA = [sys.executable, "-m", "auxjepa.cli"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("study")
    (place / "tiny.yaml").write_text(STUDY.replace("STEPS", str(STEPS)))
    return place


def words_of(out: str, workers: int) -> list[str]:
    return ["study", "run", "tiny.yaml", "--out", out, "--root", "data", "--workers", str(workers)]


def start(place: Path, out: str) -> subprocess.Popen[str]:
    # A session of its own, so that a kill of the parent alone leaves its workers as orphans.
    return subprocess.Popen(
        [*AUXJEPA, *words_of(out, 2)],
        cwd=place,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def call(place: Path, *words: str) -> tuple[str, str]:
    """Standard output and standard error of a command; it runs in this process, because a new one takes seconds."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(place), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert cli.main(list(words)) == 0, err.getvalue()
    return out.getvalue(), err.getvalue()


def status(place: Path, out: str) -> str:
    return call(place, "study", "status", out)[0]


def scores(folder: Path) -> dict[str, tuple[float, str]]:
    """Score and marks of every row, by id; fails where a row was written twice."""
    store = RowStore(folder)
    rows = list(store)
    lines = [line for line in (folder / "rows.jsonl").read_text().splitlines() if line]
    assert len(lines) == len(rows)
    return {row.id: (row.score, str(store.correct(row))) for row in rows}


@pytest.fixture(scope="session")
def undisturbed(place: Path) -> tuple[str, str]:
    return call(place, *words_of("calm", 1))


def test_a_study_ends_in_a_report_that_names_every_variant(place: Path, undisturbed: tuple[str, str]) -> None:
    out, err = undisturbed
    folder = place / "calm"
    assert "# tiny" in out and "## Answer" in out and "calm/report.html" in out and "\x1b" not in out + err
    for name in ("report.html", "report.md"):
        text = (folder / name).read_text()
        assert all(word in text for word in ("baseline", "ld", "Does anything happen?"))
    assert len(scores(folder)) == 2 * 3 + 3  # variants and random init on two seeds, three other controls
    assert "6 finished" in status(place, "calm")
    for summary in folder.glob("runs/*/summary.json"):
        assert json.loads(summary.read_text())["steps"] == STEPS
    before = {path: path.read_bytes() for path in folder.glob("runs/*/summary.json")}
    call(place, *words_of("calm", 1))  # nothing is left to do
    assert before == {path: path.read_bytes() for path in folder.glob("runs/*/summary.json")}
    report = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    call(place, "report", "calm")
    assert abs(len((folder / "report.html").read_bytes()) - len(report)) < 200


def test_a_killed_study_goes_on_where_it_stood(place: Path, undisturbed: tuple[str, str]) -> None:
    folder = place / "killed"
    process = start(place, "killed")
    wait_for(lambda: any_step(folder) >= 10 and len(list(RowStore(folder))) >= 2, process)
    os.kill(process.pid, signal.SIGKILL)  # the parent alone: its workers are orphans now
    process.communicate()
    assert "finished" in (seen := status(place, "killed")) or "running" in seen or "stopped" in seen
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/summary.json")}
    kept_rows = (folder / "rows.jsonl").read_text()
    second = start(place, "killed")  # while orphans may still hold their runs
    wait_for(lambda: any_step(folder) >= 20, second)
    os.killpg(second.pid, signal.SIGKILL)  # this time all of them at once
    second.communicate()
    assert "running" not in status(place, "killed")
    out, err = finish(start(place, "killed"))
    assert "# tiny" in out and "## Answer" in out and "killed/report.html" in out and "\x1b" not in out + err
    assert scores(folder) == scores(place / "calm")
    assert (folder / "rows.jsonl").read_text().startswith(kept_rows.rpartition("\n")[0])
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
    for run in folder.glob("runs/*/metrics.jsonl"):
        steps = [json.loads(line)["step"] for line in run.read_text().splitlines()]
        assert steps == list(range(STEPS))
        calm = place / "calm" / "runs" / run.parent.name / "metrics.jsonl"
        ours = [json.loads(line)["loss"] for line in run.read_text().splitlines()]
        assert ours == [json.loads(line)["loss"] for line in calm.read_text().splitlines()]


def any_step(folder: Path) -> int:
    return max((len(p.read_text().splitlines()) for p in folder.glob("runs/*/metrics.jsonl")), default=0)


def wait_for(reached, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert process.poll() is None, "the study ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
