"""``auxjepa data cache ls | rm | verify``: the caches of clips on this machine."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed, hint
from auxjepa.console import stderr_console

if TYPE_CHECKING:
    from auxjepa.data.cache.upkeep import CacheStatus

STORE = Field(default=Path("data"), description="where caches are kept (data.root of runs)")
PROG = "auxjepa data cache"


class List(Typed):
    """List the caches: their content, their size, and when they were last used."""

    store: Path = STORE
    as_json: bool = Field(default=False, description="print JSON instead of a table")


class Remove(Typed):
    """Remove caches, except those that a living process builds or reads."""

    keys: tuple[str, ...] = Field(default=(), description="as `ls` shows them")
    all: bool = Field(default=False, description="every cache")
    older_than: str | None = Field(default=None, description="those not used for so long: 30d, 12h, 2w")
    partial: bool = Field(default=False, description="those that were begun and not finished")
    dry_run: bool = Field(default=False, description="only show what would be removed")
    store: Path = STORE


class Verify(Typed):
    """Read caches in full and compare checksums."""

    keys: tuple[str, ...] = Field(default=(), description="as `ls` shows them; all complete ones when none is given")
    store: Path = STORE


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"ls": _list, "rm": _remove, "verify": _verify}
    run_action(PROG, argv, actions)


def _list(argv: list[str]) -> None:
    args = parse(List, argv, f"{PROG} ls", short={"json": "as_json"})
    from rich.table import Table
    from rich.text import Text

    from auxjepa.console import table_console
    from auxjepa.data.cache.upkeep import list_caches
    from auxjepa.data.space import readable

    caches = list_caches(args.store)
    if args.as_json:
        print(json.dumps([vars(one) for one in caches], indent=1))
        return
    if not caches:
        print(f"no caches in {args.store / 'clips'}")
        return
    table = Table("key", "clips", "shape", "encoding", "size", "last used", "state", "from")
    for one in caches:
        clips = f"{one.clips:,}" if one.done == one.clips else f"{one.done:,} of {one.clips:,}"
        parts = (clips, _shape(one), one.encoding) if one.state != "damaged" else ("", "", "")
        row = (one.key, *parts, readable(one.size), _ago(time.time() - one.used), one.state, _source(one))
        table.add_row(*map(Text, row))
    table_console(200).print(table)
    print(f"{len(caches)} in {args.store / 'clips'}, {readable(sum(one.size for one in caches))}")


def _remove(argv: list[str]) -> None:
    args = parse(Remove, argv, f"{PROG} rm", ("keys",))
    if not (args.keys or args.all or args.older_than or args.partial):
        raise UsageError("say which: KEY …, --all, --older-than 30d or --partial")
    from auxjepa.data.cache.upkeep import list_caches, older, remove, seconds_of
    from auxjepa.data.errors import CacheError
    from auxjepa.data.space import readable

    chosen = _chosen(list_caches(args.store), args.keys, args.store)
    if args.older_than:
        try:
            chosen = older(chosen, seconds_of(args.older_than))
        except ValueError as error:
            raise UsageError(f"older_than: {error}") from None
    if args.partial:
        chosen = [one for one in chosen if one.state in ("partial", "being built")]
    freed, kept = 0, []
    for one in chosen:
        done = remove(args.store, one.key, dry=args.dry_run)
        freed += done.freed
        kept += [one.key] if done.kept else []
        verb = f"kept ({done.kept})" if done.kept else "would remove" if args.dry_run else "removed"
        print(f"{verb} {one.key}: {one.done:,} clips of {_shape(one)}, {readable(one.size)} {_source(one)}".rstrip())
    print(f"{'would free' if args.dry_run else 'freed'} {readable(freed)}")
    named = [key for key in kept if key in args.keys]
    if named:
        raise CacheError(args.store / "clips" / named[0], "is in use and was kept; stop the process that uses it first")


def _verify(argv: list[str]) -> None:
    args = parse(Verify, argv, f"{PROG} verify", ("keys",))
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from auxjepa.data.cache.upkeep import list_caches, verify
    from auxjepa.data.errors import CacheError

    caches = _chosen(list_caches(args.store), args.keys, args.store)
    for one in caches:
        if one.key in args.keys and one.state in ("partial", "being built"):
            raise CacheError(args.store / "clips" / one.key, f"is {one.state}: there is nothing to verify yet")
    caches = [one for one in caches if one.state not in ("partial", "being built")]
    bad: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console()) as bar:
        task = bar.add_task("reading caches", total=sum(one.size for one in caches))
        for one in caches:
            try:
                wrong = verify(args.store, one.key, lambda size: bar.advance(task, size))
            except CacheError as error:
                bad[one.key] = str(error)
                continue
            if wrong:
                shown = ", ".join(map(str, wrong[:5])) + (" …" if len(wrong) > 5 else "")
                bad[one.key] = f"{len(wrong):,} of {one.clips:,} clips are damaged ({shown})"
        bar.update(task, completed=sum(one.size for one in caches))
    for one in caches:
        print(f"{one.key} {bad.get(one.key, 'sound')}")
    if bad:
        again = f"{PROG} rm {' '.join(bad)}"
        raise CacheError(args.store / "clips", f"{len(bad)} of {len(caches)} are damaged: `{again}`, then build again")


def _chosen(caches: list[CacheStatus], keys: tuple[str, ...], root: Path) -> list[CacheStatus]:
    by_key = {one.key: one for one in caches}
    for key in keys:
        if key not in by_key:
            suggestion = hint(key, by_key, listing=False) or f"; `{PROG} ls --store {root}` lists them"
            raise UsageError(f"no cache {key!r} in {root / 'clips'}{suggestion}")
    return [by_key[key] for key in dict.fromkeys(keys)] if keys else caches


def _shape(one: CacheStatus) -> str:
    return "x".join(map(str, one.shape))


def _source(one: CacheStatus) -> str:
    """Return the folder and the cut of a cache in short form."""
    cut = one.settings
    parts = [one.about or f"source {str(cut['source'])[:8]}"] if one.about or "source" in cut else []
    if cut.get("where") == "uniform":
        parts.append("uniform")
    elif cut.get("fps"):
        parts.append(f"{cut['fps']:g} fps")
    elif cut.get("stride", 1) != 1:
        parts.append(f"stride {cut['stride']}")
    parts += [f"seed {cut['seed']}"] if "seed" in cut else []
    return ", ".join(parts)


def _ago(seconds: float) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count != 1 else ''} ago"
    return "just now"
