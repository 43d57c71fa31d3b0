"""Values of flags: conversion of text to the type of a field.

Text, paths and words are used unchanged. All other values are read as YAML, by the rules of configuration files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.cli.fields import Kind, fixed_length, is_mapping, is_record, is_sequence, is_word, item_kind, kind_of
from auxjepa.config import ConfigError, parse_yaml
from auxjepa.yaml_text import NULL_WORDS, YamlError

LONGEST = 80
"""Largest number of characters of a value in a message."""
TRUTH_WORDS = ("true", "false", "yes", "no", "on", "off")
"""Words that a switch accepts as its value."""


class UsageError(ConfigError):
    """Error of flags that cannot be used; one line for people."""


def shown(value: Any) -> str:
    """Return a value as text for a message. A long value is shortened."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"


def is_truth_word(text: str) -> bool:
    """Check whether a text is a value of a switch."""
    return text.lower() in TRUTH_WORDS


def is_complete(kind: Kind, texts: list[str]) -> bool:
    """Check whether a flag takes no further word.

    This holds for one value, a whole list in one word, and a pair with all items.

    Args:
        kind: type of the field.
        texts: the words so far; at least one.
    """
    if not is_sequence(kind.annotation):
        return True
    count = fixed_length(kind.annotation)
    return _is_list(kind, texts[0]) or (count is not None and len(texts) >= count)


def read_values(kind: Kind, texts: list[str], name: str) -> Any:
    """Return the value that the words after a flag describe.

    Args:
        kind: type of the field.
        texts: one word, or several for a field that takes several values.
        name: the flag, for messages.

    Raises:
        UsageError: if a word is empty or is not YAML.
    """
    if is_sequence(kind.annotation) and not (kind.is_nullable and texts[0] in NULL_WORDS):
        if len(texts) == 1 and _is_list(kind, texts[0]):
            return _parsed(texts[0], name)
        return [read_value(item_kind(kind.annotation, place), text, name) for place, text in enumerate(texts)]
    return read_value(kind, texts[0], name)


def read_value(kind: Kind, text: str, name: str) -> Any:
    """Return the value that one word describes.

    Args:
        kind: type of the field.
        text: the word.
        name: the flag or positional argument, for messages.

    Raises:
        UsageError: if the word is empty (except for text) or is not YAML.
    """
    if kind.is_nullable and text in NULL_WORDS:
        return None
    if not text.strip() and kind.annotation is not str:
        raise UsageError(f"{name} needs a value, got an empty one" + (" (null for none)" if kind.is_nullable else ""))
    if kind.annotation in (str, Path) or is_word(kind.annotation):
        return text
    value = _parsed(text, name)
    # A record or mapping may have names for whole values (--regimes mixed).
    is_whole = isinstance(value, (dict, list))
    return text if is_record(kind.annotation) and not is_whole else value


def _is_list(kind: Kind, text: str) -> bool:
    """Check whether one word is a whole list (``[1, 2]``)."""
    is_path = item_kind(kind.annotation).annotation is Path
    return not is_path and text.startswith("[") and text.endswith("]")


def _parsed(text: str, name: str) -> Any:
    try:
        return parse_yaml(text)
    except YamlError as error:
        raise UsageError(f"{name}: {error.problem} (got {shown(text)})") from None


def with_nulls(kind: Kind, content: Any) -> Any:
    """Return the content of a file or of flags. In fields that may be null, the word ``None`` becomes null.

    Args:
        kind: type of the content.
        content: mappings, lists and values.
    """
    if kind.is_nullable and isinstance(content, str) and content == "None":
        return None
    annotation = kind.annotation
    if is_record(annotation) and isinstance(content, Mapping):
        kinds = {name: kind_of(info.annotation) for name, info in annotation.model_fields.items()}
        return {key: with_nulls(kinds.get(key, Kind(Any)), value) for key, value in content.items()}
    if is_mapping(annotation) and isinstance(content, Mapping):
        return {key: with_nulls(item_kind(annotation), value) for key, value in content.items()}
    if is_sequence(annotation) and isinstance(content, list):
        return [with_nulls(item_kind(annotation, place), value) for place, value in enumerate(content)]
    return content
