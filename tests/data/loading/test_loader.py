"""The loader: order, equality, and accidents of its workers."""

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
from auxjepa.data.loading.loader import Batch, Loader, LoaderError
from auxjepa.data.loading.reader import ArrayReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import scan
from miniatures import readers

BATCH = 6


def draw(step: int) -> Draw:
    index = step * BATCH + np.arange(BATCH)
    return Draw(np.zeros(BATCH, np.int64), index, np.zeros(BATCH, np.int64), np.zeros(BATCH))


def expected(step: int) -> np.ndarray:
    return np.broadcast_to((draw(step).index % 251).astype(np.uint8)[:, None, None, None, None], (BATCH, 2, 4, 4, 3))


def right(batch: Batch) -> bool:
    return bool((batch.clips.numpy() == expected(batch.step)).all())


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert gone([pid], 30)


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_steps_in_order_with_the_same_content_for_any_number_of_workers(workers: int) -> None:
    with Loader(readers.Numbers(), draw, workers=workers, start=3, stop=30) as loader:
        seen = list(loader)
    assert [batch.step for batch in seen] == list(range(3, 30)) and all(map(right, seen))  # all held at once
    assert all(batch.clips.dtype == torch.uint8 and batch.waited >= 0 and not batch.events for batch in seen)
    failed = [[failure.name for failure in batch.failures] for batch in seen]
    assert failed == [[f"number {n}" for n in draw(s).index if n % 13 == 0] for s in range(3, 30)]


def test_memory_is_reused_only_after_a_batch_is_gone() -> None:
    with Loader(readers.Numbers(), draw, workers=2, prefetch=1) as loader:
        first = next(loader)
        held = first.clips[1:3].flatten()
        del first
        kept = [next(loader) for _ in range(10)]
        assert (held == torch.from_numpy(expected(0)[1:3].copy()).flatten()).all()
        size = loader._memory.size
        del held, kept
        gc.collect()
        for _ in range(20):
            assert right(next(loader))
        assert loader._memory.size == size
        last = next(loader)
    assert right(last)  # closing takes nothing away


def test_batches_of_several_lengths_and_sizes() -> None:
    def mixed(step: int) -> Draw:
        count = 1 + step % 4
        return Draw(np.full(count, step % 2), np.arange(count) + step, np.zeros(count, int), np.zeros(count))

    with Loader(readers.Numbers(frames=(16, 1), side=40), mixed, workers=2, stop=24) as loader:
        for batch in loader:
            count = 1 + batch.step % 4
            assert batch.clips.shape == (count, (16, 1)[batch.step % 2], 40, 40, 3)
            assert batch.clips[:, 0, 0, 0, 0].tolist() == [batch.step + n for n in range(count)]
        assert loader._memory.size < 8 * 16 * 40 * 40 * 3 * 4


def test_more_clips_than_a_pipe_holds() -> None:
    def many(step: int) -> Draw:
        return Draw(np.zeros(9000, int), np.arange(9000) * 13, np.zeros(9000, int), np.zeros(9000))

    with Loader(readers.Numbers(), many, workers=2, stop=4) as loader:
        time.sleep(1)  # the answers of the workers are not read meanwhile
        assert [len(batch.failures) for batch in loader] == [9000] * 4


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


def test_files_that_all_crash_their_decoder_end_the_loader_in_one_line(deadly_clips: Callable) -> None:
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
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
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


def test_waiting_is_measured_and_prefetched_batches_are_immediate() -> None:
    with Loader(readers.Numbers(0.2), draw, workers=3) as loader:
        assert next(loader).waited > 0.3  # six clips on three workers
        time.sleep(3)
        assert next(loader).waited < 0.3


def test_arrays_and_memory_maps(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    plain, filed = (rng.integers(0, 256, (300, 2, 8, 8, 3), np.uint8) for _ in range(2))
    filed.tofile(tmp_path / "clips.bin")
    mapped = np.memmap(tmp_path / "clips.bin", np.uint8, "r", shape=filed.shape)
    reader = ArrayReader([plain, mapped])
    both = [plain, filed]

    def mixed(step: int) -> Draw:
        picked = np.random.default_rng(step)
        return Draw(picked.integers(0, 2, 16), picked.integers(0, 300, 16), np.zeros(16, int), np.zeros(16))

    for workers in (0, 2):
        with Loader(reader, mixed, workers=workers, stop=5) as loader:
            for batch in loader:
                drawn = mixed(batch.step)
                wanted = [both[p][i] for p, i in zip(drawn.part, drawn.index, strict=True)]
                assert (batch.clips.numpy() == np.stack(wanted)).all()


def test_wrong_numbers() -> None:
    with pytest.raises(ValueError, match="workers must not be negative, got -1"):
        Loader(readers.Numbers(), draw, workers=-1)


@pytest.mark.slow
def test_three_thousand_clips_leak_nothing() -> None:
    """The whole soak of 50,000 clips is `python -m speed.soak`; this one takes about 15 s on an idle machine."""
    done = subprocess.run(
        [sys.executable, "-m", "speed.soak", "--clips", "3000", "--videos", "30"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split()[:3] == ["clips", "seconds", "parent"] and any(line.startswith("all") for line in lines)
