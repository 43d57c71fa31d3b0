"""``auxjepa data prepare | check | list``: manages the public data sets on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.flags import parse
from auxjepa.config import Count, Natural, Typed
from auxjepa.console import printable
from auxjepa.files import write_json
from auxjepa.start import check_file, check_folder

if TYPE_CHECKING:
    from auxjepa.data.sets.prepared_set import PreparedSet

SHOWN, FEW = 20, 3
STORE = Field(default=Path("data"), description="where prepared sets and caches are kept (data.root of runs)")


class Prepare(Typed):
    """Find a data set's official files, scan the videos they list, and write the manifest of every split."""

    data_set: str = Field(description="a word of `auxjepa data list`")
    root: Path = Field(description="folder of the data set")
    name: str | None = Field(default=None, description="what to call it; needed for formats such as video_folder")
    store: Path = STORE
    check: bool = Field(default=False, description="decode every frame now (`auxjepa data check` does it later)")
    follow_links: bool = Field(default=False, description="follow links that lead out of the root")
    workers: Count = 2


class Check(Typed):
    """Decode a prepared data set, all of it or a sample: defects and coverage."""

    name: str = Field(description="a prepared data set")
    sample: Count | None = Field(default=None, description="decode this many files only, chosen at random")
    seed: Natural = Field(default=0, description="of the sample")
    store: Path = STORE
    workers: Count = 2
    json_file: Path | None = Field(default=None, description="write everything here as JSON too")


class List(Typed):
    """List the known data sets and the prepared data sets."""

    store: Path = STORE


def prepare(argv: list[str]) -> None:
    """Run ``auxjepa data prepare``."""
    args = parse(Prepare, argv, "auxjepa data prepare", ("data_set",))
    from auxjepa.data.sets.prepare import prepare_set as run

    check_folder(args.store, "--store")
    prepared = run(
        args.data_set,
        args.root,
        args.store,
        name=args.name,
        check=args.check,
        links=args.follow_links,
        workers=args.workers,
    )
    _coverage(prepared)
    file = args.store / "sets" / prepared.name / "problems.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    for note in prepared.notes:
        print(note)
    if lines:
        print(f"{len(lines):,} annotation lines give no separate example: {file}")
        for where, what in map(json.loads, lines[:FEW]):
            print(printable(f"  {where}: {what}"))
    _ready(prepared)


def _ready(prepared: PreparedSet) -> None:
    """Print which splits are ready for training.

    Raises:
        ManifestError: if no split has usable videos, or if a split of a user's set has none.
    """
    from auxjepa.data.errors import ManifestError
    from auxjepa.data.sets import find_set

    usable = [split for split, one in prepared.splits.items() if one.usable]
    empty = [split for split, one in prepared.splits.items() if one.listed and not one.usable]
    names = [prepared.name if split == prepared.split else f"{prepared.name}/{split}" for split in usable]
    if empty and (find_set(prepared.data_set).generic or not usable):
        empty_splits = ", ".join(f"{split} (0 of {prepared.splits[split].listed:,})" for split in empty)
        rest = f"; usable are {', '.join(names)}" if names else ""
        raise ManifestError(prepared.root, f"{prepared.name} isn't ready: nothing can be used of {empty_splits}{rest}")
    print(f"ready: auxjepa pretrain --data {names[0] if prepared.split not in usable else prepared.name}")


def check(argv: list[str]) -> None:
    """Run ``auxjepa data check``."""
    args = parse(Check, argv, "auxjepa data check", ("name",), short={"json": "json_file"})
    from rich.table import Table
    from rich.text import Text

    from auxjepa.console import table_console
    from auxjepa.data.sets.check import check_set

    check_file(args.json_file, "--json-file")
    report = check_set(args.name, args.store, sample=args.sample, seed=args.seed, workers=args.workers)
    if args.json_file:
        content = {
            "set": report.prepared.model_dump(mode="json"),
            "decoded": report.decoded,
            "defects": report.defects,
            "problems": [[one.where, one.what] for one in report.problems],
        }
        write_json(args.json_file, content)
    rows = [*report.defects.items(), *((one.where, one.what) for one in report.problems)]
    if rows:
        table = Table("file or line", "defect")
        for where, what in rows[:SHOWN]:
            table.add_row(Text(printable(where)), Text(printable(what)))
        table_console(200).print(table)
        if len(rows) > SHOWN:
            print(f"… and {len(rows) - SHOWN:,} more (--json lists all)")
    _coverage(report.prepared)
    print(f"{report.decoded:,} files decoded, {len(report.defects):,} defective")


def list_sets(argv: list[str]) -> None:
    """Run ``auxjepa data list``."""
    args = parse(List, argv, "auxjepa data list")
    from rich.table import Table

    from auxjepa.console import table_console
    from auxjepa.data.errors import ManifestError
    from auxjepa.data.sets import SETS
    from auxjepa.data.sets.prepared_set import read_set

    out = table_console(160)
    registered_sets = Table("data set", "what", "official examples", title="known", title_justify="left")
    for name, data_set in SETS.items():
        sizes = ", ".join(f"{split} {size:,}" for split, size in data_set.card.sizes.items())
        registered_sets.add_row(
            name, data_set.card.title, "a format: prepare with --name" if data_set.generic else sizes
        )
    out.print(registered_sets)
    there = Table("name", "data set", "root", "usable", title=f"prepared in {args.store}", title_justify="left")
    for file in sorted((args.store / "sets").glob("*/set.json")):
        name = file.parent.name
        try:
            one = read_set(name, args.store)
        except ManifestError as error:
            there.add_row(name, "", "", error.reason)
            continue
        state = ", ".join(f"{split} {c.usable:,} of {c.listed:,}" for split, c in one.splits.items())
        there.add_row(name, one.data_set, str(one.root) + ("" if one.root.is_dir() else " (gone)"), state)
    if there.row_count:
        out.print(there)
    else:
        print(f"nothing is prepared in {args.store}")


def _coverage(prepared: PreparedSet) -> None:
    from rich.table import Table

    from auxjepa.console import table_console

    table = Table("split", "listed", "usable", "coverage", title=f"{prepared.name} ({prepared.root})")
    table.title_justify = "left"
    for split, one in prepared.splits.items():
        share = f"{100 * one.usable / one.listed:.2f} %" if one.listed else ""
        table.add_row(split, f"{one.listed:,}", f"{one.usable:,}", share)
    table_console(160).print(table)
