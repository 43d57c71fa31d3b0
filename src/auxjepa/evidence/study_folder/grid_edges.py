"""Scores whose probe chose a setting on the edge of its grid. Imports no torch.

Validation clips choose learning rate, weight decay and epoch of a probe from the values that its protocol lists. A
chosen value on the edge of that list may not be the best one: a wider list could raise the score. Such scores still
compare variants fairly only if the missing values would help all variants equally, which the study doesn't show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from auxjepa.row import Row

GRIDS = {"learning_rate": "learning_rates", "weight_decay": "weight_decays", "neighbours": "neighbours"}
"""Chosen setting, and the field of the protocol that lists its values."""
NATURAL_BOUNDS = {"weight_decay": 0.0, "neighbours": 1.0}
"""Smallest value that a setting can have. There is nothing below it, so it is no edge."""
WORDS = {
    "learning_rate": "learning rate",
    "weight_decay": "weight decay",
    "epoch": "epoch",
    "neighbours": "number of neighbours",
}
LARGEST = 1e300
"""Bound of numbers. Larger ones, infinities and NaN are damage."""
ENCODERS = (None, "random_init", "frozen")
"""Values of ``control`` in rows of encoders. The other controls have other protocols."""


def edges_of(selected: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the chosen settings that are on the edge of their grid.

    * A value is on the edge if it is the smallest or the largest of its list. Weight decay 0 and one neighbour are the
      smallest possible values and no edge.
    * The one value of a list with one value is on the edge, because it was never compared with another one.
    * The first and the last epoch are edges where validation clips choose the epoch. A protocol that always reads the
      last epoch chooses no epoch.

    Args:
        selected: chosen settings of a score, ``Row.selected``.
        record: the protocol as ``protocols.json`` holds it under ``record``.
    """
    edges = [name for name in GRIDS if _is_on_edge(name, selected, _values(name, record))]
    epoch, epochs = selected.get("epoch"), record.get("epochs")
    if _is_number(epoch) and _is_number(epochs) and record.get("select", "validation") == "validation":
        edges += ["epoch"] if epoch <= 1 or epoch >= epochs else []
    return tuple(edges)


def _is_on_edge(name: str, selected: Mapping[str, Any], values: Sequence[Any]) -> bool:
    chosen = selected.get(name)
    if not _is_number(chosen) or len(values) < 2:
        return _is_number(chosen) and bool(values)
    lowest, highest = values[0], values[-1]
    is_bound = name in NATURAL_BOUNDS and math.isclose(lowest, NATURAL_BOUNDS[name], abs_tol=1e-12)
    at_lowest = (chosen <= lowest or math.isclose(chosen, lowest)) and not is_bound
    return at_lowest or chosen >= highest or math.isclose(chosen, highest)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def _values(name: str, record: Mapping[str, Any]) -> Sequence[Any]:
    """Return the distinct values of a setting in ascending order; none if the record has no list of numbers."""
    values = record.get(GRIDS.get(name, ""))
    if not isinstance(values, list | tuple) or not all(_is_number(value) for value in values):
        return ()
    return sorted(set(values))


def describe_edges(name: str, selected: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return one sentence on the chosen settings of a score that are on an edge; empty if there is none.

    Args:
        name: name of the score.
        selected: chosen settings of the score.
        record: the protocol as ``protocols.json`` holds it under ``record``.
    """
    edges = edges_of(selected, record)
    if not edges:
        return ""
    words = ", ".join(
        f"{WORDS[edge]} {selected[edge]:g}" + (" (the only one)" if len(_values(edge, record)) == 1 else "")
        for edge in edges
    )
    return f"{name}: on the edge of the probe's grid: {words}; a wider grid could raise the score"


@dataclass(frozen=True)
class GridEdges:
    """Number of scores on the edge of their grid.

    Args:
        scores: number of scores of encoders whose grid and chosen settings are known.
        on_edge: number of these with at least one setting on the edge.
        by_setting: number of these by setting.
        fixed: settings whose lists have one value in every protocol of these scores.
    """

    scores: int
    on_edge: int
    by_setting: Mapping[str, int]
    fixed: tuple[str, ...] = ()

    @property
    def inside(self) -> float:
        """Share of the scores with all settings inside their grid; 1 if there is no score."""
        return 1 - self.on_edge / self.scores if self.scores else 1.0

    @property
    def counts(self) -> str:
        """The number of scores on an edge by setting, in words."""
        return ", ".join(
            f"{WORDS[name]} {count}" + (" (only one value was tried)" if name in self.fixed else "")
            for name, count in sorted(self.by_setting.items(), key=lambda item: (-item[1], item[0]))
        )

    @property
    def sentence(self) -> str:
        """The counts in one sentence; empty if no score is on an edge."""
        if not self.on_edge:
            return ""
        return (
            f"{self.on_edge} of {self.scores} scores of encoders chose a setting on the edge of their probe's grid "
            f"({self.counts}). A wider grid could raise these scores, and some variants more than others."
        )


def count_edges(rows: Iterable[Row], protocols: Mapping[str, Mapping[str, Any]]) -> GridEdges:
    """Return the number of scores of encoders that are on the edge of their grid.

    A score is counted if its protocol is described with the hash of its row, and if the score has a setting with a
    grid.

    Args:
        rows: scores of a study.
        protocols: content of ``protocols.json``: name, and ``hash`` and ``record`` of each protocol.
    """
    scores, on_edge = 0, 0
    by_setting: Counter[str] = Counter()
    varied: set[str] = set()
    for row in rows:
        entry = protocols.get(row.protocol, {})
        record = entry.get("record")
        if row.control not in ENCODERS or entry.get("hash") != row.protocol_hash or not isinstance(record, Mapping):
            continue
        if not any(name in row.selected for name in WORDS):
            continue
        edges = edges_of(row.selected, record)
        scores, on_edge = scores + 1, on_edge + bool(edges)
        by_setting.update(edges)
        varied |= {name for name in GRIDS if len(_values(name, record)) > 1} | {"epoch"}
    return GridEdges(scores, on_edge, dict(by_setting), tuple(name for name in by_setting if name not in varied))
