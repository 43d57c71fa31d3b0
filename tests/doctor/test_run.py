"""Planted checks in real processes: some raise, some take their process along, some never end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.doctor import Check, examine

PLANTED = """
import os, signal, sys, time
from pathlib import Path
from auxjepa.doctor.check import Check, Probe

def fine(settings):
    print("a library that talks")
    os.write(1, b"and one in C\\n")
    yield Check(name="fine", state="ok", found=str(os.getpid()), values={"scratch": str(settings.scratch)})

def raises(settings):
    raise RuntimeError("no\\nluck")

def dies(settings):
    os.write(2, b"illegal instruction at 0x7\\n")
    os.kill(os.getpid(), signal.SIGILL)

def leaves(settings):
    os._exit(3)

def hangs(settings):
    (settings.scratch / "left").write_text("x")
    time.sleep(600)

def last(settings):
    yield Check(name="last", state="warn", found=str(os.getpid()))
    yield Check(name="more", state="ok", found=str(settings.quick))

PROBES = (
    Probe("fine", fine, "-"), Probe("raises", raises, "try again"), Probe("dies", dies, "take another CPU"),
    Probe("leaves", leaves, "-"), Probe("after", fine, "-"), Probe("hangs", hangs, "mount it", seconds=0.3),
    Probe("last", last, "-", measures=True),
)
"""


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``plant("fine", "last")``: the name of a module with these of the checks above, or all of them."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(*names: str) -> str:
        module = "_".join(["planted", tmp_path.name, *names])
        chosen = f"PROBES = [one for one in PROBES if one.name in {names}]\n" if names else ""
        (tmp_path / f"{module}.py").write_text(PLANTED + chosen)
        return module

    return write


def test_no_check_stops_the_others(plant: Callable[..., str], tmp_path: Path) -> None:
    begun: list[str] = []
    begin = time.monotonic()
    found = list(examine(tmp_path, module=plant(), on_begin=begun.append))
    assert time.monotonic() - begin < 20
    assert begun == ["fine", "raises", "dies", "leaves", "after", "hangs", "last"]
    states = {check.name: check.state for check in found}
    assert [check.name for check in found] == ["fine", "raises", "dies", "leaves", "fine", "hangs", "last", "more"]
    assert states == dict.fromkeys(["raises", "dies", "leaves", "hangs"], "fail") | {
        "fine": "ok",
        "last": "warn",
        "more": "ok",
    }
    reported = {check.name: check.found for check in found if check.state == "fail"}
    assert reported["raises"] == "RuntimeError: no luck"
    assert reported["dies"] == "the process was killed by SIGILL: illegal instruction at 0x7"
    assert reported["leaves"].startswith("the process ended with status 3")
    assert reported["hangs"] == "not finished after 0 s"
    assert [check.advice for check in found if check.state == "fail"] == [
        "try again",
        "take another CPU",
        "-",
        "mount it",
    ]
    first, after, last = (check.found for check in found if check.found.isdecimal())
    assert len({first, after, last}) == 3  # one new process for each that was lost
    assert not Path(found[0].values["scratch"]).exists()


def test_quick_skips_measurements(plant: Callable[..., str], tmp_path: Path) -> None:
    module = plant("fine", "last")
    assert [check.name for check in examine(tmp_path, quick=True, module=module)] == ["fine"]
    full = list(examine(tmp_path, module=module))
    assert [check.name for check in full] == ["fine", "last", "more"] and full[-1].found == "False"


def test_closing_the_generator_ends_the_process(plant: Callable[..., str], tmp_path: Path) -> None:
    found = examine(tmp_path, module=plant("fine", "hangs"))
    first = next(found)
    found.close()
    assert not Path(first.values["scratch"]).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(first.found), 0)


def test_a_process_that_cannot_start_is_reported(
    plant: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auxjepa.doctor.run._CODE", "raise ImportError('half an installation')")
    found: list[Check] = list(examine(tmp_path, module=plant("fine", "raises")))
    assert [check.name for check in found] == ["fine", "raises"]
    assert all("status 1: ImportError: half an installation" in check.found for check in found)


def test_the_parent_imports_no_library_that_may_be_broken() -> None:
    code = "import sys, auxjepa.doctor.checks; print(*{'torch', 'numpy', 'av', 'PIL', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
