"""``auxjepa report``: the report of a study folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.config import Typed


class Command(Typed):
    """(Re)build report.html and report.md from the rows of a study folder; nothing is computed anew."""

    folder: Path = Field(description="study folder")


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa report", ("folder",))
    from auxjepa import report

    print(report.build(args.folder))
