"""``auxjepa report``: builds the report of a study folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed

STUDY = ("study.yaml", "rows.jsonl", "runs")
"""Names in a study folder. A study folder contains at least one of them."""


class Command(Typed):
    """(Re)build report.html and report.md from the rows of a study folder. No score is computed."""

    folder: Path = Field(description="study folder")


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa report", ("folder",))
    from auxjepa import report

    if args.folder.is_dir() and not any((args.folder / name).exists() for name in STUDY):
        raise UsageError(f"{args.folder}: no study here (expected {', '.join(STUDY[:-1])} or {STUDY[-1]})")
    print(report.build(args.folder))
