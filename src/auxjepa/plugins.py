"""What other packages add to this one, found through entry points. Imports no torch, and no plug-in that isn't used.

Whatever goes wrong in a plug-in is said in one line that names its package and its entry point.
"""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from auxjepa.config import ConfigError

OBJECTIVES = "auxjepa.objectives"
"""The group of entry points that name objectives."""


def installed(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a group by name; a name that several packages use has several."""
    by_name: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in entry_points(group=group):
        by_name[entry.name].append(entry)
    return dict(by_name)


def origin(entry: EntryPoint) -> str:
    """The package, its version, and the object that an entry point names: ``plug-in mine 0.1, mine:Jerk``."""
    package = "" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}, "
    return f"plug-in {package}{entry.value}"


def entry_of(name: str, entries: Mapping[str, list[EntryPoint]]) -> EntryPoint:
    """The one entry point of a name.

    Raises:
        ConfigError: when several packages use the name.
    """
    first, *others = entries[name]
    if any(origin(entry) != origin(first) for entry in others):
        packages = "; ".join(origin(entry) for entry in entries[name])
        raise ConfigError(f"several plug-ins use the name {name!r}: {packages}. Uninstall all but one")
    return first


def load(entry: EntryPoint) -> Any:
    """What an entry point names, imported.

    Raises:
        ConfigError: when it can't be imported, or ends the process.
    """
    try:
        return entry.load()
    except BaseException as error:
        if interrupted_by_user(error):
            raise
        what = f"{entry.group.rpartition('.')[2].removesuffix('s')} {entry.name!r} ({origin(entry)})"
        raise ConfigError(f"{what} can't be imported: {reason(error)}") from error


def shadowed(group: str, own: Iterable[str]) -> list[str]:
    """One line for every plug-in that can't be used, because its name is one of this package's ``own``."""
    entries = installed(group)
    return [
        f"{name!r} of the {origin(entry)} isn't used: the name belongs to auxjepa"
        for name in own
        for entry in entries.get(name, ())
    ]


def interrupted_by_user(error: BaseException) -> bool:
    """Whether an exception is the Ctrl-C of a person, and not raised by a statement of the code itself."""
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
    """An exception in one line: its kind and its words."""
    if isinstance(error, SystemExit):
        return f"it ended the process (exit status {error.code})"
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
