"""Work that kills its process; workers import it from here."""

from __future__ import annotations

import importlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def die(place: str) -> str:
    """The file's name; "unlucky" kills this process the first time it is asked for, "deadly" always."""
    path = Path(place)
    if path.name == "deadly" or (path.name == "unlucky" and not path.exists()):
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def end_by(job: tuple[int, object]) -> object:
    """The second part of a job; a first part above 0 is the number of the signal that ends this process."""
    number, answer = job
    if number:
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)
    return answer


class Deadly:
    """Stands in for a function of a module and calls it, but kills its process over some arguments.

    Args:
        where: "module.function". victim: what the arguments' ``repr`` contains then. flag: a file that makes it
            happen once only. parent: the process that is spared.
    """

    def __init__(self, where: str, victim: str, flag: Path | None = None) -> None:
        self.module, _, self.name = where.rpartition(".")
        self.victim, self.flag, self.parent = victim, flag, os.getpid()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it in the function's place."""
        module = importlib.import_module(self.module)
        monkeypatch.setattr(module, f"real{self.name}", getattr(module, self.name), raising=False)
        monkeypatch.setattr(module, self.name, self)

    def __call__(self, *args: object) -> object:
        once = self.flag is None or not self.flag.exists()
        if os.getpid() != self.parent and once and self.victim in repr(args):
            if self.flag is not None:
                self.flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        module = importlib.import_module(self.module)
        return getattr(module, f"real{self.name}", getattr(module, self.name))(*args)
