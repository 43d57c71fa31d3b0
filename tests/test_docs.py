"""README, CONTRIBUTING, Makefile and dependencies are consistent with the package."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from auxjepa import __version__, objectives
from auxjepa.cli import command_purposes

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_readme_is_short_and_lists_every_room() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.encode()) < 10_000
    rooms = {path.parent.name for path in (ROOT / "src" / "auxjepa").glob("*/__init__.py")}
    listed = set(re.findall(r"`(\w+)`", text.partition("## Rooms")[2].partition("## ")[0]))
    assert rooms - listed == set()


def test_the_readme_shows_ten_lines_of_shell_and_of_python() -> None:
    text = README.read_text(encoding="utf-8")
    shell, python = (re.findall(rf"```{language}\n(.*?)```", text, flags=re.S) for language in ("sh", "python"))
    assert [len(block.strip().splitlines()) for block in (*shell, *python)] == [10, 10]
    compile(python[0], "README.md", "exec")


def test_pages_of_data_sets_say_what_their_cards_say() -> None:
    spec = importlib.util.spec_from_file_location("build_sets", ROOT / "docs" / "build_sets.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    pages = script.pages()
    assert "ucf101.md" in pages and f"]({next(name for name in pages if name != 'README.md')})" in pages["README.md"]
    written = {name: (script.OUT / name).read_text(encoding="utf-8") for name in pages if (script.OUT / name).exists()}
    assert written == pages, "run `python -m docs.build sets`"


def test_the_tour_shows_every_command() -> None:
    def commands(page: Path) -> set[str]:
        return set(re.findall(r"^auxjepa (\w+)", page.read_text(encoding="utf-8"), flags=re.M))

    assert commands(ROOT / "docs" / "tour.md") == set(command_purposes())
    assert commands(README) <= set(command_purposes())


def test_make_help_lists_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.M)
    assert phony is not None
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[0] for line in shown.splitlines()] == phony[1].split()
    assert phony[1].split() == ".venv demo test tests check bench docs pages clean help".split()  # noqa: SIM905


def test_versions_agree() -> None:
    assert PROJECT["version"] == __version__ and f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def required() -> set[str]:
    lines = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]
    return {re.split(r"[\[<>=~]", line)[0] for line in lines}


def test_every_dependency_has_a_reason_and_a_pin() -> None:
    reasons = set(re.findall(r"`([\w-]+)`", (ROOT / "docs" / "dependencies.md").read_text()))
    pins = (ROOT / "constraints.txt").read_text().split()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in pins}
    assert required() <= reasons
    assert {name.lower() for name in required()} <= pinned
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pins), "exact pins without local versions"
    assert not pinned & {"torchvision", "triton"} and not any("cuda" in name or "nvidia" in name for name in pinned)


def test_the_worked_example_keeps_the_contract(tmp_path: Path) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    module, tests = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    file = tmp_path / "jerk.py"
    file.write_text(module)
    space: dict = {"__name__": "jerk", "torch": torch}
    exec(compile(module, str(file), "exec"), space)
    objectives.check(space["Jerk"])
    exec(tests, space)
    examples = [value for name, value in space.items() if name.startswith("test_")]
    assert len(examples) == 2
    for example in examples:
        example()


@pytest.mark.parametrize("module", ["speed"])
def test_modules_behind_make_targets_say_what_they_know(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "none"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no speed script is called 'none' (available: data" in done.stderr
