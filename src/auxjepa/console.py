"""The consoles of this package: notes and progress on standard error, tables on standard output."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return the text as one line that a terminal shows: control characters and bytes that aren't UTF-8 are escaped."""
    return _UNPRINTABLE.sub(lambda match: _escaped(match[0]), text)


def _escaped(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that isn't UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode()


def stderr_console(*, quiet: bool = False) -> Console:
    """Return the console for notes and progress.

    Args:
        quiet: whether nothing is printed.
    """
    from rich.console import Console

    return Console(stderr=True, markup=False, emoji=False, highlight=False, quiet=quiet)


def print_note(text: str, *, quiet: bool = False) -> None:
    """Print one line on standard error, however long it is.

    Args:
        text: the line; control characters in it are escaped.
        quiet: whether nothing is printed.
    """
    stderr_console(quiet=quiet).print(printable(text), soft_wrap=True)


def table_console(pipe_width: int) -> Console:
    """Return the console for tables on standard output.

    Args:
        pipe_width: columns where the output is no terminal, so that no line of a table is broken.
    """
    from rich.console import Console

    console = Console(file=sys.stdout, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = pipe_width
    return console
