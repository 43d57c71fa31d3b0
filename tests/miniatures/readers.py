"""Readers without files, with the manners of bad ones; worker processes import them from here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from auxjepa.data.errors import VideoError
from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.reader import ClipReader, Failure

SHAPE = (2, 4, 4, 3)


class Numbers:
    """Clips whose pixels say which they are; reading one takes ``seconds``."""

    def __init__(self, seconds: float = 0.0, frames: tuple[int, ...] = (2,), side: int = 4) -> None:
        self.seconds, self.frames, self.side = seconds, frames, side

    def shape(self, draw: Draw) -> tuple[int, ...]:
        return (len(draw), self.frames[int(draw.part[0])], self.side, self.side, 3)

    def name(self, part: int, index: int) -> str:
        return f"number {index}"

    def read(self, draw: Draw, out: np.ndarray | None = None) -> tuple[np.ndarray, list[Failure]]:
        out = np.empty(self.shape(draw), np.uint8) if out is None else out
        failures = []
        for row, index in enumerate(draw.index.tolist()):
            failures += self.one(index)
            time.sleep(self.seconds)
            out[row] = index % 251
        return out, failures

    def one(self, index: int) -> list[Failure]:
        return [Failure(0, f"number {index}", "unlucky", "itself")] if index % 13 == 0 else []


class Deadly(Numbers):
    """Kills the process that reads clip ``victim``: always, or once where ``once`` names a file to remember it by."""

    def __init__(self, victim: int, once: Path | None = None, how: int = signal.SIGKILL) -> None:
        super().__init__()
        self.victim, self.once, self.how = victim, once, how

    def one(self, index: int) -> list[Failure]:
        if index == self.victim and (self.once is None or not self.once.exists()):
            if self.once is not None:
                self.once.touch()
            os.kill(os.getpid(), self.how)
        return []


class DeadlyClips(ClipReader):
    """Kills the process that reads one of the files ``victims``."""

    victims: tuple[str, ...] = ()
    how: int = signal.SIGSEGV

    def _decode(self, part: int, index: int, offset: float, out: np.ndarray) -> None:
        if self.name(part, index) in self.victims and (part, index) not in self._left_out:
            signal.signal(self.how, signal.SIG_DFL)
            os.kill(os.getpid(), self.how)
        super()._decode(part, index, offset, out)


class Wrong(Numbers):
    """Raises at clip ``victim``: an error that can be sent, or one that can't."""

    def __init__(self, victim: int, sendable: bool = True) -> None:
        super().__init__()
        self.victim, self.sendable = victim, sendable

    def one(self, index: int) -> list[Failure]:
        if index == self.victim:
            raise VideoError(Path("x.mp4"), "broken") if self.sendable else Odd(1, 2)
        return []


class Odd(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"odd {one} {two}")


class Unopenable(Numbers):
    """Can't be opened in another process."""

    def __setstate__(self, state: dict) -> None:
        raise ValueError("not here")


class Suicidal(Numbers):
    """Ends the process that opens it."""

    def __setstate__(self, state: dict) -> None:
        if os.environ.get("OMP_NUM_THREADS"):
            os._exit(7)
