"""The text of ``--help``, from the fields that the parser accepts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from auxjepa.cli.fields import (
    INDEX,
    KEY,
    Flag,
    Kind,
    fixed_length,
    flags_of,
    is_mapping,
    is_record,
    is_sequence,
    is_word,
    item_kind,
    kind_of,
)
from auxjepa.config import LARGEST

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 120
"""Largest number of columns that help uses."""
LEFT_SHARE, LEFT_WIDEST = 0.45, 44
"""Largest share of the columns that flags take, and their largest number."""
TYPES = {int: "INT", float: "NUMBER", str: "TEXT", Path: "PATH", bool: "true|false", Any: "VALUE"}
BOUNDS = (("ge", "at least {}"), ("gt", "above {}"), ("le", "at most {}"), ("lt", "below {}"))


def show_help(
    model: type[BaseModel],
    prog: str,
    positional: tuple[str, ...] = (),
    short: Mapping[str, str] | None = None,
    *,
    base: str = "",
) -> NoReturn:
    """Print every flag of ``model`` and exit with 0.

    Args:
        model: the record whose fields are flags.
        prog: name of the command.
        positional: fields that may be given without a flag.
        short: other names of flags.
        base: source of the values of omitted flags; their defaults are used when empty.
    """
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    console.width = min(console.width, WIDEST)
    with console.capture() as page:
        console.print(f"usage: {prog} {_usage(model, positional)}")
        for paragraph in _paragraphs(model):
            console.print(f"\n{paragraph}")
        _print_flags(console, model, positional, short or {}, base)
        console.print()
        for line in _rules(model, positional):
            console.print(line)
    print("\n".join(line.rstrip() for line in page.get().splitlines()), flush=True)
    raise SystemExit(0)


def _print_flags(
    console: Console, model: type[BaseModel], positional: tuple[str, ...], short: Mapping[str, str], base: str
) -> None:
    """Print the flags. Each record has a separate heading."""
    from rich.table import Table
    from rich.text import Text

    by_group: dict[str, list[tuple[str, str]]] = {}
    headings = {"": "flags"}
    for flag in offered(model, short):
        is_positional = len(flag.path) == 1 and flag.path[0] in positional
        group = "arguments" if is_positional else flag.group
        if flag.group and flag.group not in headings:
            headings[flag.group] = f"{flag.group}: {_first_sentence(flag.group_record)}".rstrip(": ")
        aliases = [name for name, target in short.items() if target == ".".join(flag.path)]
        row = (_left(flag, aliases, positional), _right(flag, base, positional))
        by_group.setdefault(group, []).append(row)
    longest = max(len(left) for rows in by_group.values() for left, _ in rows)
    left_width = min(longest, int(console.width * LEFT_SHARE), LEFT_WIDEST)
    fields = [name.replace("_", "-") for name in model.model_fields]
    order = {"arguments": -2, "": -1, **{name: place for place, name in enumerate(fields)}}
    for group in sorted(by_group, key=lambda name: (order[name.partition(".")[0]], name)):
        console.print()
        console.print(Text(headings.get(group, group), style="bold"))
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=2)
        table.add_column(width=left_width, overflow="fold", style="cyan")
        table.add_column(overflow="fold", ratio=1)
        for left, right in by_group[group]:
            table.add_row("", Text(left), Text(right))
        console.print(table)


def offered(model: type[BaseModel], short: Mapping[str, str] | None = None) -> Iterator[Flag]:
    """Yield the flags that help offers: all flags except those that a short flag hides.

    Args:
        model: the record whose fields are flags.
        short: other names of flags.
    """
    return (flag for flag in flags_of(model) if flag.name not in (short or {}))


def _usage(model: type[BaseModel], positional: tuple[str, ...]) -> str:
    words = []
    for name in positional:
        info = model.model_fields[name]
        word = name.upper() + (" ..." if is_sequence(kind_of(info.annotation).annotation) else "")
        words.append(word if info.is_required() else f"[{word}]")
    return " ".join([*words, "[--FLAG VALUE ...]"])


def _paragraphs(model: type[BaseModel]) -> Iterator[str]:
    text = inspect.cleandoc(model.__doc__ or "").replace("``", "`")
    for paragraph in text.split("\n\n"):
        if paragraph:
            yield " ".join(paragraph.split())


def _first_sentence(model: type[BaseModel]) -> str:
    return next(_paragraphs(model), "").split(". ")[0].rstrip(".") + "."


def _left(flag: Flag, aliases: list[str], positional: tuple[str, ...]) -> str:
    names = [f"--{name}" for name in (flag.name, *aliases)]
    if flag.kind.annotation is bool:
        return ", ".join([*names, f"--{flag.no_name}"])
    if len(flag.path) == 1 and flag.path[0] in positional:
        names = [flag.path[0].upper(), *names]
    return f"{', '.join(names)} {_metavar(flag.kind.annotation)}"


def _metavar(annotation: Any) -> str:
    """Return the placeholder for the value of a flag, in capitals."""
    if is_record(annotation) or is_mapping(annotation):
        return "YAML"
    if is_word(annotation):
        return "WORD"
    if is_sequence(annotation):
        parts = get_args(annotation)
        if (len(parts) == 2 and parts[1] is Ellipsis) or get_origin(annotation) is list:
            return f"{_metavar(item_kind(annotation).annotation)} ..."
        return " ".join(_metavar(kind_of(part).annotation) for part in parts)
    return TYPES.get(annotation, "VALUE")


def _right(flag: Flag, base: str, positional: tuple[str, ...]) -> str:
    """Return the meaning, choices, bounds and default of a flag."""
    parts = [flag.info.description or ""] if flag.path[-1] not in (KEY, INDEX) else ["one entry"]
    kind = flag.kind
    item = item_kind(kind.annotation) if is_sequence(kind.annotation) and get_args(kind.annotation) else kind
    if get_origin(item.annotation) is not None and not is_mapping(item.annotation):
        choices = [str(value) for value in get_args(item.annotation) if not isinstance(value, type)]
        parts += [f"one of {', '.join(choices)}"] if choices else []
    example = _example(kind)
    parts += [f"as YAML: {example}"] if example else []
    bounds = " and ".join(_bounds(flag.info))
    parts += [bounds] if bounds else []
    is_positional = len(flag.path) == 1 and flag.path[0] in positional
    parts.append(_default(flag, "" if is_positional else base))
    return "; ".join(part for part in parts if part)


def _example(kind: Kind) -> str:
    annotation = kind.annotation
    if is_record(annotation):
        return "{FIELD: VALUE}"
    if is_mapping(annotation):
        return "{NAME: " + (_example(item_kind(annotation)) or "VALUE") + "}"
    if is_sequence(annotation) and is_record(item_kind(annotation).annotation):
        return "[{FIELD: VALUE}]"
    return ""


def _bounds(info: FieldInfo) -> Iterator[str]:
    """Yield the bounds of a number, including numbers in ``| None`` and in lists."""
    metadata = [*info.metadata]
    pending = [info.annotation]
    while pending:
        annotation = pending.pop()
        metadata += getattr(annotation, "__metadata__", ())
        pending += [part for part in get_args(annotation) if not is_record(part)]
    pieces = [piece for one in metadata for piece in (*getattr(one, "metadata", ()), one)]
    for name, words in BOUNDS:
        values = {value for one in pieces if (value := getattr(one, name, None)) is not None and value != LARGEST}
        if values:
            yield words.format(f"{max(values) if name.startswith('g') else min(values):,g}")


def _default(flag: Flag, base: str) -> str:
    info = flag.info
    if info.is_required():
        return f"from {base}" if base else "required"
    default = info.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined or is_record(flag.kind.annotation):
        return ""
    if flag.path[-1] in (KEY, INDEX):
        return ""
    if isinstance(default, bool):
        return f"default {str(default).lower()}"
    if isinstance(default, (tuple, list)):
        if any(isinstance(one, BaseModel) for one in default):
            return ""
        words = (f"{one:g}" if isinstance(one, float) else str(one) for one in default)
        return f"default {' '.join(words)}" if default else ""
    if isinstance(default, dict):
        return f"default {', '.join(default)}" if default else ""
    words = f"{default:g}" if isinstance(default, float) else str(default)
    return f"default {words}" if words else ""


def _rules(model: type[BaseModel], positional: tuple[str, ...]) -> Iterator[str]:
    """Yield the rules for writing values that concern the flags of this command."""
    annotations = [flag.kind.annotation for flag in flags_of(model)]
    if any(is_sequence(annotation) and fixed_length(annotation) is None for annotation in annotations):
        yield "A flag with a list of values takes all words up to the next flag or --."
    if positional:
        yield f"Words after -- are {', '.join(name.upper() for name in positional)}, even if they begin with --."
    if bool in annotations:
        yield "A switch takes a value only from true, false, yes, no, on and off: --FLAG, --FLAG=false, --no-FLAG."
    yield "null or None: no value. --traceback: the trace of an error (or AUXJEPA_TRACEBACK=1)."
