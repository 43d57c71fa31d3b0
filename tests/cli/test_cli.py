"""The door: help comes at once and imports little, every command has help, every error is one line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auxjepa.cli import COMMANDS

LEAVES = [*(c for c in COMMANDS if c not in ("study", "data")), "study run", "study status", "data world", "data scan"]
HEAVY = ("torch", "pydantic", "numpy", "scipy", "pandas", "av", "rich", "yaml")


def test_help_imports_nothing_heavy_and_answers_in_half_a_second() -> None:
    code = (
        "import sys; from auxjepa.cli import main; code = main(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    best = float("inf")
    for _ in range(5):  # the best of five: this machine may be busy with something else
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        best = min(best, time.perf_counter() - start)
        assert done.stderr.strip() == "[]"
        assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert best < 0.5


@pytest.mark.parametrize("command", LEAVES)
def test_every_command_has_help(auxjepa, command: str) -> None:
    done = auxjepa(*command.split(), "--help")
    assert done.code == 0 and f"usage: auxjepa {command}" in done.out and done.err == ""


@pytest.mark.parametrize("command", ["study", "data"])
def test_commands_with_actions_name_them(auxjepa, command: str) -> None:
    done = auxjepa(command)
    assert done.code == 0 and f"auxjepa {command}" in done.out
    assert "did you mean" in auxjepa(command, "statsu" if command == "study" else "scam").err


def test_no_word_and_version(auxjepa) -> None:
    assert auxjepa().out == auxjepa("--help").out
    assert auxjepa("--version").out == "auxjepa 0.1.0\n"


WRONG = [
    ("pretrian", "auxjepa: no command 'pretrian'; did you mean 'pretrain'?", 2),
    ("pretrain --optim.stepz 3", "unknown field 'optim.stepz'; did you mean 'optim.steps'?", 2),
    ("pretrain --steps 3", "unknown field 'steps'; did you mean 'optim.steps'?", 2),
    ("pretrain --optim.steps 0", "optim.steps: input should be greater than or equal to 1 (got 0)", 2),
    ("pretrain --masks.0.scale 3", "masks.0.scale: input should be less than or equal to 1 (got 3)", 2),
    ("pretrain --masks.3.scale 0.3", "masks.3 would leave a gap: the next one is masks.1", 2),
    ("pretrain --objectives.delta.wieght 1", "did you mean 'objectives.delta.weight'?", 2),
    ("pretrain --variant fwn", "no variant is called 'fwn'; did you mean 'fwm'?", 2),
    ("pretrain --model.size hoge", "(got 'hoge')", 2),
    ("pretrain --seed 1.5", "(got 1.5)", 2),
    ("pretrain --out", "--out needs a value", 2),
    ("pretrain foo", "what is 'foo'? Flags begin with --", 2),
    ("pretrain --optim.lr [", "(got '[')", 2),
    ("pretrain --config none.yaml", "none.yaml: No such file", 2),
    ("pretrain --data elsewhere", "no data set 'elsewhere': nothing is prepared in data. auxjepa data prepare NAME", 2),
    ("pretrain --data folder:none", "none: no such folder of videos", 1),
    ("pretrain --data.stride 2", "data.stride and data.fps are for videos", 2),
    ("probe", "run is required", 2),
    ("probe none", "none: no checkpoint here", 1),
    ("embed none", "videos is required", 2),
    ("embed none x.mp4 --out x.csv", "out must end in .npy or .safetensors, got 'x.csv'", 2),
    ("study run", "which study?", 2),
    ("study run quik", "no preset 'quik'; did you mean 'quick'?", 2),
    ("study run quick --variants [ld]", "the reference 'baseline' is not among the variants", 2),
    ("study run quick --benchmarks [world_ordre]", "did you mean 'world_order'?", 2),
    ("study run quick --base.data.clips 9", "base.data isn't used", 2),
    ("study status none", "none: no study here (study.yaml is missing)", 2),
    ("report none", "none: no such study folder", 1),
    ("data scan none", "none: no such folder of videos", 1),
]


@pytest.mark.parametrize(("words", "line", "code"), WRONG, ids=[words for words, _, _ in WRONG])
def test_every_error_is_one_line(auxjepa, words: str, line: str, code: int) -> None:
    done = auxjepa(*words.split())
    assert done.code == code and done.out == ""
    assert line in done.err and done.err.count("\n") == 1 and done.err.startswith("auxjepa")


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m auxjepa.cli pretrain --help | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "COLUMNS": "80"}
    )
    assert done.stdout.startswith("usage: auxjepa pretrain") and "Traceback" not in done.stderr
