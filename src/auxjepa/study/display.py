"""One live display in a terminal; a line now and then where there is none (pipes, logs, dumb terminals)."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live

SECONDS = 10.0
"""At least this long between two lines of a display that isn't live."""


class Display:
    """Progress of something long, on ``console``; use it as a context manager.

    Without a terminal no control character is written: only plain lines, ``every`` seconds apart at least, none twice.
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
        """Show how far things are: ``picture`` in a terminal, else ``line`` (at once if ``now``, else when due)."""
        if self._live is not None:
            self._live.update(picture())
        elif now or time.monotonic() - self._at >= self.every:
            self._at = time.monotonic()
            if (text := line()) != self._last:
                self._last = text
                self.console.print(text, markup=False, highlight=False, soft_wrap=True)
