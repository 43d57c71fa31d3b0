"""From flags and YAML to a typed record, through one door.

A flag is the dotted path of a field (``--optim.lr 1e-3``, ``--masks.0.scale 0.3``, ``--objectives.delta.weight 0.5``)
and goes the same way as a YAML key: into one nested mapping that pydantic validates. So both accept the same names and
values, and both get the same one-line errors. ``--help`` is rendered by tyro from the same record.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from auxjepa.config import ConfigError, parse_yaml
from auxjepa.yaml_text import YamlError

Model = TypeVar("Model", bound=BaseModel)
MOST_SHOWN = 80
"""Characters of a value that a message shows."""


class UsageError(ConfigError):
    """Flags that can't be used; one line for people."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or nothing where no known word is near."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def parse(
    model: type[Model],
    argv: list[str],
    prog: str,
    positional: tuple[str, ...] = (),
    short: dict[str, str] | None = None,
) -> Model:
    """The record that ``argv`` describes; ``--help`` prints help and exits.

    Args:
        positional: fields that may be given without a flag, in order; the last one takes all that is left.
        short: flags that stand for another one.
    """
    if wants_help(argv):
        show_help(model, prog, positional)
    return validate(model, merge({}, overrides(model, argv, positional, short)))


def wants_help(argv: list[str]) -> bool:
    """Whether help is asked for."""
    return "-h" in argv or "--help" in argv


def show_help(model: type[BaseModel], prog: str, positional: tuple[str, ...] = ()) -> None:
    """Print every flag of ``model`` and exit with 0."""
    import tyro

    usage = f"{prog} {' '.join(name.upper() for name in positional)} [--FIELD VALUE ...]"
    print(f"usage: {usage}\n")
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    shown = model.model_construct(**dict.fromkeys(required, tyro.MISSING)) if required else model()
    tyro.cli(model, default=shown, args=["--help"], prog=prog)


def overrides(
    model: type[BaseModel], argv: list[str], positional: tuple[str, ...] = (), short: dict[str, str] | None = None
) -> dict[str, Any]:
    """The nested mapping that flags describe, values read as YAML; a flag given twice counts the last time.

    Args:
        positional: fields that may be given without a flag, in order; the last one takes all that is left.
        short: flags that stand for another one.

    Raises:
        UsageError: for a flag without a value or a word that belongs to nothing.
    """
    out: dict[str, Any] = {}
    free, rest, bare = list(positional), list(argv), False
    while rest:
        word = rest.pop(0)
        if word == "--" and not bare:  # what follows are words, whatever they begin with
            bare = True
            continue
        if bare or not word.startswith("--"):
            if not free:
                raise UsageError(f"what is {word!r}? Flags begin with --")
            if len(free) == 1 and is_sequence(annotation_at(model, [free[0]])):
                out.setdefault(free[0], []).append(word)
            else:
                out[free.pop(0)] = word
            continue
        name, equals, value = word[2:].partition("=")
        path = _path(model, (short or {}).get(name, name))
        values = [value] if equals else []
        while not equals and rest and not rest[0].startswith("--"):
            values.append(rest.pop(0))
            if not is_sequence(annotation_at(model, path)):
                break
        _set(out, path, _value(model, path, values))
    return out


def _value(model: type[BaseModel], path: list[str], texts: list[str]) -> Any:
    if not texts:
        if annotation_at(model, path) is bool:
            return True
        if path[-1].startswith("no_") and annotation_at(model, [*path[:-1], path[-1][3:]]) is bool:
            path[-1] = path[-1][3:]
            return False
        if annotation_at(model, path) is None:  # let validation say that there is no such field
            return True
        raise UsageError(f"--{'.'.join(path)} needs a value")
    annotation = annotation_at(model, path)
    try:
        values = [_parsed(annotation, text) for text in texts]
    except YamlError as error:
        raise UsageError(f"--{'.'.join(path)}: {error.problem} (got {shown(' '.join(texts))})") from None
    if is_sequence(annotation) and not (len(values) == 1 and isinstance(values[0], list)):
        return values
    return values[0]


