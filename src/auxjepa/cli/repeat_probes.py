"""``auxjepa study repeat-probes``: scores finished encoders again with other probe seeds."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.config import Count, Typed


class RepeatProbes(Typed):
    """Score the finished encoders of a study again with other probe seeds.

    The report then shows which part of the variance between seeds comes from the probe. The scores are written to
    probe_repeats.jsonl in the study folder. The rows of the study do not change, and no verdict reads the new scores.
    The command can be stopped and started again.
    """

    folder: Path = Field(description="study folder")
    repeats: Count = Field(default=3, description="number of other probe seeds for each encoder and benchmark")
    root: Path | None = Field(default=None, description="generated data and decoded caches; FOLDER/data when unset")
    device: str = "cpu"


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(RepeatProbes, argv, "auxjepa study repeat-probes", ("folder",))
    from auxjepa import report
    from auxjepa.console import print_note
    from auxjepa.devices import open_device
    from auxjepa.evidence.study_folder.probe_repeats import FILE
    from auxjepa.study.repeat_probes import repeat_probes
    from auxjepa.study.study_yaml import read_study

    device = str(open_device(args.device))
    result = repeat_probes(
        read_study(args.folder),
        args.folder,
        repeats=args.repeats,
        root=args.root,
        device=device,
        on_score=lambda name, number, total: print_note(f"{number} of {total}: {name}"),
    )
    for line in result.skipped:
        print_note(line)
    print(f"{args.folder / FILE}: {result.written} scores written, {result.present} were there before")
    print(report.build(args.folder))
