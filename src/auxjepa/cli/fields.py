"""The fields of a record as flags. The parser, the help and the suggestions share this description."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from auxjepa.config import hint

KEY, INDEX = "NAME", "N"
"""Placeholders in help: a key that the user chooses, and the position of an item in a list, counted from 0."""


class Kind(NamedTuple):
    """Type of a field.

    Args:
        annotation: the type without ``None``.
        is_nullable: whether the field may be null.
    """

    annotation: Any
    is_nullable: bool = False


@dataclass(frozen=True)
class Flag:
    """One flag.

    Args:
        path: names of the fields that lead to the flag, including placeholders.
        kind: type of the field.
        info: the field of the record; None for an item of a list or mapping.
        record: the record that holds the field.
    """

    path: tuple[str, ...]
    kind: Kind
    info: FieldInfo
    record: type[BaseModel]

    @property
    def name(self) -> str:
        """Dotted path in the spelling of flags."""
        return ".".join(part.replace("_", "-") for part in self.path)

    @property
    def group(self) -> str:
        """Dotted path of the record that the field belongs to; empty for the fields of the command.

        A field that holds records belongs to these records.
        """
        path, inner = innermost(self.path, self.kind)
        entry = self.path[-1] in (KEY, INDEX)
        parts = path if is_record(inner) else self.path[: -2 if entry else -1]
        return ".".join(part.replace("_", "-") for part in parts)

    @property
    def group_record(self) -> type[BaseModel]:
        """The record that the field belongs to."""
        inner = innermost(self.path, self.kind)[1]
        return inner if is_record(inner) else self.record

    @property
    def no_name(self) -> str:
        """Name of the flag that turns a switch off."""
        return ".".join([*(part.replace("_", "-") for part in self.path[:-1]), "no-" + self.path[-1].replace("_", "-")])


def kind_of(annotation: Any) -> Kind:
    """Return the type of an annotation, without its metadata and without ``None``."""
    if hasattr(annotation, "__metadata__"):
        return kind_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        is_nullable = len(parts) < len(get_args(annotation))
        return Kind(kind_of(parts[0]).annotation if len(parts) == 1 else annotation, is_nullable)
    return Kind(annotation)


def is_record(annotation: Any) -> bool:
    """Check whether a field is a record of fields."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_sequence(annotation: Any) -> bool:
    """Check whether a field takes several values."""
    return get_origin(annotation) in (tuple, list)


def fixed_length(annotation: Any) -> int | None:
    """Return the number of values of a pair or triple; None for a list of any length."""
    parts = get_args(annotation)
    return None if get_origin(annotation) is not tuple or Ellipsis in parts else len(parts)


def is_mapping(annotation: Any) -> bool:
    """Check whether the user chooses the keys of a field."""
    return get_origin(annotation) is dict


def is_word(annotation: Any) -> bool:
    """Check whether a field takes one of several words."""
    return get_origin(annotation) is Literal and all(isinstance(value, str) for value in get_args(annotation))


def item_kind(annotation: Any, place: int = 0) -> Kind:
    """Return the type of an item of a list or of a value of a mapping.

    Args:
        annotation: type of the list or mapping.
        place: position of the item in the list.
    """
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    if is_mapping(annotation):
        return kind_of(parts[1])
    return kind_of(parts[min(place, len(parts) - 1)])


def kind_at(model: type[BaseModel], path: list[str]) -> Kind | None:
    """Return the type of the field at a path; None if there is no such field.

    Args:
        model: the record.
        path: parts of the dotted name.
    """
    kind = Kind(model)
    for key in path:
        current = kind.annotation
        if is_record(current):
            if key not in current.model_fields:
                return None
            kind = kind_of(current.model_fields[key].annotation)
        elif is_mapping(current):
            kind = item_kind(current)
        elif is_sequence(current) and key.isascii() and key.isdigit():
            kind = item_kind(current, int(key))
        elif current is Any:
            kind = Kind(Any)
        else:
            return None
    return kind


def path_of(model: type[BaseModel], name: str) -> list[str]:
    """Return the parts of a dotted name.

    In names of fields, ``-`` is read as ``_``. In keys that the user chooses, ``-`` is kept.

    Args:
        model: the record.
        name: the dotted name.
    """
    path: list[str] = []
    for part in name.split("."):
        above = kind_at(model, path)
        is_own_key = above is not None and (is_mapping(above.annotation) or above.annotation is Any)
        path.append(part if is_own_key else part.replace("-", "_"))
    return path


def flags_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Flag]:
    """Yield all flags of a record. Flags of nested records follow the flags of the record.

    Fields that the record lists in ``UNUSED`` (dotted paths from the outermost record) are left out.

    Args:
        model: the record.
        path: names of the fields that lead to the record.
    """
    unused: tuple[str, ...] = getattr(model, "UNUSED", ())
    nested: list[tuple[type[BaseModel], tuple[str, ...]]] = []
    for name, info in model.model_fields.items():
        kind = kind_of(info.annotation)
        yield Flag((*path, name), kind, info, model)
        place, inner = innermost((*path, name), kind)
        if is_record(inner):
            nested.append((inner, place))
        elif KEY in place[len(path) + 1 :]:
            yield Flag(place, Kind(inner), info, model)
    for record, place in nested:
        yield from (flag for flag in flags_of(record, place) if not _is_below(flag.path[len(path) :], unused))


def innermost(path: tuple[str, ...], kind: Kind) -> tuple[tuple[str, ...], Any]:
    """Return the path and type of the content of a field after lists and mappings are opened.

    Args:
        path: path of the field.
        kind: type of the field.
    """
    inner = kind.annotation
    while (is_mapping(inner) or is_sequence(inner)) and get_args(inner):
        path = (*path, KEY if is_mapping(inner) else INDEX)
        inner = item_kind(inner).annotation
    return path, inner


def _is_below(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    dotted = ".".join(path)
    return any(dotted == name or dotted.startswith(f"{name}.") for name in names)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted paths of all fields of a record and of the records in it.

    Args:
        model: the record.
        prefix: start of each path.
    """
    for name, info in model.model_fields.items():
        annotation = kind_of(info.annotation).annotation
        yield prefix + name
        if is_record(annotation):
            yield from leaves(annotation, f"{prefix}{name}.")


def suggestion(model: type[BaseModel], path: list[str], short: Mapping[str, str] | None = None) -> str:
    """Return the end of a message about an unknown field: the name of the nearest field.

    Args:
        model: the record.
        path: parts of the unknown name.
        short: other names of flags.
    """
    parent, last = kind_at(model, path[:-1]), path[-1]
    names = list(parent.annotation.model_fields) if parent is not None and is_record(parent.annotation) else []
    everywhere = {leaf.rsplit(".", 1)[-1]: leaf for leaf in leaves(model)}
    if last not in everywhere and (near := hint(last, names, listing=False)):
        return near.replace("'", f"'{'.'.join([*path[:-1], ''])}", 1)
    shorts = {name.replace("-", "_"): name for name in short or ()}
    if near := hint(last, {**everywhere, **shorts}, listing=False, cutoff=0.6):
        word = near.split("'")[1]
        return near.replace(f"'{word}'", f"'{everywhere.get(word) or shorts[word]}'")
    return f" (known here: {', '.join(names)})" if names else ""
