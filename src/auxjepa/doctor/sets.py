"""Checks of prepared data sets and caches of clips in the data root."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from auxjepa.data.space import readable
from auxjepa.doctor.check import Check, Settings

COVERED = 0.95  # share of a split: public data sets lose videos over the years, but a larger loss needs attention


def data_sets(settings: Settings) -> Iterable[Check]:
    """Yield a check of every prepared data set."""
    folders = sorted(path for path in (settings.root / "sets").glob("*") if path.is_dir())
    if not folders:
        advice = "`auxjepa data list` shows the public ones that can be prepared; the synthetic world needs none"
        yield Check(name="data sets", state="ok", found="none is prepared", values={"sets": 0}, advice=advice)
    for folder in folders:
        yield look_at(folder, settings.root)


def look_at(folder: Path, root: Path) -> Check:
    """Return the check of one prepared data set."""
    from auxjepa.data.errors import DataError
    from auxjepa.data.sets.prepared_set import read_set

    name, store = f"set {folder.name}", option("--store", root)
    again = f"auxjepa data prepare {folder.name} --root PATH{store}"
    if not (folder / "set.json").is_file():
        return Check(name=name, state="warn", found="not finished: there is no set.json", advice=again)
    try:
        prepared = read_set(folder.name, root)
    except (DataError, OSError) as error:
        why = error.reason if isinstance(error, DataError) else error.strerror
        return Check(name=name, state="fail", found=f"{folder / 'set.json'}: {why}", advice=again)
    if prepared.data_set != folder.name:
        again = f"auxjepa data prepare {prepared.data_set} --root PATH --name {folder.name}{store}"
    splits = {split: {"listed": c.listed, "usable": c.usable} for split, c in prepared.splits.items()}
    values = {"data_set": prepared.data_set, "root": prepared.root, "splits": splits}
    if not prepared.root.is_dir():
        found = f"its folder {prepared.root} doesn't exist any more"
        return Check(name=name, state="fail", found=found, values=values, advice=again)
    missing = [file for file in prepared.annotations if not (prepared.root / file).is_file()]
    if missing or not any(prepared.root.iterdir()):
        found = f"{prepared.root} exists without its {missing[0] if missing else 'content'} (not mounted?)"
        return Check(name=name, state="fail", found=found, values=values, advice=again)
    counts = ", ".join(f"{split} {c.usable:,} of {c.listed:,}" for split, c in prepared.splits.items())
    state, advice = "ok", None
    thin = [split for split, c in prepared.splits.items() if c.usable < COVERED * c.listed]
    if thin:
        state = "warn" if any(c.usable for c in prepared.splits.values()) else "fail"
        advice = f"auxjepa data check {folder.name}{store} names the files that are missing or broken"
    found = f"usable: {counts} ({prepared.root})" if counts else f"no splits ({prepared.root})"
    return Check(name=name, state=state, found=found, values=values, advice=advice)


def option(flag: str, root: Path) -> str:
    """Return the flag with the data root; '' if it is the default of commands."""
    return "" if root == Path("data").absolute() else f" {flag} {shlex.quote(str(root))}"


def caches(settings: Settings) -> Iterable[Check]:
    """Yield the check of the caches of decoded clips: their number, their size, and unusable ones."""
    from auxjepa.data.cache.upkeep import list_caches

    entries = list_caches(settings.root)
    states = {
        state: [cache for cache in entries if cache.state == state] for state in ("partial", "damaged", "being built")
    }
    size = sum(cache.size for cache in entries)
    values = {
        "caches": len(entries),
        "bytes": size,
        **{state: [cache.key for cache in group] for state, group in states.items()},
    }
    found = f"{len(entries)} in {settings.root / 'clips'}, {size / 1e9:.2f} GB" if entries else "none"
    state, advice, command = "ok", None, f"auxjepa data cache rm {{}}{option('--store', settings.root)}"
    if partial := states["partial"]:
        found += f", {len(partial)} not finished ({readable(sum(cache.size for cache in partial))})"
        state, advice = "warn", f"the same run can resume it, or {command.format('--partial')}"
    if damaged := states["damaged"]:
        found += f", {len(damaged)} damaged"
        state, advice = "warn", command.format(" ".join(cache.key for cache in damaged))
    yield Check(name="caches", state=state, found=found, values=values, advice=advice)
