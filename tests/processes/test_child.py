"""Functions that a child process calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import os
from auxjepa.processes import open_answers
answers = open_answers()
print("a library in Python", flush=True)
os.write(1, b"a library in C")
answers.write("h\\u00e9")
answers.flush()
"""


def test_only_answers_reach_standard_output() -> None:
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, check=True)
    assert done.stdout.decode() == "h\u00e9"
    assert done.stderr.decode().split() == ["a", "library", "in", "Python", "a", "library", "in", "C"]


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Linux only")
def test_a_child_prefers_to_be_killed() -> None:
    code = (
        "from auxjepa.processes import prefer_to_be_killed; prefer_to_be_killed(); "
        "print(open('/proc/self/oom_score_adj').read())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["500"]


def test_a_child_that_needs_no_pool_does_not_import_loky() -> None:
    code = "import sys; from auxjepa.processes import open_answers; print('loky' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
