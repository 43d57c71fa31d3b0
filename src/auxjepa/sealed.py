"""Records that carry a digest of their own content, so that damage which is still valid JSON is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from auxjepa.files import read_json

Record = TypeVar("Record", bound=BaseModel)


def seal(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The content with its digest under ``key``."""
    return {**content, key: _digest(content, key)}


def read_sealed(path: Path, key: str, kind: type[Record]) -> Record:
    """The record in a JSON file, of exactly the types that it was written with.

    A file without a digest is of an older version of auxjepa: its types are checked, its values can't be.

    Args:
        key: under which the digest stands.
        kind: what the file holds.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when it can't be read, or isn't what was written; the message is one line without the path.
    """
    try:
        content = read_json(path)
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise ValueError(f"no text (byte {error.start})") from None
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None
    except ValueError as error:
        raise ValueError(f"no JSON ({_line(str(error))})") from None
    if not isinstance(content, dict):
        raise ValueError(f"expected keys and values, found {type(content).__name__}")
    if key in content and content[key] != _digest(content, key):
        raise ValueError("damaged or edited: its content doesn't have the digest that it was written with")
    try:
        return kind.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise ValueError(f"damaged, or of another version of auxjepa ({first_line(error)})") from None


def first_line(error: ValidationError) -> str:
    """The first of what is wrong with a record: its field and why."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "content"
    return _line(f"{field}: {first['msg'].removeprefix('Value error, ')}")


def _digest(content: Mapping[str, Any], key: str) -> str:
    """Hex SHA-256 (16 digits) of the canonical JSON of everything but ``key``."""
    rest = {name: value for name, value in content.items() if name != key}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
