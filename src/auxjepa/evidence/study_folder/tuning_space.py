"""The space of a search as records, and the values that are at an edge of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

EDGE = 0.02
"""Share of a range's span, at either end, in which a value counts as being at the edge."""
FEWEST_ORDERED = 3
"""Number of choices from which a list of ordered numbers has a middle."""
Edge = Literal["", "low", "high", "outside"]


@dataclass(frozen=True)
class SpaceField:
    """One field of the space of a variant.

    Args:
        name: dotted name of the field.
        choices: the choices; empty for a range.
        low: lower end of a range.
        high: upper end of a range.
        is_log: whether a range is searched on the logarithmic scale.
    """

    name: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False

    @property
    def is_number(self) -> bool:
        """Check whether every value of the field is a number."""
        return not self.choices or all(is_number(choice) for choice in self.choices)

    def edge_of(self, value: Any) -> Edge:
        """Return at which edge of the space a value is; empty where it is inside.

        A range has an edge of 2 % of its span at both ends, on its own scale. A list of at least 3 numbers in ascending
        or descending order has an edge at its smallest and its largest number. Other lists have no edge.

        Args:
            value: a value of the field.
        """
        if self.choices:
            return self._edge_of_choice(value)
        if not is_number(value):
            return "outside"
        low, high, place = self.low, self.high, float(value)
        if self.is_log and min(low, high, place) > 0:
            low, high, place = math.log(low), math.log(high), math.log(place)
        span = high - low
        if span <= 0:
            return "" if place == low else "outside"
        share = (place - low) / span
        if not -1e-9 <= share <= 1 + 1e-9:
            return "outside"
        return "low" if share <= EDGE else "high" if share >= 1 - EDGE else ""

    def _edge_of_choice(self, value: Any) -> Edge:
        texts = [text_of(choice) for choice in self.choices]
        if text_of(value) not in texts:
            return "outside"
        if len(self.choices) < FEWEST_ORDERED or not self.is_number:
            return ""
        numbers = list(self.choices)
        if numbers not in (sorted(numbers), sorted(numbers, reverse=True)):
            return ""
        return "low" if value == min(numbers) else "high" if value == max(numbers) else ""


def read_space(settings: Mapping[str, Any], variant: str) -> list[SpaceField]:
    """Return the fields of the space of a variant: the common ones and then its own. Damaged fields are left out.

    Args:
        settings: content of ``tuning/settings.yaml``.
        variant: the variant.
    """
    search = mapping_in(settings, "tune")
    space = {**mapping_in(search, "space"), **mapping_in(mapping_in(search, "variant_space"), variant)}
    fields = (_field(str(name), content) for name, content in space.items())
    return [field for field in fields if field is not None]


def mapping_in(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the mapping under a key; empty where there is none.

    Args:
        content: keys and values.
        key: the key.
    """
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def is_number(value: Any) -> bool:
    """Check whether a value is a finite number; true and false are none.

    Args:
        value: any value.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def text_of(value: Any) -> str:
    """Return a value of a recipe as text; equal values have equal texts.

    Args:
        value: the value.
    """
    if is_number(value):
        return f"{float(value):.10g}"
    return json.dumps(value, sort_keys=True, default=str)


def _field(name: str, content: Any) -> SpaceField | None:
    if isinstance(content, Sequence) and not isinstance(content, str) and content:
        return SpaceField(name, choices=tuple(content))
    if not isinstance(content, Mapping):
        return None
    low, high = content.get("low"), content.get("high")
    if (
        not isinstance(low, int | float)
        or not isinstance(high, int | float)
        or not (is_number(low) and is_number(high))
    ):
        return None
    return SpaceField(name, low=float(low), high=float(high), is_log=content.get("log") is True)
