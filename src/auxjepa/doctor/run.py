"""Run the checks in a process of their own, so that none of them can end or hold up the others.

A check that raises is a failed one. One that takes its process with it (an instruction this CPU doesn't have, a broken
driver) or hangs in the system (a dead network disk) fails as well, and a new process goes on with the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path

from auxjepa.doctor.check import Check, Probe, Settings, failed

CHECKS = "auxjepa.doctor.checks"
_START = 30.0  # seconds that a new process may take to start
_CODE = "import sys; sys.path[:] = {path!r}; from auxjepa.doctor.child import work; work()"


def examine(
    root: Path, *, quick: bool = False, module: str = "", on_begin: Callable[[str], object] = str
) -> Generator[Check, None, None]:
    """Every check of this machine, as soon as it is done; closing the generator ends the process that does them.

    Args:
        root: data root of runs; needn't be there.
        quick: measure nothing.
        module: whose ``PROBES`` are done; :mod:`auxjepa.doctor.checks` when empty.
        on_begin: told the name of every probe before it starts.
    """
    waiting: list[Probe] = [one for one in import_module(module or CHECKS).PROBES if not (quick and one.measures)]
    with tempfile.TemporaryDirectory(prefix="auxjepa-doctor-", ignore_cleanup_errors=True) as scratch:
        settings = Settings(root=root.absolute(), scratch=Path(scratch), quick=quick)
        while waiting:
            child = _Child(settings, module or CHECKS, [probe.name for probe in waiting])
            try:
                spare = _START
                while waiting:
                    on_begin(waiting[0].name)
                    answer = child.answer(waiting[0].seconds, spare)
                    probe, spare = waiting.pop(0), 0.0
                    if isinstance(answer, str):
                        yield failed(probe, answer)
                        break
                    yield from answer
            finally:
                child.end()


class _Child:
    """The process, seen from its parent."""

    def __init__(self, settings: Settings, module: str, names: list[str]) -> None:
        asked = {"root": str(settings.root), "scratch": str(settings.scratch), "quick": settings.quick}
        words = json.dumps({**asked, "module": module, "names": names})
        self._said = (settings.scratch / "said.txt").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE.format(path=sys.path), words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            process_group=0,  # Ctrl-C is for the parent, which then ends it
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def answer(self, seconds: float, spare: float) -> list[Check] | str:
        """What the next probe found, or why it found nothing."""
        try:
            line = self._lines.get(timeout=seconds + spare)
        except queue.Empty:
            return f"not done after {seconds + spare:.0f} s and given up"
        if line:
            return [Check.model_validate(one) for one in json.loads(line)]
        return f"the process {self._how()}"

    def _how(self) -> str:
        """How the process ended, and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode
        name = f"ended with status {status}"
        if status is not None and status < 0:
            name = f"was ended by signal {-status}"
            with contextlib.suppress(ValueError):
                name = f"was ended by {signal.Signals(-status).name}"
        self._said.seek(0)
        words = self._said.read().decode("utf-8", "backslashreplace").split("\n")
        last = next((line.strip() for line in reversed(words) if line.strip()), "")
        return f"{name}: {last}" if last and status != -signal.SIGKILL else name

    def end(self) -> None:
        """End it and all that it started; it has nothing to put in order."""
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may hang within the system
            self._process.wait(5)
        self._said.close()
        if self._process.stdout is not None and self._process.returncode is not None:
            self._process.stdout.close()
