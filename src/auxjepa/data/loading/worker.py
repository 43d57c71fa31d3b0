"""One process that reads clips into memory it shares with the process that trains.

Each worker has a pipe of its own and nothing else in common with the others: no queue and no lock, so that one that is
killed can't leave anything taken. Its end of the pipe closes when it dies, and so does the other end when the parent
does: neither ever waits for the other in vain. Pixels go into shared memory that has no name: there is nothing to clean
up after a crash, and a small ``/dev/shm`` doesn't matter.
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

from auxjepa.data.loading.reader import Failure, Reader
from auxjepa.processes.child import prefer_to_be_killed
from auxjepa.processes.exit_cause import describe_exit

_LISTEN = 5.0  # seconds after which an idle worker looks whether its parent is alive, should a third one hold the pipe


@dataclass
class Rows:
    """Some clips of a draw, with its fields; a worker needs no torch, which draws bring along."""

    part: np.ndarray
    index: np.ndarray
    visit: np.ndarray
    offset: np.ndarray

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, chosen: slice) -> Rows:
        return Rows(self.part[chosen], self.index[chosen], self.visit[chosen], self.offset[chosen])


Deadly = tuple[int, int, str]
"""Part and index of an example that isn't to be read, and the reason."""


@dataclass(frozen=True)
class Task:
    """Read ``rows`` into the batch of ``shape`` at byte ``place`` of the shared memory, from its clip ``first`` on.

    ``deadly`` are examples that kill the process that reads them.
    """

    number: int
    place: int
    shape: tuple[int, ...]
    first: int
    rows: Rows
    deadly: tuple[Deadly, ...] = ()


class Memory:
    """Bytes without a name that several processes can map; they go with the last process that has them.

    Raises:
        OSError: when there isn't as much.
    """

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("auxjepa", os.MFD_CLOEXEC)
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self.size = 0

    def add(self, size: int) -> tuple[int, mmap.mmap]:
        """``size`` more bytes: where they begin, and the bytes themselves. A lack of them shows now, not on access."""
        place, self.size = self.size, self.size + _pages(size)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.fd, place, self.size - place)
        else:
            os.truncate(self.fd, self.size)
        return place, mmap.mmap(self.fd, self.size - place, offset=place)

    def close(self) -> None:
        """Let go; what is mapped stays."""
        with contextlib.suppress(OSError):
            os.close(self.fd)


def _pages(size: int) -> int:
    return max(1, -(-size // mmap.ALLOCATIONGRANULARITY)) * mmap.ALLOCATIONGRANULARITY


def share(reader: Reader) -> Memory:
    """A pickled reader whose arrays lie in shared memory, there once for all workers."""
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
    """The reader of :func:`share`."""
    view = memoryview(mmap.mmap(fd, 0))
    at = 8 + int.from_bytes(view[:8], "little")
    parts: list[memoryview] = []
    for size in pickle.loads(view[8:at]):
        parts.append(view[at : at + size])
        at += size
    return pickle.loads(parts[0], buffers=parts[1:])


@dataclass
class Worker:
    """A worker process, seen from its parent: its pipe and what it was asked, oldest first."""

    process: subprocess.Popen[bytes]
    pipe: Connection
    tasks: deque[Task] = field(default_factory=deque)
    since: float = 0.0
    greeted: bool = False

    @classmethod
    def start(cls, reader: Memory, memory: Memory) -> Worker:
        """A new interpreter rather than a fork: safe beside threads and CUDA, and nothing of the parent is copied."""
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
        """Clips it has yet to read."""
        return sum(len(task.rows) for task in self.tasks)

    def last_word(self) -> Exception | None:
        """Why it could not open its reader, where it said so before its end and nobody has listened yet."""
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll():
                return self.pipe.recv()[1]
        return None

    def end(self) -> str:
        """Kill it and say how it ended; before the kill, where it had ended by itself."""
        self.pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2 if self.process.poll() is None else 0)
        own = self.process.poll()
        return self.kill() if own is None else f"it {describe_exit(own)}"

    def kill(self) -> str:
        """Kill it at once; it has nothing to put in order."""
        self.pipe.close()
        self.process.kill()
        try:
            return f"it {describe_exit(self.process.wait(10))}"
        except subprocess.TimeoutExpired:  # it hangs within the system, on a dead network disk for one
            return "it cannot be killed"


def work() -> None:
    """The life of a worker: tasks in, pixels into the shared memory, word of it back; ends with its parent."""
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
            for one in task.deadly:
                reader.leave_out(*one)  # type: ignore[attr-defined]
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
    """The error itself where it survives the way, otherwise its words."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def batch_view(mapped: mmap.mmap, shape: tuple[int, ...]) -> tuple[np.ndarray, Any]:
    """A batch in shared memory, and the object that lives as long as any view of it."""
    whole = np.frombuffer(mapped, np.uint8, int(np.prod(shape)))
    return whole.reshape(shape), whole
