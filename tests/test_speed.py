"""`python -m speed` starts the scripts of its folder as modules that exist, and names them if a name is wrong."""

from __future__ import annotations

import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parents[1] / "speed"


def test_every_script_starts_as_a_module_of_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        modules.append(command[-1])
        return SimpleNamespace(returncode=1 if command[-1] == "speed.shards" else 0)

    monkeypatch.setattr(subprocess, "run", run)
    main = runpy.run_path(str(FOLDER / "__main__.py"))["main"]
    assert main([]) == 1
    names = [path.stem for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")]
    assert modules == [f"speed.{name}" for name in names] and len(names) > 5


def test_an_unknown_script_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(FOLDER / "__main__.py"))["main"]
    assert main(["nonsense"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("no speed script is called 'nonsense' (available: data, ") and error.count("\n") == 1
