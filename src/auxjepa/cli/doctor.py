"""``auxjepa doctor``: checks whether this machine is fit, and gives advice for each problem."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa import __version__
from auxjepa.cli.flags import parse
from auxjepa.config import Typed
from auxjepa.console import stderr_console
from auxjepa.files import write_text

if TYPE_CHECKING:
    from rich.console import Console

    from auxjepa.doctor import Check

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}
WIDTH = 16


class Command(Typed):
    """Look at Python, torch, devices, codecs, memory, disk and data sets, train a few steps, and advise.

    Exits with 1 when something failed.
    """

    store: Path = Field(default=Path("data"), description="where prepared sets and caches are kept (data.root of runs)")
    quick: bool = Field(default=False, description="measure nothing and train nothing")
    as_json: bool = Field(default=False, description="print one JSON object instead of lines")
    out: Path | None = Field(default=None, description="write the JSON object to this file too")


class DoctorFailed(RuntimeError):
    """Error of the command: a check failed."""


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa doctor", short={"json": "as_json"})
    from auxjepa.console import table_console
    from auxjepa.doctor.check import Report, worst
    from auxjepa.start import check_file

    check_file(args.out, "--out")
    out, begin, checks = table_console(200), time.monotonic(), []
    for check in _examine(args, out):
        checks.append(check)
        if not args.as_json:
            _show(check, out)
    report = Report(
        auxjepa=__version__,
        root=str(args.store.absolute()),
        quick=args.quick,
        seconds=round(time.monotonic() - begin, 2),
        state=worst(checks),
        checks=checks,
    )
    text = report.model_dump_json(indent=1) + "\n"
    if args.out is not None:
        write_text(args.out, text)
    if args.as_json:
        sys.stdout.write(text)
    else:
        counted = Counter(check.state for check in checks)
        summary = ", ".join(f"{counted[state]} {state}" for state in COLOURS if counted[state])
        out.print(f"{len(checks)} checks in {report.seconds:.1f} s: {summary}")
    failed = [check.name for check in checks if check.state == "fail"]
    if failed:
        raise DoctorFailed(f"failed: {', '.join(failed)}")


def _examine(args: Command, out: Console) -> Iterator[Check]:
    """Yield the checks. On a terminal, show the name of the current check."""
    from auxjepa.doctor import examine

    # A live line captures standard output, so it is shown only if nothing else is printed meanwhile.
    shown = stderr_console() if args.as_json else out
    status = shown.status("starting") if shown.is_terminal and not shown.is_dumb_terminal else None
    with status or contextlib.nullcontext():
        yield from examine(
            args.store, quick=args.quick, on_begin=lambda name: status.update(name) if status is not None else None
        )


def _show(check: Check, out: Console) -> None:
    from rich.text import Text

    line = Text.assemble((f"{check.state:4}", COLOURS[check.state]), f"  {check.name:{WIDTH}}  {check.found}")
    out.print(line, soft_wrap=True)
    if check.advice:
        out.print(
            Text(f"{'':{WIDTH + 8}}-> {check.advice}", style="bold" if check.state != "ok" else ""), soft_wrap=True
        )
    if not out.is_terminal:
        out.file.flush()
