"""``auxjepa probe``: scores the frozen encoder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.console import printable, table_console
from auxjepa.study.probe_config import ProbeConfig

if TYPE_CHECKING:
    from rich.table import Table

    from auxjepa.study.probe_measure import Measured

CONTROLS = ("random_init", "raw_pixels", "one_frame", "shuffled", "majority")
"""Controls with a column in the table, in their order."""


class Command(ProbeConfig):
    """Score a frozen encoder, of a run or from elsewhere, on benchmarks, on a prepared data set (--data ucf101), or on
    labelled videos (--data folder:PATH --label COLUMN, or --data shards:URL). Videos without labels have diagnostics
    (--data folder:PATH --benchmark diagnostics, or one of their names).

    Probe hyperparameters are chosen on validation clips; the test clips are scored once.
    """

    run: str = Field(
        description="run folder or checkpoint (run:DIR), or hf:NAME_OR_FOLDER, timm:NAME, python:MODULE:FUNCTION"
    )
    out: Path | None = Field(
        default=None,
        description="folder for rows, which `auxjepa report` reads and further probes add to; or a .json file",
    )
    device: str = "cpu"


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa probe", ("run",))
    from auxjepa.devices import open_device
    from auxjepa.files import write_json
    from auxjepa.interface.probing import run_probe
    from auxjepa.start import check_file

    device = open_device(args.device)
    file = args.out if args.out is not None and args.out.suffix == ".json" and not args.out.is_dir() else None
    folder = None if file is not None else args.out
    check_file(file, "--out")
    config = ProbeConfig.model_validate(args.model_dump(include=set(ProbeConfig.model_fields)))
    measured = run_probe(args.run, config, folder=folder, device=device, progress=True)
    table_console(160).print(_table(measured, args.controls))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, [one.record for one in measured])
    elif folder is not None:
        print(printable(f"{folder}: rows of this probe (auxjepa report {folder})"))


def _table(measured: list[Measured], controls: bool) -> Table:
    """Return the table of scores for people.

    Args:
        measured: scores of each benchmark.
        controls: whether controls were measured.
    """
    from rich.table import Column, Table

    shown = [name for name in CONTROLS if any(name in one.controls for one in measured)] if controls else []
    shown = list(dict.fromkeys([*shown, "random_init", "majority"])) if controls else []
    shown.sort(key=CONTROLS.index)
    names = [f"{name.replace('_', ' ')} %" for name in shown]
    interval_of_sample = Column("95 % interval of the sample", no_wrap=True)
    benchmark = Column("benchmark", overflow="fold", min_width=16)
    table = Table(benchmark, "top-1 %", interval_of_sample, *names, "chance %", "validation %", "chosen")
    for one in measured:
        score, low_high = one.score, one.interval
        table.add_row(
            one.benchmark.name,
            f"{score.test:.1f}" + ("" if one.benchmark.metric == "top1" else f" ({one.benchmark.metric})"),
            "" if low_high is None else f"{low_high[0]:.1f} … {low_high[1]:.1f} (n = {_sample(one)})",
            *(f"{one.controls[name]:.1f}" if name in one.controls else "" for name in shown),
            f"{one.chance:.1f}",
            "" if score.validation is None else f"{score.validation:.1f}",
            ", ".join(
                f"{name} {value}" if isinstance(value, str) else f"{name} {value:g}"
                for name, value in score.selected.items()
            ),
        )
    return table


def _sample(one: Measured) -> str:
    """Return the number of independent videos (or groups, or clips) of a score, in words."""
    from auxjepa.benchmarks.official import GROUPS
    from auxjepa.data.sets.prepared_set import read_set
    from auxjepa.data.synthetic import PREFIX
    from auxjepa.study.probe_measure import count_sample

    counts, source = count_sample(one.score), one.benchmark.source
    assert counts is not None
    if source == "world" or source.startswith(PREFIX):
        return f"{counts['independent']:,} clips"
    prepared = None if ":" in source else read_set(source.partition("/")[0], one.data.root)
    word = "group" if prepared is not None and set(GROUPS) & set(prepared.classes) else "video"
    plurals = (
        f"{counts[key]:,} {noun}{'s' * (counts[key] != 1)}" for key, noun in (("independent", word), ("clips", "clip"))
    )
    return ", ".join(plurals)
