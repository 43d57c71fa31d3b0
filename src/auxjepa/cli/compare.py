"""``auxjepa study compare``: measures how similar the encoders of a study are."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.config import Count, Typed, Whole


class Compare(Typed):
    """Compute the CKA of every two finished encoders on the same test clips.

    The pairs are encoders of different regimes, variants or seeds. The value between seeds is the scale for the others.
    Writes similarity.json into the study folder and builds its report again.
    """

    folder: Path = Field(description="study folder")
    clips: Count = Field(default=256, description="of each domain that the study's benchmarks have")
    level: Whole = Field(default=-1, description="which of the encoders' levels is compared; -1 is the last")
    resamples: Count = Field(default=400, description="of the clips, for intervals")
    root: Path | None = Field(default=None, description="generated data and decoded caches; FOLDER/data when unset")


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Compare, argv, "auxjepa study compare", ("folder",))
    from rich.table import Table

    from auxjepa import report
    from auxjepa.console import print_note, table_console
    from auxjepa.evidence.study_folder.similarity import FILE
    from auxjepa.files import write_json
    from auxjepa.lists import shorten_list
    from auxjepa.study.similarity import compare
    from auxjepa.study.study_yaml import read_study
    from auxjepa.threads import use_threads

    use_threads()
    similarity = compare(
        read_study(args.folder),
        args.folder,
        root=args.root or args.folder / "data",
        clips=args.clips,
        level=args.level,
        resamples=args.resamples,
        tell=print_note,
    )
    write_json(args.folder / FILE, similarity.model_dump(mode="json"))
    table = Table("clips", "encoders", "and", "seeds", "pairs", "CKA", "95 %, clips", "below own seeds")
    for one in similarity.on:
        for a in one.alike:
            apart = "" if a.apart is None else f"{a.apart:.3f} [{a.apart_low:.3f}, {a.apart_high:.3f}]"
            interval = f"{a.low:.3f} … {a.high:.3f}"
            table.add_row(one.domain, a.first, a.second, a.seeds, str(a.pairs), f"{a.mean:.3f}", interval, apart)
    table_console(160).print(table)
    if similarity.missing:
        print(f"not finished, so not compared: {shorten_list(similarity.missing, 4, '; ')}")
    print(report.build(args.folder))
