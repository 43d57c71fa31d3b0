"""Progress display: a live picture in a terminal, and occasional lines elsewhere (pipes, logs, dumb terminals)."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live

SECONDS = 10.0
"""Shortest time between two lines of a display that is not live, in seconds."""


class Display:
    """Progress of a long task on ``console``; use it as a context manager.

    Without a terminal, it writes plain lines without control characters. Lines are at least ``every`` seconds apart.
    No line is repeated.
    """

    def __init__(self, console: Console, every: float | int = SECONDS) -> None:
        self.console, self.every = console, every
        lively = console.is_terminal and not console.is_dumb_terminal
        self._live = Live(console=console, refresh_per_second=2) if lively else None
        self._last, self._at = "", time.monotonic()

    def __enter__(self) -> Display:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, picture: Callable[[], RenderableType], line: Callable[[], str], *, now: bool = False) -> None:
        """Show the progress.

        Args:
            picture: returns the picture for a terminal.
            line: returns the line for other outputs.
            now: whether the line is printed immediately instead of at the next due time.
        """
        if self._live is not None:
            self._live.update(picture())
        elif now or time.monotonic() - self._at >= self.every:
            self._at = time.monotonic()
            if (text := line()) != self._last:
                self._last = text
                self.console.print(text, markup=False, highlight=False, soft_wrap=True)
