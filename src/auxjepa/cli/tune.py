"""``auxjepa study tune``: searches the recipe of every variant of a study on validation clips."""

from __future__ import annotations

from pathlib import Path

from auxjepa.cli.flags import UsageError, show_help, wants_help
from auxjepa.cli.study import Run, resolve


def main(argv: list[str]) -> None:
    """Search the recipe of every variant on validation clips, and print the chosen recipes."""
    if wants_help(argv):
        show_help(Run, "auxjepa study tune", ("study",), base="the study")
    study, how = resolve(argv)
    if how.add_seeds is not None or how.runs is not None:
        raise UsageError("--add-seeds and --runs are flags of `auxjepa study run`: a search has its own runs")
    from auxjepa.console import stderr_console
    from auxjepa.interface.tuning import tune_first

    folder = how.out or Path("out") / study.name
    searching = how.model_dump(include={"root", "workers", "device"})
    tune_first(study, folder, action="tune", console=stderr_console(), tell=print, **searching)