def _path(model: type[BaseModel], name: str) -> list[str]:
    """The parts of a flag; ``-`` is ``_`` in names of fields, and itself in keys of the user's own."""
    path: list[str] = []
    for part in name.split("."):
        above = annotation_at(model, path) if path else model
        path.append(part if get_origin(above) is dict else part.replace("-", "_"))
    return path


def _parsed(annotation: Any, text: str) -> Any:
    """What a text says to a field: text itself is taken as it stands, a record is a mapping (or a word for one)."""
    one = _bare(get_args(annotation)[0]) if is_sequence(annotation) else annotation
    if one in (str, Path):
        return text
    value = parse_yaml(text)
    is_record = isinstance(one, type) and issubclass(one, BaseModel)
    return value if not is_record or isinstance(value, (dict, list)) else text


def _set(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise UsageError(f"--{'.'.join(path)}: {key} was given a single value before")
    tree[path[-1]] = value


def merge(base: Any, change: Any, name: str = "") -> Any:
    """``base`` with ``change`` laid over it: mappings key by key, list items by index (keys "0", "1" …).

    Raises:
        UsageError: when an item would leave a gap in a list.
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
    """The typed record of a mapping.

    Raises:
        UsageError: one line that names the field, what was wrong and what would be right.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise UsageError(explain(model, error)) from None


def explain(model: type[BaseModel], error: ValidationError) -> str:
    """The first problem of a validation in one line, and how many more there are."""
    problems = error.errors()
    first = problems[0]
    # A sequence whose items are wrong also counts as too short: one problem, not two.
    problems = [p for p in problems if p is first or p["loc"] != first["loc"][: len(p["loc"])]]
    path = [str(part) for part in first["loc"]]
    name = ".".join(path)
    if first["type"] == "extra_forbidden":
        line = f"unknown field {name!r}{_suggest(model, path)}"
    elif first["type"] == "missing":
        line = f"{name} is required"
    else:
        message = first["msg"].removeprefix("Value error, ")
        line = f"{name}: {message[0].lower() + message[1:]}" if name else message
        if not isinstance(first["input"], (dict, BaseModel)):
            line += f" (got {shown(first['input'])})"
            if first["type"] == "literal_error":
                line += nearest(
                    str(first["input"]), first.get("ctx", {}).get("expected", "").replace("'", "").split(", ")
                )
    return line + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def shown(value: Any) -> str:
    """A value as a message shows it, its end left out where it is long."""
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 2]} …"


def _suggest(model: type[BaseModel], path: list[str]) -> str:
    siblings = fields_at(model, path[:-1])
    everywhere = {leaf.rsplit(".", 1)[-1]: leaf for leaf in leaves(model)}
    close = get_close_matches(path[-1], siblings, n=1, cutoff=0.5)
    if close and path[-1] not in everywhere:
        return f"; did you mean {'.'.join([*path[:-1], close[0]])!r}?"
    close = get_close_matches(path[-1], everywhere, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {everywhere[close[0]]!r}?"
    return f" (known here: {', '.join(siblings)})" if siblings else ""


def fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    """Names of the fields of the record at ``path``."""
    found = annotation_at(model, path) if path else model
    return list(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else []


def annotation_at(model: type[BaseModel], path: list[str]) -> Any:
    """Type of the field at ``path``, optional parts taken away; None where there is no such field."""
    current: Any = model
    for key in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            if key not in current.model_fields:
                return None
            current = _bare(current.model_fields[key].annotation)
        elif get_origin(current) is dict:
            current = _bare(get_args(current)[1])
        elif is_sequence(current):
            current = _bare(get_args(current)[0])
        else:
            return None
    return current


def _bare(annotation: Any) -> Any:
    if hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


def is_sequence(annotation: Any) -> bool:
    """Whether a field takes several values."""
    return get_origin(annotation) in (tuple, list)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterable[str]:
    """Dotted paths of all fields."""
    for name, field in model.model_fields.items():
        annotation = _bare(field.annotation)
        yield prefix + name
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from leaves(annotation, f"{prefix}{name}.")
