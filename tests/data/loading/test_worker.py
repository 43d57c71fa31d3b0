"""Accidents of the loader's worker processes: crashes, hangs, errors, interruptions and dead parents."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.data.errors import VideoError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.loader import Loader, LoaderError
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import scan
from miniatures import readers
from miniatures.loader_steps import alive, draw, gone, right, stop


def test_a_killed_worker_is_replaced_and_its_clips_are_read_again() -> None:
    with Loader(readers.Numbers(0.01), draw, workers=2, stop=40) as loader:
        events: list[str] = []
        victim = 0
        for batch in loader:
            assert right(batch)
            events += batch.events
            if batch.step == 5:
                victim = loader.processes[0]
                stop(victim)
            if batch.step == 15:
                assert victim not in loader.processes and len(loader.processes) == 2
                for pid in loader.processes:  # both at once
                    stop(pid)
    assert len(events) == 3 and all("killed by SIGKILL" in event for event in events) and str(victim) in events[0]


def test_a_worker_that_dies_reading_is_replaced(tmp_path: Path) -> None:
    reader = readers.Deadly(20, tmp_path / "died", signal.SIGSEGV)
    with Loader(reader, draw, workers=2, stop=8) as loader:
        events = [event for batch in loader for event in batch.events if right(batch)]
    assert len(events) == 1 and "killed by SIGSEGV" in events[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_clips_over_which_every_worker_dies_are_named_and_the_loader_ends(workers: int) -> None:
    loader = Loader(readers.Deadly(20), draw, workers=workers)
    seen = 0
    with pytest.raises(LoaderError, match=r"3 workers died reading number 20 .*SIGKILL") as raised:
        for batch in loader:
            seen += right(batch)
    assert seen <= 3 and "\n" not in str(raised.value)
    assert list(loader) == [] and gone(loader.processes, 30)


@pytest.fixture
def deadly_clips(tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]) -> Callable:
    """A reader of eight videos, of which the named ones kill the process that reads them."""
    for number in range(8):
        make_video(tmp_path / f"{number}.mp4", make_pattern(6, seed=number))
    manifest = scan(tmp_path, progress=False)

    def make(*victims: str) -> readers.DeadlyClips:
        reader = readers.DeadlyClips([(manifest, Cut(4, 16))])
        reader.victims = victims
        return reader

    return make


def clips(step: int) -> Draw:
    index = (4 * step + np.arange(4)) % 8
    return Draw(np.zeros(4, np.int64), index, np.full(4, step, np.int64), np.zeros(4))


def test_a_file_that_crashes_its_decoder_is_named_left_out_and_replaced(deadly_clips: Callable) -> None:
    seen = []
    for workers in (0, 1, 2):
        with Loader(deadly_clips("5.mp4"), clips, workers=workers, stop=4) as loader:
            assert loader.processes and os.getpid() not in loader.processes
            batches = list(loader)
        events = [event for batch in batches for event in batch.events]
        assert "5.mp4 is left out: 3 workers died reading it" in events
        deaths = sum("is replaced" in event for event in events)  # later visits cost no worker
        assert deaths == 3 if workers < 2 else 3 <= deaths <= 6  # two workers may read the file at the same time
        failures = [(batch.step, one.name, one.reason) for batch in batches for one in batch.failures]
        why = "the process that reads it dies (it was killed by SIGSEGV)"
        assert failures == [(1, "5.mp4", why), (3, "5.mp4", why)]
        seen.append(torch.stack([batch.clips.clone() for batch in batches]))
    assert torch.equal(seen[0], seen[1]) and torch.equal(seen[0], seen[2])
    with Loader(deadly_clips(), clips, workers=0, stop=4) as loader:
        sound = torch.stack([batch.clips.clone() for batch in loader])
    same = (sound == seen[0]).flatten(2).all(-1)
    assert same.sum() == 14 and not same[1, 1] and not same[3, 1]  # no other clip changes


def test_files_that_all_crash_their_decoder_end_the_loader_in_one_line(
    deadly_clips: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("loader", "pieces"):  # one death per file is enough here: every start of a worker takes time
        monkeypatch.setattr(f"auxjepa.data.loading.{module}.DEATHS", 1)
    loader = Loader(deadly_clips(*(f"{number}.mp4" for number in range(8))), clips, workers=2)
    with pytest.raises(
        VideoError, match=r"the process that reads it dies .*, and 5 substitutes cannot be read either"
    ) as raised:
        next(loader)
    assert "\n" not in str(raised.value) and gone(loader.processes, 30)


def test_a_hanging_worker_is_replaced() -> None:
    with Loader(readers.Numbers(), draw, workers=2, patience=0.6) as loader:
        assert right(next(loader))
        victim = loader.processes[1]
        os.kill(victim, signal.SIGSTOP)
        events = [event for _ in range(8) for event in next(loader).events]
        assert len(events) == 1 and "finished nothing for 1 s" in events[0]
        assert not alive(victim)


def test_errors_are_raised_unchanged_at_their_step() -> None:
    loader = Loader(readers.Wrong(20), draw, workers=2)
    assert [next(loader).step for _ in range(3)] == [0, 1, 2]
    with pytest.raises(VideoError, match=r"x.mp4: broken"):
        next(loader)
    assert gone(loader.processes, 30)
    with pytest.raises(RuntimeError, match="Odd: odd 1 2"):
        next(Loader(readers.Wrong(2, sendable=False), draw, workers=1))


def test_readers_that_workers_cannot_open() -> None:
    with pytest.raises(LoaderError, match="cannot open the reader: not here"):
        next(Loader(readers.Unopenable(), draw, workers=2))
    with pytest.raises(LoaderError, match="die before they read anything: it ended with status 7"):
        next(Loader(readers.Suicidal(), draw, workers=2))


def test_the_last_message_of_a_dead_worker_is_raised() -> None:
    def late(step: int) -> Draw:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and dead_children() < 3:
            time.sleep(0.02)
        return draw(step)

    with pytest.raises(LoaderError, match="cannot open the reader: not here"):
        next(Loader(readers.Unopenable(), late, workers=3))


def dead_children() -> int:
    """How many child processes have ended and wait to be collected."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return sum(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z" for pid in children)


