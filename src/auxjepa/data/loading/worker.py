"""A process that reads clips into memory that it shares with the training process.

Each worker has a separate pipe and shares no queue or lock with other workers, so that a killed worker never leaves a
lock held. Its end of the pipe closes when it dies, and the other end closes when the parent dies, so that neither waits
for the other in vain. Pixels are written to anonymous shared memory: nothing must be removed after a crash, and a small
``/dev/shm`` doesn't matter.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.reader import Failure, Reader
from auxjepa.processes.child import prefer_to_be_killed
from auxjepa.processes.exit_cause import describe_exit

_LISTEN = 5.0  # seconds after which an idle worker checks that its parent lives, in case a third process has the pipe


FatalExample = tuple[int, int, str]
"""Part and index of an example that must not be read, and the reason."""


@dataclass(frozen=True)
class Task:
    """Clips for a worker to read.

    Args:
        number: of the task.
        place: byte of the shared memory at which the batch begins.
        shape: of the batch.
        first: number of the first clip of ``rows`` in the batch.
        rows: the clips.
        fatal: examples that kill the process that reads them.
    """

    number: int
    place: int
    shape: tuple[int, ...]
    first: int
    rows: Draw
    fatal: tuple[FatalExample, ...] = ()


class Memory:
    """Anonymous memory that several processes can map. It is freed with the last process that has it.

    Raises:
        OSError: when the memory is too small.
    """

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("auxjepa", os.MFD_CLOEXEC)
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self.size = 0

    def add(self, size: int) -> tuple[int, mmap.mmap]:
        """Add ``size`` bytes and return their position and the mapped bytes. A lack of memory is raised here, not on
        access.
        """
        place, self.size = self.size, self.size + _pages(size)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.fd, place, self.size - place)
        else:
            os.truncate(self.fd, self.size)
        return place, mmap.mmap(self.fd, self.size - place, offset=place)

    def close(self) -> None:
        """Close this process's handle. Mapped bytes stay valid."""
        with contextlib.suppress(OSError):
            os.close(self.fd)


def _pages(size: int) -> int:
    return max(1, -(-size // mmap.ALLOCATIONGRANULARITY)) * mmap.ALLOCATIONGRANULARITY


def share(reader: Reader) -> Memory:
    """Return shared memory with a pickled reader and its arrays, which all workers use."""
    buffers: list[pickle.PickleBuffer] = []
    parts = [memoryview(pickle.dumps(reader, protocol=5, buffer_callback=buffers.append))]
    parts += [buffer.raw() for buffer in buffers]
    sizes = pickle.dumps([part.nbytes for part in parts])
    parts = [memoryview(len(sizes).to_bytes(8, "little")), memoryview(sizes), *parts]
    memory = Memory()
    _, mapped = memory.add(sum(part.nbytes for part in parts))
    for part in parts:
        mapped.write(part)
    return memory


def unshare(fd: int) -> Reader:
    """Return the reader that :func:`share` stored."""
    view = memoryview(mmap.mmap(fd, 0))
    at = 8 + int.from_bytes(view[:8], "little")
    parts: list[memoryview] = []
    for size in pickle.loads(view[8:at]):
        parts.append(view[at : at + size])
        at += size
    return pickle.loads(parts[0], buffers=parts[1:])


@dataclass
class Worker:
    """A worker process, as its parent sees it.

    Args:
        process: the process.
        pipe: to the process.
        tasks: assigned tasks, oldest first.
        since: time since which the worker works on the oldest task.
        has_started: whether the worker has started.
    """

    process: subprocess.Popen[bytes]
    pipe: Connection
    tasks: deque[Task] = field(default_factory=deque)
    since: float = 0.0
    has_started: bool = False

    @classmethod
    def start(cls, reader: Memory, memory: Memory) -> Worker:
        """Start a new interpreter. Unlike a fork it is safe with threads and CUDA, and copies nothing of the parent."""
        ours, theirs = socket.socketpair()
        code = f"import sys; sys.path[:] = {sys.path!r}; from auxjepa.data.loading.worker import work; work()"
        numbers = (theirs.fileno(), reader.fd, memory.fd)
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(os.getpid()), *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                pass_fds=numbers,
                env={**os.environ, **single},
                process_group=0,  # Ctrl-C is for the parent, which then ends its workers
            )
        return cls(process, Connection(ours.detach()))

    @property
    def clips(self) -> int:
        """Number of clips that the worker has yet to read."""
        return sum(len(task.rows) for task in self.tasks)

    def startup_error(self) -> Exception | None:
        """Return the error with which the worker couldn't open its reader, if it sent one before it ended."""
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll():
                return self.pipe.recv()[1]
        return None

    def end(self) -> str:
        """End the worker and return how it ended; its own exit status if it ended before."""
        self.pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2 if self.process.poll() is None else 0)
        status = self.process.poll()
        return self.kill() if status is None else f"it {describe_exit(status)}"

    def kill(self) -> str:
        """Kill the worker immediately. It has nothing to clean up."""
        self.pipe.close()
        self.process.kill()
        try:
            return f"it {describe_exit(self.process.wait(10))}"
        except subprocess.TimeoutExpired:  # it hangs in a system call, for example on a dead network disk
            return "it cannot be killed"


def work() -> None:
    """Run a worker: read tasks, write pixels into the shared memory and send answers, until the parent ends."""
    parent, pipe_fd, reader_fd, memory_fd = map(int, sys.argv[1:])
    pipe = Connection(pipe_fd)
    prefer_to_be_killed()
    with contextlib.suppress(EOFError, ConnectionError, BrokenPipeError):
        try:
            reader = unshare(reader_fd)
        except Exception as error:
            pipe.send((None, _sendable(error)))
            return
        pipe.send((None, None))
        mapped: dict[tuple[int, int], np.ndarray] = {}
        for task in _tasks(pipe, parent):
            key = (task.place, int(np.prod(task.shape)))
            if key not in mapped:
                mapped[key] = np.frombuffer(mmap.mmap(memory_fd, key[1], offset=task.place), np.uint8)
            out = mapped[key].reshape(task.shape)[task.first : task.first + len(task.rows)]
            answer: list[Failure] | Exception
            for example in task.fatal:
                reader.leave_out(*example)  # type: ignore[attr-defined]
            try:
                answer = reader.read(task.rows, out)[1]
            except Exception as error:
                answer = _sendable(error)
            pipe.send((task.number, answer))


def _tasks(pipe: Connection, parent: int) -> Iterator[Task]:
    while True:
        while not pipe.poll(_LISTEN):
            if os.getppid() != parent:
                return
        yield pipe.recv()


def _sendable(error: Exception) -> Exception:
    """Return the error itself if it can be pickled, otherwise an error with its message."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def batch_view(mapped: mmap.mmap, shape: tuple[int, ...]) -> tuple[np.ndarray, Any]:
    """Return a batch in shared memory, and the object that lives as long as any view of it."""
    pixels = np.frombuffer(mapped, np.uint8, int(np.prod(shape)))
    return pixels.reshape(shape), pixels
