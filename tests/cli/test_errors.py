"""Errors are one line; the trace is shown when it is asked for; a bug names its type."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from auxjepa import cli
from auxjepa.cli import COMMANDS
from auxjepa.cli.errors import without_traceback_flag
from auxjepa.config import ConfigError
from auxjepa.data.errors import CacheError


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception | list[str]]:
    """A list; ``auxjepa report`` raises its first entry and appends the words that it was called with."""
    box: list[Exception | list[str]] = []
    module = ModuleType("auxjepa.cli.report")

    def fail(argv: list[str]) -> None:
        box.append(argv)
        assert isinstance(box[0], Exception)
        raise box[0]

    module.main = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "auxjepa.cli.report", module)
    monkeypatch.delenv("AUXJEPA_TRACEBACK", raising=False)
    return box


BUGS = [TypeError("no len"), KeyError("x"), AssertionError(), ZeroDivisionError("division by zero"), MemoryError()]

ERRORS = [ConfigError("wrong usage"), CacheError("x", "damaged"), TypeError("a bug")]


@pytest.mark.parametrize("error", BUGS, ids=repr)
def test_a_bug_is_one_line_that_names_its_type(
    failing: list[Exception | list[str]], capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    failing.append(error)
    assert cli.main(["report", "x"]) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and f"auxjepa report: unexpected {type(error).__name__}" in line
    assert "--traceback" in line and str(error) in line


@pytest.mark.parametrize(
    ("words", "variable"),
    [
        (["report", "x", "--traceback"], None),
        (["report", "--traceback", "x"], None),
        (["--traceback", "report", "x"], None),
        (["report", "x"], "1"),
    ],
)
@pytest.mark.parametrize(
    "error", [ConfigError("wrong usage"), CacheError("x", "damaged"), TypeError("a bug")], ids=repr
)
def test_the_trace_is_shown_above_the_line(
    failing: list[Exception | list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    variable: str | None,
    error: Exception,
) -> None:
    if variable is not None:
        monkeypatch.setenv("AUXJEPA_TRACEBACK", variable)
    failing.append(error)
    assert cli.main(words) == (2 if isinstance(error, ConfigError) else 1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback") and lines[-1].startswith("auxjepa report: ")
    assert failing[1] == ["x"], "the command doesn't see the flag"


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_the_variable_can_be_off(
    failing: list[Exception | list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    value: str,
) -> None:
    monkeypatch.setenv("AUXJEPA_TRACEBACK", value)
    failing.append(ConfigError("wrong"))
    assert cli.main(["report"]) == 2 and capsys.readouterr().err == "auxjepa report: wrong\n"


def test_a_word_after_two_dashes_is_no_flag() -> None:
    assert without_traceback_flag(["review", "--", "--traceback"]) == (["review", "--", "--traceback"], False)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "doctor"])
def test_every_command_accepts_the_flag(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "zzz", "--zzz", "--traceback"]) in (1, 2)
    lines = capsys.readouterr().err.splitlines()
    assert "traceback" not in lines[-1] and lines[0].startswith("Traceback")


def test_the_trace_of_an_error_that_replaced_another_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["pretrain", "--optim.lr=[", "--traceback"]) == 2
    assert "YamlError" in capsys.readouterr().err


def test_a_value_error_of_another_package_names_its_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(argv: list[str]) -> None:
        int("x")

    monkeypatch.setattr("auxjepa.cli.variants.main", fail)
    assert cli.main(["variants"]) == 1
    line = capsys.readouterr().err
    assert "unexpected ValueError: invalid literal" in line and line.count("\n") == 1
