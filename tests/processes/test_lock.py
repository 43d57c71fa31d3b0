"""A lock between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from auxjepa.processes.lock import locked

HOLDER = """
import sys
from pathlib import Path
from auxjepa.processes.lock import locked
with locked(Path(sys.argv[1]), "holds it"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_waits_and_prints_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "work.lock"
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], **how) as holder:
        assert holder.stdout.readline() == "held\n"
        code = (
            "import sys; from pathlib import Path; from auxjepa.processes import locked\n"
            "with locked(Path(sys.argv[1]), 'builds this cache'): print('mine')"
        )
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen([sys.executable, "-c", code, str(file)], **pipes) as waiter:
            assert waiter.stderr.readline().startswith("another process builds this cache, waiting")
            assert waiter.poll() is None
            holder.communicate("")
            assert waiter.stdout.read() == "mine\n"
    with locked(file, "is free"):
        pass
    assert capsys.readouterr().err == ""


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    file = tmp_path / "work.lock"
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], **how) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    with locked(file, "is free"):
        pass
