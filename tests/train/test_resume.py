"""Killed at random moments, started again: the same bits as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from auxjepa.config import to_yaml
from auxjepa.train.checkpoint import digest, find, read_state, read_weights
from auxjepa.train.loop import Run

KILLS = 6
STEPS = 60
# Imports and the first optimiser take seconds: a process that has both behind it forks one training process a line.
DRIVER = """
import os, sys, tempfile
from pathlib import Path
import numpy as np, torch
torch.set_num_threads(1)
from auxjepa.config import RunConfig, read_yaml
from auxjepa.train.loop import Run
config, clips, folder = sys.argv[1:]
config, clips = RunConfig.model_validate(read_yaml(Path(config))), np.load(clips, mmap_mode="r")
with tempfile.TemporaryDirectory() as warm:
    Run(config, clips, Path(warm))
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            Run(config, clips, Path(folder)).train()
        except BaseException as error:
            print(type(error).__name__, error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.slow
def test_kill_9_at_random_moments_changes_no_bit(tiny, clips, tmp_path):
    config = tiny(
        objectives={"prediction": {}, "latent_dynamics": {}, "sigreg": {"weight": 0.01, "args": {"slices": 8}}},
        optim={"steps": STEPS},
        checkpoint={"every": 4, "keep": "best"},
        data={"flip": True},
    )
    (tmp_path / "run.yaml").write_text(to_yaml(config))
    np.save(tmp_path / "clips.npy", clips)
    folder, moments = tmp_path / "killed", random.Random(time.time_ns())
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path / "run.yaml"), str(tmp_path / "clips.npy"), str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as forks:
        assert forks.stdin is not None and forks.stdout is not None
        undisturbed = Run(config, clips, tmp_path / "undisturbed")
        undisturbed.train()

        def life(until: Callable[[], bool]) -> int:
            """Exit code of one training process, killed as soon as ``until`` says so."""
            print("go", file=forks.stdin)
            child = int(forks.stdout.readline())
            deadline = time.monotonic() + 60
            while not until() and time.monotonic() < deadline:
                time.sleep(0.001)
            os.kill(child, signal.SIGKILL)  # nobody else has this number before the parent has waited for it
            return int(forks.stdout.readline())

        def random_moment() -> Callable[[], bool]:
            goal, rest = len(lines(folder)) + moments.randrange(STEPS // KILLS), moments.random() * 0.03
            return lambda: len(lines(folder)) >= goal and (time.sleep(rest) is None)

        ends = [life(random_moment()) for _ in range(KILLS)]
        assert ends.count(-signal.SIGKILL) >= KILLS - 1, f"processes ended by themselves: {ends}"
        print("go", file=forks.stdin)
        assert [int(forks.stdout.readline()) > 0, int(forks.stdout.readline())] == [True, 0]
        forks.stdin.close()

    mine, theirs = (find(path / "checkpoints") for path in (undisturbed.folder, folder))
    assert [path.name for path in mine] == [path.name for path in theirs]
    for a, b in zip(mine, theirs, strict=True):
        assert digest(read_weights(a)) == digest(read_weights(b))
        assert read_state(a).optimizer_digest == read_state(b).optimizer_digest
        assert read_state(a).loop["best_step"] == read_state(b).loop["best_step"]
    assert (undisturbed.folder / "best").resolve().name == (folder / "best").resolve().name
    assert [json.loads(line)["step"] for line in lines(folder)] == list(range(STEPS))
    # How long a step waited for data is the one number that isn't the run's.
    said = [[{**json.loads(line), "waiting": 0} for line in lines(path)] for path in (undisturbed.folder, folder)]
    assert said[0] == said[1]
    assert not list((folder / "checkpoints").glob(".partial-*"))


def lines(folder) -> list[str]:
    path = folder / "metrics.jsonl"
    return path.read_text().splitlines() if path.exists() else []
