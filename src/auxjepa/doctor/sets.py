"""Prepared data sets and caches of clips below the data root, and the state they are in."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from auxjepa.data.space import readable
from auxjepa.doctor.check import Check, Settings

COVERED = 0.95  # of a split: public data sets lose videos over the years, more than that is worth a look


def data_sets(settings: Settings) -> Iterable[Check]:
    """Every prepared data set."""
    folders = sorted(path for path in (settings.root / "sets").glob("*") if path.is_dir())
    if not folders:
        advice = "`auxjepa data list` shows the public ones that can be prepared; the synthetic world needs none"
        yield Check(name="data sets", state="ok", found="none is prepared", values={"sets": 0}, advice=advice)
    for folder in folders:
        yield look_at(folder, settings.root)


def look_at(folder: Path, root: Path) -> Check:
    """One prepared data set."""
    from auxjepa.data.errors import DataError
    from auxjepa.data.sets.prepared_set import read_set

    name, store = f"set {folder.name}", option("--store", root)
    again = f"auxjepa data prepare {folder.name} --root PATH{store}"
    if not (folder / "set.json").is_file():
        return Check(name=name, state="warn", found="was begun and not finished: no set.json", advice=again)
    try:
        one = read_set(folder.name, root)
    except (DataError, OSError) as error:
        why = error.reason if isinstance(error, DataError) else error.strerror
        return Check(name=name, state="fail", found=f"{folder / 'set.json'}: {why}", advice=again)
    if one.data_set != folder.name:
        again = f"auxjepa data prepare {one.data_set} --root PATH --name {folder.name}{store}"
    splits = {split: {"listed": c.listed, "usable": c.usable} for split, c in one.splits.items()}
    values = {"data_set": one.data_set, "root": one.root, "splits": splits}
    if not one.root.is_dir():
        found = f"its folder {one.root} is gone"
        return Check(name=name, state="fail", found=found, values=values, advice=again)
    gone = [file for file in one.annotations if not (one.root / file).is_file()]
    if gone or not any(one.root.iterdir()):
        found = f"{one.root} is there, its {gone[0] if gone else 'content'} isn't (not mounted?)"
        return Check(name=name, state="fail", found=found, values=values, advice=again)
    told = ", ".join(f"{split} {c.usable:,} of {c.listed:,}" for split, c in one.splits.items())
    state, advice = "ok", None
    thin = [split for split, c in one.splits.items() if c.usable < COVERED * c.listed]
    if thin:
        state = "warn" if any(c.usable for c in one.splits.values()) else "fail"
        advice = f"auxjepa data check {folder.name}{store} names the files that are missing or broken"
    found = f"usable: {told} ({one.root})" if told else f"no splits ({one.root})"
    return Check(name=name, state=state, found=found, values=values, advice=advice)


def option(flag: str, root: Path) -> str:
    """The flag that names the data root, nothing where it is the one that commands take anyway."""
    return "" if root == Path("data").absolute() else f" {flag} {shlex.quote(str(root))}"


def caches(settings: Settings) -> Iterable[Check]:
    """Caches of decoded clips: how many, how large, and which of them are no use."""
    from auxjepa.data.cache.upkeep import list_caches

    found = list_caches(settings.root)
    states = {state: [one for one in found if one.state == state] for state in ("partial", "damaged", "being built")}
    size = sum(one.size for one in found)
    values = {"caches": len(found), "bytes": size, **{s: [one.key for one in some] for s, some in states.items()}}
    told = f"{len(found)} in {settings.root / 'clips'}, {size / 1e9:.2f} GB" if found else "none"
    state, advice, command = "ok", None, f"auxjepa data cache rm {{}}{option('--store', settings.root)}"
    if partial := states["partial"]:
        told += f", {len(partial)} begun and not finished ({readable(sum(one.size for one in partial))})"
        state, advice = "warn", f"the run that began it can go on with it, or {command.format('--partial')}"
    if damaged := states["damaged"]:
        told += f", {len(damaged)} damaged"
        state, advice = "warn", command.format(" ".join(one.key for one in damaged))
    yield Check(name="caches", state=state, found=told, values=values, advice=advice)
