"""Seeds added through the command line: up to registered looks, to a screen, and where it is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from auxjepa import cli
from auxjepa.evidence.study_folder.folder import load
from auxjepa.interface import studies
from auxjepa.rows import RowStore
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.study_yaml import read_study
from auxjepa.study.worker import RunError, score_controls, work

Command = Callable[..., tuple[int, str, str]]
HYPOTHESIS = {"id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_direction"}
CONFIRM = {
    "phase": "confirm",
    "seeds": [7, 8, 9, 10],
    "rule": {"looks": [1, 2, 4]},
    "hypotheses": [HYPOTHESIS],
    "controls": [],
}
SCREEN = {"seeds": [0], "controls": []}


class Trainer:
    """Trains the runs of a study in this process.

    Args:
        root: folder of the data.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.most = root, 99

    def __call__(self, study: StudyConfig, folder: Path, *, on_start: Callable[[], None], **settings: Any) -> None:
        on_start()
        for run in plan(study, self.root)[: self.most]:
            work(study, run, folder, "cpu", os.getppid())
            score_controls(study, run, folder, os.getppid())
        if self.most < 99:
            raise RunError("killed")


def write_page(folder: Path) -> Path:
    """Write an empty report."""
    (folder / "report.md").write_text("# tiny\n")
    return folder / "report.html"


