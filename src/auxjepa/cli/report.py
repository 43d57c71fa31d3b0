"""``auxjepa report``: builds the report of a study folder, or of a table of scores from elsewhere."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.evidence.score_tables.reading_options import ReadingOptions

STUDY = ("study.yaml", "rows.jsonl", "tuning", "runs")
"""Names in a study folder. A study folder contains at least one of them."""


class Command(ReadingOptions):
    """(Re)build report.html and report.md from the rows of a study folder, or from a table of scores of any framework:
    CSV, TSV, Parquet or JSON lines with the columns variant, seed, benchmark and score, a wide table, or an export of
    Weights & Biases or MLflow. No score is computed.
    """

    folder: Path = Field(description="study folder, or a table of scores")
    out: Path | None = Field(default=None, description="folder for the report of a table; NAME-report when unset")


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa report", ("folder",))
    from auxjepa import report
    from auxjepa.console import printable
    from auxjepa.evidence.score_tables.table_file import is_table

    if is_table(args.folder):
        from auxjepa.start import check_folder

        if args.out is not None:
            check_folder(args.out, "--out")
        options = ReadingOptions.model_validate(args.model_dump(include=set(ReadingOptions.model_fields)))
        command = shlex.join(["auxjepa", "report", *argv])
        page, notes = report.build_from_table(args.folder, args.out, options, command)
        for note in notes:
            print(printable(note), file=sys.stderr)
        print(page)
        return
    table_flags = [name for name in (*ReadingOptions.model_fields, "out") if getattr(args, name)]
    if table_flags:
        flag = table_flags[0].replace("_", "-")
        raise UsageError(f"--{flag} is for a table of scores (CSV, Parquet, JSON lines), and {args.folder} is a folder")
    if args.folder.is_dir() and not any((args.folder / name).exists() for name in STUDY):
        raise UsageError(f"{args.folder}: no study here (expected {', '.join(STUDY[:-1])} or {STUDY[-1]})")
    print(report.build(args.folder))
