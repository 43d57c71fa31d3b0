"""Run the checks in a separate process, so that no check can end or block the others.

A check that raises has failed. A check that ends its process (an instruction that the CPU doesn't have, a broken
driver) or hangs in the system (a dead network disk) has failed too, and a new process continues with the next check.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path

from auxjepa.doctor.check import Check, Probe, Settings, failed
from auxjepa.processes.exit_cause import describe_exit, kill_group

CHECKS = "auxjepa.doctor.checks"
_START = 30.0  # seconds for the start of a new process
_CODE = "import sys; sys.path[:] = {path!r}; from auxjepa.doctor.child import work; work()"


def examine(
    root: Path, *, quick: bool = False, module: str = "", on_begin: Callable[[str], object] = str
) -> Generator[Check, None, None]:
    """Yield every check of this machine as soon as it is finished. Closing the generator ends the checking process.

    Args:
        root: data root of runs; it may not exist.
        quick: skip measurements.
        module: module with the ``PROBES``; :mod:`auxjepa.doctor.checks` when empty.
        on_begin: called with the name of every probe before it starts.
    """
    waiting: list[Probe] = [probe for probe in import_module(module or CHECKS).PROBES if not (quick and probe.measures)]
    with tempfile.TemporaryDirectory(prefix="auxjepa-doctor-", ignore_cleanup_errors=True) as scratch:
        settings = Settings(root=root.absolute(), scratch=Path(scratch), quick=quick)
        while waiting:
            child = _Child(settings, module or CHECKS, [probe.name for probe in waiting])
            try:
                extra = _START  # the first answer includes the start of the process
                while waiting:
                    on_begin(waiting[0].name)
                    answer = child.answer(waiting[0].seconds, extra)
                    probe, extra = waiting.pop(0), 0.0
                    if isinstance(answer, str):
                        yield failed(probe, answer)
                        break
                    yield from answer
            finally:
                child.end()


class _Child:
    """The checking process, as its parent uses it."""

    def __init__(self, settings: Settings, module: str, names: list[str]) -> None:
        request = {"root": str(settings.root), "scratch": str(settings.scratch), "quick": settings.quick}
        words = json.dumps({**request, "module": module, "names": names})
        self._errors = (settings.scratch / "errors.txt").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE.format(path=sys.path), words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            process_group=0,  # Ctrl-C is for the parent, which then ends it
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def answer(self, seconds: float, extra: float) -> list[Check] | str:
        """Return the checks of the next probe, or why there are none.

        Args:
            seconds: time limit of the probe.
            extra: additional seconds for the start of the process.
        """
        try:
            line = self._lines.get(timeout=seconds + extra)
        except queue.Empty:
            return f"not finished after {seconds + extra:.0f} s"
        if line:
            return [Check.model_validate(one) for one in json.loads(line)]
        return f"the process {self._how()}"

    def _how(self) -> str:
        """Return how the process ended, and the last line of its standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "backslashreplace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{describe_exit(status)}: {last}" if last else describe_exit(status)

    def end(self) -> None:
        """Kill the process and its children; it has nothing to clean up."""
        with contextlib.suppress(OSError):
            kill_group(self._process)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may hang in the system
            self._process.wait(5)
        self._errors.close()
        if self._process.stdout is not None and self._process.returncode is not None:
            self._process.stdout.close()
