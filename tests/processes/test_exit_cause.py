"""How a child process ended, in words."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from loky import BrokenProcessPool

from auxjepa.processes.exit_cause import describe_death, describe_exit


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, "ended with status 0"),
        (3, "ended with status 3"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-signal.SIGKILL, "was killed by SIGKILL (out of memory?)"),
        (-60, "was killed by signal 60"),
        (None, "does not answer and does not end"),
    ],
)
def test_a_status_becomes_words(status: int | None, expected: str) -> None:
    assert describe_exit(status) == expected


def test_the_status_of_a_real_process_becomes_words() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGABRT)"
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert describe_exit(done.returncode) == "was killed by SIGABRT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exit codes of the workers are {SIGKILL(-9)}", "SIGKILL, out of memory?"),
        ("exit codes of the workers are {SIGSEGV(-11)}", "SIGSEGV"),
        ("exit codes of the workers are {EXIT(3)}", "EXIT(3)"),
        ("a worker was lost", "for an unknown reason"),
    ],
)
def test_the_error_of_a_pool_becomes_a_cause(text: str, expected: str) -> None:
    assert describe_death(BrokenProcessPool(text)) == expected
