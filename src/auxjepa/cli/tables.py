"""Where commands print their tables: a terminal at its width, a pipe so wide that no line is broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def console(pipe_width: int) -> Console:
    """Standard output without markup or highlighting; ``pipe_width`` columns where it is no terminal."""
    from rich.console import Console

    made = Console(file=sys.stdout, highlight=False, markup=False)
    if not made.is_terminal:
        made.width = pipe_width
    return made
