"""``auxjepa variants``: prints the named variants as a table, or the differences between two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from auxjepa import plugins, variants
from auxjepa.cli.actions import run_action
from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import ObjectiveConfig, ScheduleConfig, Typed, hint
from auxjepa.console import table_console
from auxjepa.variants import MaskChange, Variant

PIPE_WIDTH = 320  # so wide that no line breaks in a pipe
ABSENT = "absent"


class List(Typed):
    """List the variants: terms with weights and settings, masks, teacher, the network the paper probes."""

    match: str = Field(default="", description="only names that contain this")
    json_lines: bool = Field(default=False, description="one JSON object a line instead of a table")


class Diff(Typed):
    """Say what differs between two variants, field by field."""

    first: str = Field(description="name of a variant")
    second: str = Field(description="name of another")


def main(argv: list[str]) -> None:
    """Run the command."""
    actions = {"list": _list, "diff": _diff}
    if not argv or argv[0].startswith("-"):  # the list needs no word
        return _list(argv)
    return run_action("auxjepa variants", argv, actions)


def _list(argv: list[str]) -> None:
    args = parse(List, argv, "auxjepa variants list")
    matches = [variants.find(name) for name in variants.VARIANTS if args.match in name]
    if not matches:
        raise UsageError(
            f"no variant's name contains {args.match!r}{hint(args.match, variants.VARIANTS, listing=False)}"
        )
    if args.json_lines:
        for variant in matches:
            print(json.dumps(variant.model_dump(mode="json", exclude_unset=True)))
        return
    from rich.table import Table

    table = Table("variant", "terms", "masks", "teacher", "paper probes", "in words", box=None, pad_edge=False)
    for variant in matches:
        table.add_row(
            variant.name,
            "\n".join(describe_term(key, entry) for key, entry in variant.objectives.items()),
            describe_masks(variant.masks),
            "" if variant.teacher is None else "on" if variant.teacher.enabled else "off",
            variant.evaluates or "",
            variant.summary,
        )
    out = table_console(PIPE_WIDTH)
    out.print(table)
    entries = plugins.installed(plugins.OBJECTIVES)
    if entries:
        words = "; ".join(f"{name} ({plugins.origin(one)})" for name in sorted(entries) for one in entries[name])
        out.print(f"objectives of plug-ins (auxjepa doctor tries them): {words}", markup=False, soft_wrap=True)


def describe_term(key: str, entry: ObjectiveConfig) -> str:
    """Return one line for a term: name, weight, changed settings, schedule.

    Args:
        key: key of the term in the objectives.
        entry: settings of the term.
    """
    settings = [f"{name} {_short(value)}" for name, value in entry.args.items()]
    if entry.schedule != ScheduleConfig():
        s = entry.schedule
        settings.append(f"weight x {s.first:g} to x {s.last:g} ({s.kind}, {s.start:g} to {s.end:g} of training)")
    name = key if entry.name in (None, key) else f"{key} ({entry.name})"
    return f"{name} {entry.weight:g}" + (f": {', '.join(settings)}" if settings else "")


def describe_masks(change: MaskChange | None) -> str:
    """Return the change of a variant to masks in a few words; empty if it changes nothing."""
    if change is None:
        return ""
    parts = [f"{name} {_short(value)}" for name, value in change.args.items()]
    parts += [f"blocks x {change.blocks_share:g}"] if change.blocks_share != 1 else []
    return change.kind + (f": {', '.join(parts)}" if parts else "")


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_short(item)}" for key, item in value.items()) + ")"
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _diff(argv: list[str]) -> None:
    args = parse(Diff, argv, "auxjepa variants diff", ("first", "second"))
    first, second = variants.find(args.first), variants.find(args.second)
    lines = differences(first, second)
    width = max((len(path) for path, _, _ in lines), default=0)
    for path, old, new in lines:
        print(f"{path:{width}}  {old} -> {new}")
    if not lines:
        print(f"{args.first} and {args.second} differ in name and description alone")


def differences(first: Variant, second: Variant) -> list[tuple[str, str, str]]:
    """Return the dotted name of each different field with its values in the first and in the second variant.

    A missing value is ``absent``. Names, summaries and the row of the published table are left out.

    Args:
        first: a variant.
        second: another variant.
    """
    old, new = (_fields(variant) for variant in (first, second))
    return list(_compare(old, new, ()))


def _fields(variant: Variant) -> dict[str, Any]:
    content = variant.model_dump(mode="json", exclude={"name", "summary", "paper"})
    if variant.teacher is not None:  # other fields keep the values of the run
        content["teacher"] = variant.teacher.model_dump(mode="json", exclude_unset=True)
    return content


def _compare(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _compare(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))
    elif old != new:
        yield ".".join(path), _format_value(old, path), _format_value(new, path)


def _format_value(value: Any, path: tuple[str, ...]) -> str:
    """Return a value in words. Whole terms and masks have the form of the list of variants."""
    if value == ABSENT:
        return ABSENT
    if isinstance(value, dict) and path[0] == "objectives" and len(path) == 2:
        return describe_term(path[1], ObjectiveConfig.model_validate(value))
    if path == ("masks",):
        return "as the run's" if value is None else describe_masks(MaskChange.model_validate(value))
    if value is None:
        return "as the run's"
    return _short(value)
