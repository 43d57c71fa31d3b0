"""The command line. Each command is one module here, imported only when it is called, so that help comes at once."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module

from auxjepa.cli.errors import FAILED, WRONG_USAGE, report_error, without_traceback_flag
from auxjepa.console import printable

COMMANDS = {
    "pretrain": "train an encoder on the synthetic world or on a folder of videos",
    "probe": "score a frozen encoder on benchmarks or on labelled videos of your own",
    "embed": "features of any video, pooled or per token, as .npy or .safetensors",
    "study": "run | plan | register | status | compare: variants x seeds x benchmarks, resumable, with a report",
    "evidence": "grade: how far results can be relied on, with the reason for every point lost",
    "report": "(re)build report.html and report.md of a study folder",
    "data": "list | prepare | check | cache | scan | world: data sets on this machine, caches, the synthetic world",
    "variants": "list the named variants, or say what differs between two",
    "masks": "draw the masks of a run over a real clip",
    "audit": "which term of a variant reaches which network, and how strongly",
    "bench": "data: clips per second of the decoder alone, the loader and the caches on this machine",
    "doctor": "is this machine fit: software, devices, codecs, memory, disk, data sets; advice for each problem",
    "review": "from a question to graded evidence: search, claims, verification, reviewers, a report",
    "claims": "list | verify: the claims about the published study, and what results say of each",
}


def main(argv: list[str] | None = None) -> int:
    """Entry point of ``auxjepa``; returns the exit status (0 done, 1 failed, 2 wrong usage)."""
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
    if name not in COMMANDS:
        from auxjepa.config import hint

        print(f"auxjepa: no command {printable(repr(name))}{hint(name, COMMANDS)}", file=sys.stderr)
        return WRONG_USAGE
    try:
        import_module(f"auxjepa.cli.{name}").main(rest)
    except BrokenPipeError:  # `auxjepa … | head`: nobody reads on, and the interpreter would complain again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return report_error(f"auxjepa {name}", error, with_trace=with_trace)
    except KeyboardInterrupt:
        print(f"\nauxjepa {name}: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _print_anything() -> None:
    """Let names that the terminal's encoding doesn't have be written out, rather than end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
            stream.reconfigure(errors="backslashreplace")


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [
        "usage: auxjepa COMMAND [...]",
        "",
        "Train Video-JEPA encoders with auxiliary objectives, probe them frozen, compare them honestly.",
        "",
        *(f"  {name:{width}}  {what}" for name, what in COMMANDS.items()),
        "",
        "auxjepa COMMAND --help lists every flag. Start with: auxjepa study run quick --out demo",
        "--traceback, anywhere, shows the trace of an error.",
    ]
    return "\n".join(lines)
