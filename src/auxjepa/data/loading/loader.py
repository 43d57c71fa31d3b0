"""Reads batches of clips in the order of steps, ahead of training, in worker processes
(:mod:`auxjepa.data.loading.worker`).

Every batch is divided among all workers, so that the first batch is ready soon and a slow file delays one worker only.
Workers write pixels into shared memory. A batch's tensor shows that memory without a copy, and it is reused after the
tensor is gone. The clips of a batch depend on its step alone, not on the number of workers or on their failures.
"""

from __future__ import annotations

import mmap
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import TracebackType
from typing import TypeVar

import torch
from jaxtyping import UInt8
from torch import Tensor

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.pieces import DEATHS, FatalExamples, OpenBatch, Piece
from auxjepa.data.loading.reader import Failure, Reader
from auxjepa.data.loading.worker import Memory, Task, Worker, batch_view, share

_PIECES = 4  # of a batch per worker: few enough to cost nothing, enough to even out slow files
_INBOX = 1024  # most clips that are assigned to a worker at a time, so that its pipe is never full
_START = 120.0  # seconds that a worker may take to start, on a busy machine or a slow disk


T = TypeVar("T")


class LoaderError(RuntimeError):
    """Clips cannot be read: workers die or hang repeatedly, or memory is too small."""


@dataclass(frozen=True)
class Batch:
    """The clips of a step.

    Args:
        step: number of the step.
        clips: uint8 ``[b F X Y 3]``. The memory is reused only after the tensor is gone.
        failures: examples that had to be replaced.
        waited: seconds that training waited for this batch.
        events: what happened to workers meanwhile, one line each.
    """

    step: int
    clips: UInt8[Tensor, "b F X Y 3"]
    failures: tuple[Failure, ...]
    waited: float
    events: tuple[str, ...] = ()


