"""The base class of all typed records, and the number types of their fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_serializer

LARGEST = 2**63 - 1
"""Largest integer that torch, NumPy and files can hold."""


def _number(value: Any) -> Any:
    """Return the value unless it is true or false, which Python treats as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(f"input should be a number, not {str(value).lower()}")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(_number)]
BelowOne = Annotated[float, Field(ge=0, lt=1), BeforeValidator(_number)]
Positive = Annotated[float, Field(gt=0), BeforeValidator(_number)]
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST), BeforeValidator(_number)]
Natural = Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_number)]
Threads = Annotated[int, Field(ge=0, le=4096), BeforeValidator(_number)]
Count = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(_number)]


class Typed(BaseModel):
    """Base class of every configuration record: frozen, without unknown keys, hashed by content."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {}
    """Fields that were added after published results, with their defaults.

    At its default such a field isn't written, so that the hashes of published results don't change.
    """

    @model_serializer(mode="wrap")
    def _written(self, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        content, defaults = handler(self), type(self).OMIT_AT_DEFAULT
        return {k: v for k, v in content.items() if k not in defaults or v != defaults[k]} if defaults else content

    def digest(self, exclude: set[str] | None = None) -> str:
        """Return the hex SHA-256 (16 digits) of the canonical JSON of this record.

        Args:
            exclude: names of fields that don't count.
        """
        content = self.model_dump(mode="json", exclude=exclude)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
