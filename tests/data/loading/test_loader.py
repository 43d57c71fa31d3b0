"""The loader: order and content of batches, and their memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.loader import Loader
from auxjepa.data.loading.reader import ArrayReader
from miniatures import readers
from miniatures.loader_steps import draw, expected, right


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