class Loader:
    """An iterator over :class:`Batch`. Close it, or use it as a context manager.

    Args:
        reader: see :class:`auxjepa.data.loading.reader.Reader`. Workers get a pickled copy that shares its arrays.
        draw: returns the clips of a step. It runs in this process.
        workers: processes. With 0, this process reads; files are an exception, because they may crash their decoder:
            one process reads them on request.
        start: first step.
        stop: the step before which to end, or None.
        prefetch: number of batches that are read ahead.
        patience: seconds without a finished task after which a worker counts as dead.

    Raises:
        LoaderError: when iterating, see there. Errors of the reader are raised at the step that they concern.
        ValueError: for a negative number.
    """

    def __init__(
        self,
        reader: Reader,
        draw: Callable[[int], Draw],
        *,
        workers: int,
        start: int = 0,
        stop: int | None = None,
        prefetch: int = 2,
        patience: float = 300.0,
    ) -> None:
        for name, value in (("workers", workers), ("start", start), ("prefetch", prefetch)):
            if value < 0:
                raise ValueError(f"{name} must not be negative, got {value}")
        if not workers and getattr(reader, "decodes_files", False):
            workers, prefetch = 1, 0
        self.reader, self.prefetch, self.patience = reader, prefetch, patience
        self._draw, self._next, self._until, self._stop = draw, start, start, stop
        self._open: dict[int, OpenBatch] = {}
        self._waiting: deque[Piece] = deque()
        self._piece_by_task: dict[int, Piece] = {}
        self._events: list[str] = []
        self._free: list[tuple[int, mmap.mmap]] = []
        self._workers: list[Worker] = []
        self._numbers = self._failed_starts = 0
        self._fatal_examples = FatalExamples(reader)
        self._closed = False
        if workers:
            self._memory, self._shared = Memory(), share(reader)
            # Runs at the latest when the interpreter ends.
            self._end = weakref.finalize(self, _end, self._workers, (self._memory, self._shared))
            self._workers += [Worker.start(self._shared, self._memory) for _ in range(workers)]
            self._close_on_error(self._fill)

    def __iter__(self) -> Loader:
        return self

    def __enter__(self) -> Loader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers immediately. Earlier batches stay valid."""
        self._closed = True
        self._open.clear()
        if self._workers:
            self._end()

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.process.pid for worker in self._workers]

    def __next__(self) -> Batch:
        if self._closed or self._next == self._stop:
            self.close()
            raise StopIteration
        begin, step = time.perf_counter(), self._next
        if not self._workers:
            clips, failures = self.reader.read(self._draw(step))
            self._next += 1
            return Batch(step, torch.from_numpy(clips), tuple(failures), time.perf_counter() - begin)
        batch = self._close_on_error(lambda: self._finish(step))
        pixels, owner = batch_view(batch.slot[1], batch.shape)
        weakref.finalize(owner, self._free.append, batch.slot).atexit = False
        events, self._events[:] = tuple(self._events), []
        failures = [failure for first in sorted(batch.failures) for failure in batch.failures[first]]
        return Batch(step, torch.from_numpy(pixels), tuple(failures), time.perf_counter() - begin, events)

    def _close_on_error(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except BaseException:  # also for Ctrl-C, because a message in a pipe may be lost
            self.close()
            raise

    def _finish(self, step: int) -> OpenBatch:
        self._fill()
        while self._open[step].left:
            self._wait_for_answer()
        batch = self._open.pop(step)
        if batch.error is not None:
            raise batch.error
        self._next += 1
        self._fill()
        return batch

    def _fill(self) -> None:
        """Open all batches that are to be read ahead, and assign their pieces to workers."""
        while self._until <= self._next + self.prefetch and self._until != self._stop:
            step, self._until = self._until, self._until + 1
            rows = self._draw(step)
            shape = self.reader.shape(rows)
            size = max(1, -(-len(rows) // (_PIECES * len(self._workers))))
            starts = range(0, len(rows), size)
            self._open[step] = OpenBatch(shape, self._slot(shape), len(starts))
            self._waiting += [Piece(step, first, rows[first : first + size]) for first in starts]
        self._assign_pieces()

    def _slot(self, shape: tuple[int, ...]) -> tuple[int, mmap.mmap]:
        size = 1
        for side in shape:
            size *= side
        for number, slot in enumerate(self._free):
            if len(slot[1]) >= size:
                return self._free.pop(number)
        try:
            return self._memory.add(size)
        except OSError as error:
            used_memory = f"{self._memory.size / 2**20:.0f} MiB are in use"
            why = f"no {size / 2**20:.0f} MiB of memory for another batch ({error.strerror}; {used_memory})"
            raise LoaderError(f"{why}: lower the batch, its frames or prefetch") from error

    def _assign_pieces(self) -> None:
        """Assign each waiting piece to the worker with the fewest clips to read."""
        while self._waiting:
            worker = min(self._workers, key=lambda w: w.clips)
            piece = self._waiting[0]
            if worker.tasks and worker.clips + len(piece.rows) > _INBOX:
                return
            self._waiting.popleft()
            batch, self._numbers = self._open[piece.step], self._numbers + 1
            fatal = self._fatal_examples.all()
            task = Task(self._numbers, batch.slot[0], batch.shape, piece.first, piece.rows, fatal)
            self._piece_by_task[task.number] = piece
            worker.since = worker.since if worker.tasks else time.monotonic()
            worker.tasks.append(task)
            try:
                worker.pipe.send(task)
            except OSError:
                self._replace_worker(worker)

    def _wait_for_answer(self) -> None:
        """Wait until a worker answers or dies."""
        pipes = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(pipes), timeout=min(1.0, self.patience)):
            worker = pipes[pipe]  # type: ignore[index]
            try:
                number, answer = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace_worker(worker)
                continue
            worker.since = time.monotonic()
            if number is None:
                worker.has_started = True
                if answer is not None:
                    raise LoaderError(f"workers cannot open the reader: {answer}") from answer
                continue
            task, piece = worker.tasks.popleft(), self._piece_by_task.pop(number)
            assert task.number == number
            batch = self._open[piece.step]
            batch.left -= 1
            if isinstance(answer, Exception):
                batch.error = batch.error or answer
            elif answer:
                batch.failures[piece.first] = answer
        now = time.monotonic()
        for worker in list(self._workers):
            patience = self.patience if worker.has_started else max(self.patience, _START)
            if worker.tasks and now - worker.since > patience:
                self._replace_worker(worker, f"it finished nothing for {patience:.0f} s")
        self._assign_pieces()

    def _replace_worker(self, worker: Worker, why: str | None = None) -> None:
        """Replace a dead worker and read its pieces again.

        The first piece is read clip by clip, because one of its clips may have killed the worker.

        Args:
            worker: the dead worker.
            why: the reason for killing it, or None if it ended without that.
        """
        if not worker.has_started and (error := worker.startup_error()) is not None:
            raise LoaderError(f"workers cannot open the reader: {error}") from error
        ended = worker.end() if why is None else worker.kill() and why
        tasks, pieces = list(worker.tasks), [self._piece_by_task.pop(task.number) for task in worker.tasks]
        first, later = pieces[:1], pieces[1:]
        self._failed_starts = 0 if worker.has_started else self._failed_starts + 1
        if self._failed_starts >= DEATHS:
            raise LoaderError(f"workers die before they read anything: {ended}")
        again: list[Piece] = []
        for piece in first if worker.has_started else ():
            rows, count, deaths = piece.rows, len(piece.rows), piece.deaths + 1
            if deaths >= DEATHS:
                left_out = self._fatal_examples.add(piece, tasks[0].fatal, ended)
                if left_out is None:
                    names = [self.reader.name(int(p), int(i)) for p, i in zip(rows.part, rows.index, strict=True)]
                    raise LoaderError(f"{DEATHS} workers died reading {', '.join(names)} (the last one: {ended})")
                self._events += [left_out] if left_out else []
                deaths = 0
            again += [Piece(piece.step, piece.first + n, rows[n : n + 1], deaths) for n in range(count)]
            self._open[piece.step].left += count - 1
        lost = sum(len(piece.rows) for piece in pieces)
        self._events.append(
            f"worker {worker.process.pid} is replaced ({ended}); {lost} clip{'s' * (lost != 1)} are read again"
        )
        self._waiting.extendleft(reversed(again + (later if worker.has_started else pieces)))
        self._workers[self._workers.index(worker)] = Worker.start(self._shared, self._memory)


def _end(workers: list[Worker], memories: tuple[Memory, ...]) -> None:
    for worker in workers:
        worker.kill()
    for memory in memories:
        memory.close()
