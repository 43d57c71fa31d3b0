"""Errors of commands: one line on standard error, and the trace on request."""

from __future__ import annotations

import os
import sys
import traceback

from auxjepa.console import printable

FLAG = "--traceback"
VARIABLE = "AUXJEPA_TRACEBACK"
WRONG_USAGE, FAILED = 2, 1
"""Exit statuses: wrong usage, and failure."""


def without_traceback_flag(argv: list[str]) -> tuple[list[str], bool]:
    """Return the words without ``--traceback``, and whether traces are shown.

    The environment variable AUXJEPA_TRACEBACK shows traces too, unless it is empty, 0 or false. A word after ``--`` is
    not a flag.

    Args:
        argv: words of the command line.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    words = [word for word in argv[:end] if word != FLAG] + argv[end:]
    is_set = os.environ.get(VARIABLE, "").lower() not in ("", "0", "false", "no", "off")
    return words, is_set or FLAG in argv[:end]


def report_error(prog: str, error: Exception, *, with_trace: bool) -> int:
    """Print an error in one line on standard error, and return the exit status.

    Args:
        prog: name of the command.
        error: the error that ended the command.
        with_trace: whether the trace is printed above the line.
    """
    from auxjepa.config import ConfigError

    line = printable(" ".join(str(error).split()))
    if not is_expected(error):
        name = type(error).__name__
        line = f"unexpected {name}{f': {line}' if line else ''}" + ("" if with_trace else f" ({FLAG} shows where)")
    if with_trace:
        _print_trace(error)
    print(f"{prog}: {line or type(error).__name__}", file=sys.stderr)
    return WRONG_USAGE if isinstance(error, ConfigError) else FAILED


def is_expected(error: Exception) -> bool:
    """Check whether the message of an error is written for people.

    This holds for errors that this package raises by a statement, and for errors of the operating system. All other
    errors are bugs, or errors of other packages.

    Args:
        error: the error.
    """
    from auxjepa.plugins import raising_module

    if isinstance(error, OSError) or _is_ours(type(error).__module__):
        return True
    return isinstance(error, (ValueError, RuntimeError, ImportError)) and _is_ours(raising_module(error) or "")


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "auxjepa"


def _print_trace(error: Exception) -> None:
    """Print the trace of an error and of the errors that it replaced."""
    current: BaseException | None = error
    while current is not None:
        current.__suppress_context__ = (
            False  # ``raise … from None`` makes a line shorter, and would hide the place of the error
        )
        current = current.__cause__ or current.__context__
    traceback.print_exception(error)
