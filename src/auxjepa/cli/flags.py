"""Typed records from flags and YAML, by one common way.

A flag is the dotted path of a field (``--optim.lr 1e-3``, ``--masks.0.scale 0.3``, ``--objectives.delta.weight 0.5``).
Flags and YAML keys fill one nested mapping, which pydantic validates. So both accept the same names and values, and
both give the same one-line errors. The rules are in ``docs/cli.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from auxjepa.cli.fields import Kind, is_sequence, item_kind, kind_at, leaves, path_of, suggestion
from auxjepa.cli.help import show_help
from auxjepa.cli.values import UsageError, is_complete, is_truth_word, read_value, read_values, shown, with_nulls
from auxjepa.config import hint

Model = TypeVar("Model", bound=BaseModel)

__all__ = ["UsageError", "leaves", "merge", "overrides", "parse", "show_help", "validate", "wants_help"]


def parse(
    model: type[Model],
    argv: list[str],
    prog: str,
    positional: tuple[str, ...] = (),
    short: Mapping[str, str] | None = None,
) -> Model:
    """Return the record that ``argv`` describes; ``--help`` prints help and exits.

    Args:
        model: the record.
        argv: words of the command line.
        prog: name of the command, for help.
        positional: fields that may be given without a flag, in order; the last one takes all remaining words if it is
            a sequence.
        short: other names of flags.

    Raises:
        UsageError: see :func:`overrides` and :func:`validate`.
    """
    if wants_help(argv):
        show_help(model, prog, positional, short)
    return validate(model, overrides(model, argv, positional, short))


def wants_help(argv: list[str]) -> bool:
    """Check whether a flag of the command line is ``--help``."""
    flags = argv[: argv.index("--")] if "--" in argv else argv
    return "-h" in flags or "--help" in flags


def overrides(
    model: type[BaseModel],
    argv: list[str],
    positional: tuple[str, ...] = (),
    short: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the nested mapping that flags describe. If a flag is given twice, the last value counts.

    Args:
        model: the record that has the fields.
        argv: words of the command line.
        positional: fields that may be given without a flag, in order; the last one takes all remaining words if it is
            a sequence.
        short: other names of flags.

    Raises:
        UsageError: if a flag is unknown or lacks its value, or if a word belongs to no field.
    """
    flags, words = _divided(model, argv, short or {})
    tree: dict[str, Any] = {}
    paths: set[tuple[str, ...]] = set()
    for flag in flags:
        _set(tree, flag.path, _value(flag), paths)
    remaining = _place_words(model, words, positional, tree)
    if remaining:
        how = f"; a switch takes its value as {remaining[0].switch}=VALUE" if remaining[0].switch else ""
        raise UsageError(f"what is {remaining[0].text!r}? Flags begin with --{how}")
    missing = [name for name in positional if name not in tree and model.model_fields[name].is_required()]
    greedy = [flag.name for flag in flags if is_sequence(flag.kind.annotation) and len(flag.texts) > 1]
    if missing and greedy:
        raise UsageError(f"{missing[0]} is required; {greedy[-1]} takes all words up to the next flag or --")
    return tree


class _Word(NamedTuple):
    """A word that belongs to no flag, and the switch directly before it (empty if there is none)."""

    text: str
    switch: str = ""


class _FlagWords(NamedTuple):
    """A flag of the command line with its field and the words of its value."""

    name: str
    path: list[str]
    kind: Kind
    is_negated: bool
    texts: list[str]


def _divided(model: type[BaseModel], argv: list[str], short: Mapping[str, str]) -> tuple[list[_FlagWords], list[_Word]]:
    """Return the flags of a command line, and the words that belong to no flag.

    Raises:
        UsageError: if a flag is unknown.
    """
    flags, words = list[_FlagWords](), list[_Word]()
    place, switch = 0, ""
    while place < len(argv):
        word = argv[place]
        place += 1
        if word == "--":  # everything after it is a word, even if it begins with --
            words.extend(map(_Word, argv[place:]))
            break
        if not word.startswith("--"):
            if word.startswith("-") and word[1:2].isalpha():
                raise UsageError(f"no flag {word!r}: flags begin with --; write -- before a word that begins with -")
            words.append(_Word(word, switch))
            switch = ""
            continue
        name, equals, value = word.partition("=")
        path, is_negated = _resolve_annotation(model, name.removeprefix("--"), short)
        kind = kind_at(model, path) or Kind(Any)
        texts = [value] if equals else []
        while not equals and place < len(argv) and not argv[place].startswith("--"):
            if kind.annotation is bool and not is_truth_word(argv[place]):
                break
            texts.append(argv[place])
            place += 1
            if is_complete(kind, texts):
                break
        switch = name if kind.annotation is bool and not texts else ""
        flags.append(_FlagWords(name, path, kind, is_negated, texts))
    return flags, words


def _value(flag: _FlagWords) -> Any:
    if flag.is_negated:
        if flag.texts:
            raise UsageError(f"{flag.name} takes no value, got {shown(' '.join(flag.texts))}")
        return False
    if flag.texts:
        return read_values(flag.kind, flag.texts, flag.name)
    if flag.kind.annotation is bool:
        return True
    raise UsageError(f"{flag.name} needs a value")


