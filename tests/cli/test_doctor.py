"""The command as it is, and with planted checks where a terminal or a failure is wanted."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from auxjepa.doctor import Report

from .conftest import Command

PLANTED = """
from auxjepa.doctor.check import Check, Probe
PROBES = (
    Probe("one", lambda settings: [Check(name="one", state="ok", found="[good] " + "w" * 300)], "-"),
    Probe("two", lambda settings: [Check(name="two", state="warn", found="so so", advice="do better")], "-"),
    Probe("three", lambda settings: 1 / 0, "divide by another number"),
)
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted_lines.py").write_text(PLANTED)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("auxjepa.doctor.run.CHECKS", "planted_lines")


def test_lines_for_people(auxjepa: Command, planted: None) -> None:
    done = auxjepa("doctor")
    lines = done.out.splitlines()
    assert lines[0] == f"ok    one               [good] {'w' * 300}" and "\x1b" not in done.out
    assert lines[1:3] == ["warn  two               so so", f"{'':24}-> do better"]
    assert lines[3:5] == [
        "fail  three             ZeroDivisionError: division by zero",
        f"{'':24}-> divide by another number",
    ]
    assert lines[5].startswith("3 checks in ") and lines[5].endswith(": 1 ok, 1 warn, 1 fail")
    assert done.code == 1 and done.err == "auxjepa doctor: failed: three\n"


def test_json_for_programs(auxjepa: Command, planted: None) -> None:
    done = auxjepa("doctor", "--json", "--out", "deep/er/found.json", "--store", "elsewhere")
    report = Report.model_validate_json(done.out)
    assert done.code == 1 and report.state == "fail" and report.root == str(Path("elsewhere").absolute())
    assert [check.state for check in report.checks] == ["ok", "warn", "fail"]
    assert Path("deep/er/found.json").read_text() == done.out
    assert [path.name for path in Path("deep/er").iterdir()] == ["found.json"]


def test_a_terminal_sees_what_is_looked_at(auxjepa: Command, planted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    made = Console(file=screen, force_terminal=True, highlight=False, markup=False, width=100)
    monkeypatch.setattr("auxjepa.console.table_console", lambda width: made)
    assert auxjepa("doctor").code == 1
    shown = screen.getvalue()
    assert "\x1b[?25l" in shown and "\x1b[?25h" in shown  # the cursor comes back
    assert all(f"\x1b[{colour}m" in shown for colour in ("32", "33", "1;31"))
    assert "\x1b[2K" in shown and "-> do better" in shown  # the line that says so is wiped before each finding


def test_wrong_usage(auxjepa: Command) -> None:
    wrong = auxjepa("doctor", "--qick")
    assert wrong.code == 2 and "did you mean 'quick'" in wrong.err
    shown = auxjepa("doctor", "--help")
    assert shown.code == 0 and "--quick" in shown.out and "--out" in shown.out


def test_quick_on_this_machine_with_a_root_that_is_a_file(auxjepa: Command) -> None:
    Path("file").write_text("")
    done = auxjepa("doctor", "--quick", "--json", "--store", "file")
    report = json.loads(done.out)
    names = [check["name"] for check in report["checks"]]
    assert names[:4] == ["python", "torch", "cpu", "threads"] and "disk" in names and "caches" in names
    assert not any(name.startswith(("rate", "training", "codecs")) for name in names)
    failed = {check["name"] for check in report["checks"] if check["state"] == "fail"}
    assert failed == {"disk"} and done.code == 1 and done.err == "auxjepa doctor: failed: disk\n"


@pytest.mark.slow
def test_everything_on_this_machine(auxjepa: Command) -> None:
    """Trains and measures for real: about 6 s alone on 2 cores."""
    done = auxjepa("doctor", "--out", "found.json")
    report = Report.model_validate_json(Path("found.json").read_text())
    assert done.code == 0 and report.state != "fail" and done.err == ""
    found = {check.name: check for check in report.checks}
    assert {"rate cpu", "codecs", "training cpu", "disk", "data sets"} <= set(found)
    assert found["training cpu"].values["reloaded"] and found["rate cpu"].values["gflops"]["fp32"] > 0
    assert "write" in found["disk"].values and not Path("data").exists()
    assert all(f" {check.name} " in done.out for check in report.checks)
