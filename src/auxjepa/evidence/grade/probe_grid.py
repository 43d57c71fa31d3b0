"""Chosen settings of a probe within the grid of its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from auxjepa.rows import Row

GRIDS = {"learning_rate": "learning_rates", "weight_decay": "weight_decays", "neighbours": "neighbours"}
"""Field of a row's ``selected``: field of the protocol with its grid."""
Edge = Literal["top", "bottom", "single"]
EDGE_WORDS = {"top": "at the top", "bottom": "at the bottom", "single": "with a single value"}


def edges_of(row: Row, protocols: Mapping[str, Mapping[str, Any]]) -> dict[str, Edge] | None:
    """Return the settings of a row that have no smaller or no larger value in their grid, and at which edge they are.

    A weight decay of 0 and the first epoch are no edges, because nothing smaller exists. None where the grid or the
    choice is not recorded.

    Args:
        row: one score.
        protocols: content of ``protocols.json``.
    """
    entry = protocols.get(row.protocol, {})
    record = entry.get("record")
    if entry.get("hash") != row.protocol_hash or not isinstance(record, dict):
        return None
    edges: dict[str, Edge] = {}
    axes = 0
    for name, field in GRIDS.items():
        value, values = _number(row.selected.get(name)), record.get(field)
        grid = [number for item in values if (number := _number(item)) is not None] if isinstance(values, list) else []
        if value is None or not grid:
            continue
        axes += 1
        if len(set(grid)) == 1:
            edges[name] = "single"
        elif value >= max(grid):
            edges[name] = "top"
        elif value <= min(grid) and value != 0:
            edges[name] = "bottom"
    epoch, epochs = _number(row.selected.get("epoch")), _number(record.get("epochs"))
    if epoch is not None and epochs is not None and record.get("select") != "last":
        axes += 1
        if epoch >= epochs:
            edges["epoch"] = "top"
    return edges if axes else None


def _number(value: Any) -> float | None:
    """Return a value as a number; None where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