def _resolve_annotation(model: type[BaseModel], name: str, short: Mapping[str, str]) -> tuple[list[str], bool]:
    """Return the path of a flag, and whether the flag is the ``no-`` form of a switch.

    Raises:
        UsageError: if there is no such field.
    """
    path = path_of(model, short.get(name, name))
    if kind_at(model, path) is not None:
        return path, False
    candidates = [[*path[:-1], path[-1].removeprefix("no_")]]
    if name.startswith("no-"):
        candidates.append(path_of(model, short.get(name[3:], name[3:])))
    for candidate in candidates:
        kind = kind_at(model, candidate)
        if candidate != path and kind is not None and kind.annotation is bool:
            return candidate, True
    raise UsageError(f"unknown field {'.'.join(path)!r}{suggestion(model, path, short)}")


def _set(tree: dict[str, Any], path: list[str], value: Any, paths: set[tuple[str, ...]]) -> None:
    """Put a value into the nested mapping.

    Args:
        tree: the mapping.
        path: keys that lead to the value.
        value: the value.
        paths: paths of earlier flags; the path of this flag is added.

    Raises:
        UsageError: if an earlier flag sets a part of the value, or sets a single value where a mapping is needed.
    """
    name = ".".join(path)
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise UsageError(f"--{name}: {key} was given a single value before")
    for other in sorted(paths):
        if len(other) > len(path) and other[: len(path)] == tuple(path):
            raise UsageError(f"--{name} would replace --{'.'.join(other)}, which was given before: give it first")
    paths.add(tuple(path))
    tree[path[-1]] = value


def _place_words(
    model: type[BaseModel], words: list[_Word], positional: tuple[str, ...], tree: dict[str, Any]
) -> list[_Word]:
    """Assign the words that belong to no flag to the positional fields; return the remaining words.

    Fields that a flag sets take no word.

    Args:
        model: the record that has the fields.
        words: the words, in order.
        positional: names of the positional fields.
        tree: values by name; this function fills it.
    """
    for name in positional:
        kind = kind_at(model, [name]) or Kind(Any)
        if name in tree or not words:
            continue
        if is_sequence(kind.annotation):
            items = enumerate(word.text for word in words)
            tree[name] = [read_value(item_kind(kind.annotation, place), text, name) for place, text in items]
            return []
        tree[name] = read_value(kind, words[0].text, name)
        words = words[1:]
    return words


def merge(base: Any, change: Any, name: str = "") -> Any:
    """Return ``base`` with the values of ``change``.

    Mappings are merged key by key. Lists are merged item by item if the keys of ``change`` are "0", "1" and so on.

    Args:
        base: values to start from.
        change: values that replace those of ``base``.
        name: dotted name of the place, for messages.

    Raises:
        UsageError: if an item would leave a gap in a list.
    """
    if isinstance(change, dict) and isinstance(base, dict):
        return {**base, **{key: merge(base.get(key), value, f"{name}{key}.") for key, value in change.items()}}
    if isinstance(change, dict) and isinstance(base, list) and all(str(key).isdigit() for key in change):
        out = list(base)
        for key, value in change.items():
            if int(key) > len(out):
                raise UsageError(f"{name}{key} would leave a gap: the next one is {name}{len(out)}")
            here = out[int(key)] if int(key) < len(out) else None
            out[int(key) : int(key) + 1] = [merge(here, value, f"{name}{key}.")]
        return out
    return change


def validate(model: type[Model], content: dict[str, Any]) -> Model:
    """Return the typed record of a mapping.

    Args:
        model: the record.
        content: values by name, nested.

    Raises:
        UsageError: if a value is wrong; the line names the field, the fault and what would be right.
    """
    try:
        return model.model_validate(with_nulls(Kind(model), content))
    except ValidationError as error:
        raise UsageError(explain(model, error)) from None


def explain(model: type[BaseModel], error: ValidationError) -> str:
    """Return the first problem of a validation in one line, with the number of further problems.

    Args:
        model: the record.
        error: the failed validation.
    """
    problems = error.errors()
    first = problems[0]
    # pydantic also reports a sequence with wrong items as too short: show one problem, not two.
    problems = [p for p in problems if p is first or p["loc"] != first["loc"][: len(p["loc"])]]
    path = [str(part) for part in first["loc"]]
    name = ".".join(path)
    if first["type"] == "extra_forbidden":
        line = f"unknown field {name!r}{suggestion(model, path)}"
    elif first["type"] == "missing":
        line = f"{name} is required"
    else:
        message = first["msg"].removeprefix("Value error, ")
        line = f"{name}: {message[0].lower() + message[1:]}" if name else message
        if not isinstance(first["input"], (dict, BaseModel)):
            line += f" (got {shown(first['input'])})"
            if first["type"] == "literal_error":
                words = first.get("ctx", {}).get("expected", "").replace("'", "").replace(" or ", ", ").split(", ")
                line += hint(str(first["input"]), words, listing=False)
    return line + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")
