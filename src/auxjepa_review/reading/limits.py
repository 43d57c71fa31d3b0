"""Limits of memory, CPU seconds, time and output for reading a document, and the child process that reads within
them."""

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
    """A document that cannot be read. The message gives the reason without the file's name."""


class Limits(Typed):
    """Bounds for one file, and for a folder of files. A file beyond a bound is refused; it is never read in part.

    Args:
        bytes: size of the file.
        pages: pages of the file.
        characters: characters of its text.
        run: characters in a row without a space or line end.
        memory: memory of the child process, bytes.
        cpu_seconds: CPU seconds of the child process.
        seconds: seconds of wall time of the child process.
        files: files of a folder.
        depth: levels of subfolders.
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


def read_confined(path: Path, kind: str, limits: Limits) -> dict[str, Any]:
    """Read a file in a child process (:mod:`auxjepa_review.reading.formats.child`) and return its content.

    Args:
        path: the file.
        kind: format of the file.
        limits: bounds of the child process.

    Raises:
        UnreadableError: the file is not valid, or it exceeds a limit.
    """
    bounds = {name: getattr(limits, name) for name in ("pages", "characters", "memory", "cpu_seconds")}
    # -P: Python imports no module from the current folder, which may be the folder of the documents.
    command = [sys.executable, "-P", "-m", "auxjepa_review.reading.formats.child", kind, str(path), json.dumps(bounds)]
    try:
        finished = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"took longer than {limits.seconds:g} s to read") from None
    try:
        answer = json.loads(finished.stdout)
    except ValueError:
        raise UnreadableError(_describe_end(finished.returncode, limits)) from None
    if "refused" in answer:
        raise UnreadableError(answer["refused"])
    return answer


def _describe_end(code: int, limits: Limits) -> str:
    if code in (-9, -24):  # SIGKILL, SIGXCPU
        return f"took more than {limits.cpu_seconds} CPU seconds to read, or was killed for its memory"
    needs = f"more than {limits.memory // MIB} MiB of memory"
    return f"the process that read it {describe_exit(code)}: it is damaged, made to do harm, or needs {needs}"