@pytest.fixture
def trainer(root: Path, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    trains = Trainer(root)
    monkeypatch.setattr(studies, "execute", trains)
    monkeypatch.setattr(studies.report, "build", write_page)
    return trains


@pytest.fixture
def study(trainer: Trainer, content: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """``study(action, changes, *flags)``: exit status, output and errors of a command on a tiny study in ``out``."""

    def call(action: str, changes: dict[str, Any], *flags: object) -> tuple[int, str, str]:
        file, out = tmp_path / "tiny.yaml", tmp_path / "out"
        file.write_text(yaml.safe_dump(content | changes))
        words = ["study", action, *([str(out)] if action == "status" else [str(file), "--out", str(out)])]
        code = cli.main([*words, *map(str, flags)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def seeds_of(folder: Path) -> list[int]:
    """Return the seeds with scores of variants."""
    return sorted({row.seed for row in RowStore(folder) if row.control is None})


def test_a_confirmation_runs_from_look_to_look(study: Command, trainer: Trainer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, _ = study("run", CONFIRM, "--add-seeds", "next")
    assert code == 2 and not out.exists()
    assert study("run", CONFIRM)[0] == 0 and seeds_of(out) == [7]
    registered = (out / "registration.json").read_bytes()
    text = study("status", CONFIRM)[1]
    assert "look 1 of 3 (1 of 4 seeds): complete" in text and "--add-seeds next continues to look 2" in text
    assert "waiting" not in text, "the seeds of later looks are not shown"
    code, _, err = study("run", CONFIRM, "--add-seeds", 2)
    assert code == 2 and "1 + 2 is no registered look: --add-seeds 1 (look 2) or --add-seeds 3 (look 3)" in err
    assert err.count("\n") == 1
    trainer.most = 3  # the process is killed after one of the two new runs
    assert study("run", CONFIRM, "--add-seeds", "next")[0] != 0
    trainer.most = 99
    assert seeds_of(out) == [7, 8]
    assert "look 2 of 3 (2 of 4 seeds): 1 runs are not finished" in study("status", CONFIRM)[1]
    code, text, _ = study("run", CONFIRM, "--add-seeds", 1)
    assert code == 0 and "look 2 of 3, seeds 8: 1 runs to train (3 steps), 1 scores, about" in text
    assert "of alpha 0.05, the tests may use 0.031 by look 2, and 0.019 are left for later looks" in text
    evidence = load(out)
    assert evidence.registered and evidence.registered.deviations == [] and evidence.absent == 0
    assert any("this is look 2 of 3" in line for line in evidence.remarks)
    assert evidence.outcomes[0].effect and evidence.outcomes[0].effect.seeds == (7, 8)
    code, text, _ = study("run", CONFIRM)
    assert code == 0 and seeds_of(out) == [7, 8], "without the flag, the begun look is completed and no other"
    assert study("run", CONFIRM, "--add-seeds", 2)[0] == 0 and seeds_of(out) == [7, 8, 9, 10]
    code, _, err = study("run", CONFIRM, "--add-seeds", "next")
    assert code == 2 and "all 4 registered seeds are run" in err and "new study on fresh seeds" in err
    assert (out / "registration.json").read_bytes() == registered


def test_seeds_are_added_to_a_screen(study: Command, trainer: Trainer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert study("run", SCREEN)[0] == 0 and seeds_of(out) == [0]
    code, _, err = study("run", SCREEN, "--add-seeds", "next")
    assert code == 2 and "no next look: give a number" in err
    for wrong in ("many", 0, -1, 1.5):
        code, _, err = study("run", SCREEN, f"--add-seeds={wrong}")
        assert code == 2 and "add_seeds: should be a number of seeds such as 2, or 'next'" in err
    trainer.most = 3
    code, text, _ = study("run", SCREEN, "--add-seeds", 2)
    assert code != 0 and seeds_of(out) == [0, 1]
    assert "adds seeds 1 and 2: 4 runs to train (12 steps), 4 scores, about" in text
    trainer.most = 99
    code, _, err = study("run", SCREEN, "--add-seeds", 1)
    assert code == 2 and "runs of its 3 seeds are not finished" in err
    code, text, _ = study("run", SCREEN, "--add-seeds", 2)
    assert code == 0 and "resumes the addition of seeds 1 and 2" in text and seeds_of(out) == [0, 1, 2]
    filed = read_study(out)
    assert (filed.seeds, filed.added_seeds) == ((0, 1, 2), (2,))
    assert "--add-seeds" not in (out / "study.yaml").read_text() and "--seeds 0 1 2" in (out / "study.yaml").read_text()
    code, text, _ = study("run", SCREEN)
    assert code == 0 and "holds seeds that were added later (1 and 2)" in text
    assert study("run", SCREEN, "--seeds", 0, 1, 2)[0] == 0
    assert "run in 2 steps (1, then 2; added: 1, 2)" in study("status", SCREEN)[1]
    assert any("run in 2 steps" in line for line in load(out).remarks)
    code, _, err = study("run", SCREEN, "--seeds", 0, 1, 2, 3)
    assert code == 2 and "holds another study" in err and "add seeds to the study in the folder with --add-seeds" in err
    code, _, err = study("run", SCREEN | {"benchmarks": ["world_order"]}, "--add-seeds", 1)
    assert code == 2 and "holds another study" in err


def test_a_failed_run_does_not_stop_the_next_look(study: Command, tmp_path: Path) -> None:
    assert study("register", CONFIRM)[0] == 0
    out = tmp_path / "out"
    for run in plan(read_study(out))[:2]:
        (out / "runs" / run.key).mkdir(parents=True)
        (out / "runs" / run.key / "error.txt").write_text("trace")
    code, text, _ = study("plan", CONFIRM, "--add-seeds", "next")
    assert code == 0 and text.startswith("look 2 of 3, seeds 8: 4 runs to train (12 steps), 4 scores; no finished run")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule": {"looks": [2, 1, 4]}}, "looks must ascend, for example [6, 8, 10], got [2, 1, 4]"),
        ({"rule": {"looks": [2, 2, 4]}}, "looks must ascend"),
        ({"rule": {"looks": [1, 2, 3]}}, "the last of rule.looks must be the number of seeds: it is 3, not 4"),
        ({"rule": {"looks": [4]}}, "at least two numbers of seeds"),
        ({"rule": {"looks": [0, 4]}}, "greater than or equal to 1"),
        ({"rule": {"looks": [10, 21]}, "seeds": list(range(21))}, "at most 20"),
        ({"rule": {"spending": "obrien_fleming"}}, "give looks too"),
        ({"phase": "screen", "hypotheses": []}, "rule.looks is for phase 'confirm'"),
        ({"added_seeds": [1]}, "added_seeds counts the last seeds of a screen"),
    ],
)
def test_looks_that_cannot_be_registered_are_one_line(
    study: Command, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    code, _, err = study("register", CONFIRM | changes)
    assert code == 2 and message in err and err.count("\n") == 1 and not (tmp_path / "out").exists()


def test_a_confirmation_without_looks_gets_no_seeds(study: Command, tmp_path: Path) -> None:
    plain = CONFIRM | {"rule": {}}
    assert study("register", plain)[0] == 0
    code, _, err = study("run", plain, "--add-seeds", 2)
    assert code == 2 and "its rule has no looks" in err and "12 %" in err and err.count("\n") == 1
    code, _, err = study("register", plain, "--add-seeds", 2)
    assert code == 2 and "a flag of `auxjepa study run`" in err


def test_registering_warns_of_looks_that_decide_nothing(study: Command) -> None:
    seeds = {"seeds": list(range(10, 20)), "rule": {"looks": [5, 8, 10]}}
    lines = study("register", CONFIRM | seeds)[1].splitlines()
    assert lines[1].startswith("3 looks; of alpha 0.05, the tests may use 0.031 by 5 seeds")
    assert lines[2] == (
        "warning: look 1 (5 seeds) cannot decide a hypothesis 'above' or 'below': its smallest p is 0.1, above 0.05"
    )
    assert len(lines) == 3
