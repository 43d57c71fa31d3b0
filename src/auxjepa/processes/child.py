"""Functions that a child process calls: it keeps standard output for its answers, and dies before its parent does.

This module imports only the standard library, so that a child process starts quickly.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO


def open_answers() -> TextIO:
    """Return a text file that writes to this process's standard output, for answers to the parent.

    Everything else that writes to standard output, for example a library in C, goes to standard error from now on.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def prefer_to_be_killed() -> None:
    """Make the system end this process before its parent when memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
