"""What a document may cost, and the child process that pays: bounded in memory, CPU seconds, time and output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from auxjepa.config import Count, Positive, Typed
from auxjepa.processes.exit_cause import describe_exit

MIB = 1 << 20


class UnreadableError(Exception):
    """A document that can't be read; the message says why, without the file's name."""


class Limits(Typed):
    """Bounds for one file, and for a folder of them. What goes beyond is refused, never read in part.

    Args:
        run: characters in a row without a blank or a line's end.
    """

    bytes: Count = 64 * MIB
    pages: Count = 1000
    characters: Count = 8_000_000
    run: Count = 20_000
    memory: Count = 1024 * MIB
    cpu_seconds: Count = 30
    seconds: Positive = 60.0
    files: Count = 10_000
    depth: Count = 16


def confined(path: Path, kind: str, limits: Limits) -> dict[str, Any]:
    """What :mod:`auxjepa_review.reading.formats.child` reads out of a file, in a process of its own that may die of it.

    Raises:
        UnreadableError: what was wrong with the file, or which limit it met.
    """
    bounds = {name: getattr(limits, name) for name in ("pages", "characters", "memory", "cpu_seconds")}
    # -P: a module that lies in the current folder, perhaps beside the documents, isn't imported
    command = [sys.executable, "-P", "-m", "auxjepa_review.reading.formats.child", kind, str(path), json.dumps(bounds)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"took longer than {limits.seconds:g} s to read") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise UnreadableError(_death(done.returncode, limits)) from None
    if "refused" in answer:
        raise UnreadableError(answer["refused"])
    return answer


def _death(code: int, limits: Limits) -> str:
    if code in (-9, -24):  # SIGKILL, SIGXCPU
        return f"took more than {limits.cpu_seconds} CPU seconds to read, or was killed for its memory"
    needs = f"more than {limits.memory // MIB} MiB of memory"
    return f"the process that read it {describe_exit(code)}: it is damaged, made to do harm, or needs {needs}"
