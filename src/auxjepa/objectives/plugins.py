"""Objectives of other packages, found through entry points of the group ``auxjepa.objectives``.

A plug-in is imported only when it is used, or when `auxjepa doctor` asks whether it works. Whatever goes wrong in it is
said in one line that names the package and the entry point.
"""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from auxjepa.config import ConfigError
from auxjepa.objectives.base import Objective

GROUP = "auxjepa.objectives"


def installed() -> dict[str, list[EntryPoint]]:
    """The entry points of every name; a name that several packages use has several."""
    by_name: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in entry_points(group=GROUP):
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
    if any(entry.value != first.value or origin(entry) != origin(first) for entry in others):
        packages = "; ".join(origin(entry) for entry in entries[name])
        raise ConfigError(f"several plug-ins call their objective {name!r}: {packages}. Uninstall all but one")
    return first


def load(entry: EntryPoint) -> type[Objective]:
    """The class that an entry point names.

    Raises:
        ConfigError: when it can't be imported, ends the process, or isn't an Objective.
    """
    try:
        loaded = entry.load()
    except BaseException as error:
        if interrupted_by_user(error):
            raise
        raise ConfigError(f"objective {entry.name!r} ({origin(entry)}) can't be imported: {reason(error)}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, Objective)):
        what = f"not a subclass of {GROUP}.Objective"
        raise ConfigError(f"objective {entry.name!r} ({origin(entry)}) is {what}, but {shown(loaded)}")
    return loaded


def shadowed(own: Iterable[str]) -> list[str]:
    """One line for every plug-in that can't be used, because its name is one of the package's ``own``."""
    entries = installed()
    return [
        f"the objective {name!r} of the {origin(entry)} isn't used: the name belongs to an objective of auxjepa"
        for name in own
        for entry in entries.get(name, ())
    ]


def interrupted_by_user(error: BaseException) -> bool:
    """Whether an exception is the Ctrl-C of a person, not raised by a statement of the code itself."""
    if not isinstance(error, KeyboardInterrupt) or error.__traceback__ is None:
        return isinstance(error, KeyboardInterrupt)
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    code = last.tb_frame.f_code.co_code
    return dis.opname[code[last.tb_lasti]] != "RAISE_VARARGS"


def reason(error: BaseException) -> str:
    """An exception in one line: its kind and its words."""
    words = " ".join(str(error).split())
    if isinstance(error, SystemExit):
        return f"it ended the process (exit status {error.code})"
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def shown(value: object) -> str:
    """What a value is, for a message."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else f"a {type(value).__name__}"
