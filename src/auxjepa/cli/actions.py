"""Commands with actions: the first word names one (``auxjepa data scan``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auxjepa.cli.values import UsageError
from auxjepa.config import hint

Action = Callable[[list[str]], None]


def run_action(
    prog: str, argv: list[str], actions: Mapping[str, Action], usage: Callable[[], str] | None = None
) -> None:
    """Run the action that the first word names. Print the usage if there is no word or ``--help``.

    Args:
        prog: name of the command.
        argv: words after the command.
        actions: functions by name; each takes the words after the action.
        usage: returns the text to print; a line with all names is printed when None.

    Raises:
        UsageError: if there is no such action.
    """
    if not argv or argv[0] in ("-h", "--help"):
        names = "|".join(actions)
        print(usage() if usage else f"usage: {prog} {names} [...]   ({prog} ACTION --help lists the flags)")
        return
    if argv[0].startswith("-"):
        raise UsageError(f"{argv[0]!r} comes after the action: {', '.join(actions)}")
    if argv[0] not in actions:
        raise UsageError(f"no action {argv[0]!r}{hint(argv[0], actions)}")
    actions[argv[0]](argv[1:])
