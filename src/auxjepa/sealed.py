"""Records that contain a digest of their content, so that damage is detected even if the file is still valid JSON."""

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
    """Return the content with its digest added under ``key``."""
    return {**content, key: _digest(content, key)}


def read_sealed(path: Path, key: str, kind: type[Record]) -> Record:
    """Return the record in a JSON file. Types are checked strictly, values with the digest.

    A file without a digest comes from an older version of auxjepa: only its types are checked.

    Args:
        path: the file.
        key: key of the digest.
        kind: class of the record.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it can't be read or was changed; the message is one line without the path.
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
    """Return the first error of a record as one line: its field and the reason."""
    first = error.errors()[0]
    # The loc of a union holds the validator of each member, such as "function-after[_ordered(), Interval]".
    field = ".".join(str(part) for part in first["loc"] if "[" not in str(part)) or "content"
    return _line(f"{field}: {first['msg'].removeprefix('Value error, ')}")


def _digest(content: Mapping[str, Any], key: str) -> str:
    """Return the hex SHA-256 (16 digits) of the canonical JSON of all content except ``key``."""
    hashed = {name: value for name, value in content.items() if name != key}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:16]


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
