"""The command line. Each command is one module, which is imported only when the command is called.

Late imports make ``--help`` fast.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

from auxjepa.cli.errors import FAILED, WRONG_USAGE, report_error, without_traceback_flag
from auxjepa.console import printable

__all__ = ["COMMANDS", "GROUP", "command_purposes", "main"]

COMMANDS = {
    "pretrain": "train an encoder on the synthetic world or on a folder of videos",
    "probe": "score a frozen encoder on benchmarks or on your labelled videos",
    "embed": "features of any video, pooled or per token, as .npy or .safetensors",
    "study": "run | plan | register | status | watch | compare: variants x seeds x benchmarks, resumable",
    "evidence": "grade: how far results can be relied on, with the reason for every point lost",
    "report": "(re)build report.html and report.md of a study folder, or of a table of scores from any framework",
    "data": "list | prepare | check | cache | scan | world: data sets on this machine, caches, the synthetic world",
    "variants": "list the named variants, or say what differs between two",
    "masks": "draw the masks of a run over a real clip",
    "audit": "which term of a variant reaches which network, and how strongly",
    "bench": "data: clips per second of the decoder alone, the loader and the caches on this machine",
    "doctor": "is this machine fit: software, devices, codecs, memory, disk, data sets; advice for each problem",
    "claims": "list | verify: the claims about the published study, and what results say of each",
}

GROUP = "auxjepa.commands"
"""Group of entry points through which other packages add commands. Each entry names a function of the arguments."""


def main(argv: list[str] | None = None) -> int:
    """Run ``auxjepa`` and return the exit status: 0 for success, 1 for a failure, 2 for wrong usage.

    Args:
        argv: words after ``auxjepa``; those of the process when None.
    """
    _print_anything()
    words, with_trace = without_traceback_flag(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if words[0] in ("-V", "--version"):
        from auxjepa import __version__

        print(f"auxjepa {__version__}")
        return 0
    name, rest = words[0], words[1:]
    added = {} if name in COMMANDS else _added()
    if name not in COMMANDS and name not in added:
        from auxjepa.config import hint

        print(f"auxjepa: no command {printable(repr(name))}{hint(name, [*COMMANDS, *added])}", file=sys.stderr)
        return WRONG_USAGE
    try:
        if name in COMMANDS:
            import_module(f"auxjepa.cli.{name}").main(rest)
        else:
            from auxjepa.plugins import entry_of, load

            load(entry_of(name, added))(rest)
    except BrokenPipeError:  # `auxjepa … | head` closes the pipe; without dup2 the interpreter fails again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return report_error(f"auxjepa {name}", error, with_trace=with_trace)
    except KeyboardInterrupt:
        print(f"\nauxjepa {name}: stopped; the same command resumes from here", file=sys.stderr)
        return 130
    return 0


def _print_anything() -> None:
    """Make standard output and standard error escape characters that the terminal's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
            stream.reconfigure(errors="backslashreplace")


def _added() -> dict[str, list[EntryPoint]]:
    """Return the commands of other packages, by name."""
    from importlib.metadata import entry_points

    names: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        names.setdefault(entry.name, []).append(entry)
    return names


def command_purposes() -> dict[str, str]:
    """Return the purpose of every command by name, including the commands of other packages."""
    return COMMANDS | {name: _purpose(entries[0]) for name, entries in sorted(_added().items())}


def _purpose(entry: EntryPoint) -> str:
    """Return the first line of the docstring of a command's module. The module is not executed."""
    import ast
    from importlib.util import find_spec

    try:
        spec = find_spec(entry.module)
        text = "" if spec is None or spec.origin is None else Path(spec.origin).read_text(encoding="utf-8")
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    except (ImportError, OSError, SyntaxError, ValueError):
        return "cannot be read"


def _overview() -> str:
    commands = command_purposes()
    width = max(map(len, commands))
    lines = [
        "usage: auxjepa COMMAND [...]",
        "",
        "Train Video-JEPA encoders with auxiliary objectives, probe them frozen, compare them honestly.",
        "",
        *(f"  {name:{width}}  {what}" for name, what in commands.items()),
        "",
        "auxjepa COMMAND --help lists every flag. Start with: auxjepa study run quick --out demo",
        "--traceback, anywhere, shows the trace of an error.",
    ]
    return "\n".join(lines)
