"""Plug-ins: objects of other packages, registered through entry points. Imports no torch and no unused plug-in.

Every error of a plug-in becomes one line that names its package and its entry point.
"""

from __future__ import annotations

import dis
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError

OBJECTIVES, BENCHMARKS = "auxjepa.objectives", "auxjepa.benchmarks"
"""Groups of the entry points of objectives and of benchmarks."""


def installed(group: str) -> dict[str, list[EntryPoint]]:
    """Return the entry points of a group by name; a name that several packages use has several entry points."""
    by_name: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in entry_points(group=group):
        by_name[entry.name].append(entry)
    return dict(by_name)


def origin(entry: EntryPoint) -> str:
    """Return package, version and object of an entry point, for example ``plug-in mine 0.1, mine:Jerk``."""
    package = "" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}, "
    return f"plug-in {package}{entry.value}"


def entry_of(name: str, entries: Mapping[str, list[EntryPoint]]) -> EntryPoint:
    """Return the entry point of a name.

    Args:
        name: name of a plug-in.
        entries: entry points by name, as :func:`installed` returns them.

    Raises:
        ConfigError: if several packages use the name.
    """
    first, *others = entries[name]
    if any(origin(entry) != origin(first) for entry in others):
        packages = "; ".join(origin(entry) for entry in entries[name])
        raise ConfigError(f"several plug-ins use the name {name!r}: {packages}. Uninstall all but one")
    return first


def describe_source(entry: EntryPoint) -> str:
    """Return package, version and a digest of the source of a plug-in, which change when its code changes.

    Args:
        entry: the entry point.

    Raises:
        ConfigError: if the source can't be located.
    """
    package = entry.module if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
    return f"{package} {_digest(entry)}"


def _digest(entry: EntryPoint) -> str:
    """Return the digest of the source of an entry point's package, or of its module where it has no package."""
    top = entry.module.partition(".")[0]
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    if spec is not None and not places and spec.origin is not None and Path(spec.origin).is_file():
        return _digest_of_files(((Path(spec.origin).name, Path(spec.origin)),), (_state(Path(spec.origin)),))
    files = sorted(
        (path.relative_to(place).as_posix(), path)
        for place in map(Path, places)
        for path in place.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    )
    if not files:
        raise ConfigError(f"plug-in {entry.value}: its source can't be located, so results with it can't be identified")
    return _digest_of_files(tuple(files), tuple(_state(path) for _, path in files))


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def _digest_of_files(files: tuple[tuple[str, Path], ...], states: tuple[tuple[int, int], ...]) -> str:
    """Return a digest of names and contents. ``states`` renews the cache when a file changes."""
    total = hashlib.sha256()
    for name, path in files:
        total.update(f"{name}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def load(entry: EntryPoint) -> Any:
    """Import and return the object of an entry point.

    Raises:
        ConfigError: if it can't be imported, or ends the process.
    """
    try:
        return entry.load()
    except BaseException as error:
        if interrupted_by_user(error):
            raise
        what = f"{entry.group.rpartition('.')[2].removesuffix('s')} {entry.name!r} ({origin(entry)})"
        raise ConfigError(f"{what} can't be imported: {reason(error)}") from error


def shadowed(group: str, own: Iterable[str]) -> list[str]:
    """Return one line for every plug-in that can't be used because this package uses its name.

    Args:
        group: group of the entry points.
        own: names that this package uses.
    """
    entries = installed(group)
    return [
        f"{name!r} of the {origin(entry)} isn't used: the name belongs to auxjepa"
        for name in own
        for entry in entries.get(name, ())
    ]


def interrupted_by_user(error: BaseException) -> bool:
    """Check whether an exception comes from Ctrl-C of the user and not from a ``raise`` in the code."""
    return isinstance(error, KeyboardInterrupt) and raising_module(error) is None


def raising_module(error: BaseException) -> str | None:
    """Return the module whose ``raise`` statement raised an exception; None where no statement did, as in C code."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or dis.opname[last.tb_frame.f_code.co_code[last.tb_lasti]] != "RAISE_VARARGS":
        return None
    return str(last.tb_frame.f_globals.get("__name__", ""))


def reason(error: BaseException) -> str:
    """Return an exception as one line: its class and its text."""
    if isinstance(error, SystemExit):
        return f"it ended the process (exit status {error.code})"
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
