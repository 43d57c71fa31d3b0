"""Plug-ins: objects of other packages, registered through entry points. Imports no torch and no unused plug-in.

Every error of a plug-in becomes one line that names its package and its entry point.
"""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from auxjepa.config import ConfigError

OBJECTIVES = "auxjepa.objectives"
"""Group of the entry points of objectives."""


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