def test_no_process_is_left_after_an_exception_or_when_dropped() -> None:
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(KeyboardInterrupt), Loader(readers.Numbers(), draw, workers=2) as loader:
        for batch in loader:
            if batch.step == 2:
                raise KeyboardInterrupt
    assert gone(loader.processes, 30)
    forgotten = Loader(readers.Numbers(), draw, workers=2)
    next(forgotten)
    pids = forgotten.processes
    batch = None
    del forgotten, loader
    gc.collect()
    assert gone(pids, 30)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # fewer when an idle pool of other tests has ended


def test_dev_shm_stays_empty() -> None:
    """The 64 MB that containers have there are no limit, and no crash leaves files there."""
    with Loader(readers.Numbers(), draw, workers=2) as loader:
        assert right(next(loader))
        for pid in loader.processes:
            maps = Path(f"/proc/{pid}/maps").read_text()
            assert "/dev/shm" not in maps and "memfd:auxjepa" in maps
            assert "libtorch" not in maps  # a worker without torch starts in a fifth of the time and memory


def test_interrupted_while_waiting() -> None:
    loader = Loader(readers.Numbers(0.05), draw, workers=2)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1)
        with pytest.raises(KeyboardInterrupt):
            while True:
                next(loader)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert gone(loader.processes, 30)


ORPHANS = """
import sys, time
from test_draws import draw
from auxjepa.data.loading.loader import Loader
from miniatures.readers import Numbers
loader = Loader(Numbers(0.05), draw, workers=2)
next(loader)
print(*loader.processes, flush=True)
{then}
"""


@pytest.mark.parametrize(("then", "kill"), [("time.sleep(300)", signal.SIGKILL), ("", None)])
def test_workers_end_with_their_parent(tmp_path: Path, then: str, kill: signal.Signals | None) -> None:
    (tmp_path / "test_draws.py").write_text(
        "import numpy as np\nfrom auxjepa.data.loading.draw import Draw\n"
        "def draw(step):\n    return Draw(*np.zeros((3, 4), np.int64), np.zeros(4))\n"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANS.format(then=then)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        if kill is not None:
            assert len(pids) == 2 and all(map(alive, pids))
            parent.send_signal(kill)
        assert parent.wait(60) == (-kill if kill else 0)
    assert len(pids) == 2 and gone(pids, 30)
