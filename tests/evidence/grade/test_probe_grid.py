"""Settings of probes at the edge of their grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auxjepa.evidence.grade.grade import grade_study
from auxjepa.evidence.grade.probe_grid import edges_of
from auxjepa.evidence.study_folder.folder import load
from auxjepa.rows import Row

ALL = ("learning_rate", "weight_decay", "epoch")
GRID = {"learning_rates": [0.1, 0.01, 0.001], "weight_decays": [0.0, 0.1, 1.0], "epochs": 40, "neighbours": [5, 10, 20]}


@pytest.mark.parametrize(
    ("selected", "edges"),
    [
        ({"learning_rate": 0.01, "weight_decay": 0.1, "epoch": 20}, {}),
        ({"learning_rate": 0.1, "weight_decay": 1.0, "epoch": 40}, dict.fromkeys(ALL, "top")),
        ({"learning_rate": 0.001, "weight_decay": 0.0, "epoch": 1}, {"learning_rate": "bottom"}),
        ({"neighbours": 5}, {"neighbours": "bottom"}),
        ({"neighbours": 10}, {}),
        ({"learning_rate": 3.0}, {"learning_rate": "top"}),
        ({}, None),
        ({"learning_rate": "many"}, None),
    ],
)  # fmt: skip
def test_edges(make_row: Callable[..., Row], selected: dict[str, Any], edges: dict[str, str] | None) -> None:
    protocols = {"attentive": {"hash": "p1", "record": GRID}}
    assert edges_of(make_row(selected=selected), protocols) == edges


def test_unknown_and_single_grids(make_row: Callable[..., Row]) -> None:
    row = make_row(selected={"learning_rate": 0.01, "epoch": 40})
    assert edges_of(row, {}) is None and edges_of(row, {"attentive": {"hash": "other", "record": GRID}}) is None
    for record in (None, [], {"learning_rates": []}, {"learning_rates": "x", "epochs": "y"}):
        assert edges_of(row, {"attentive": {"hash": "p1", "record": record}}) is None
    single = {"learning_rates": [0.01], "epochs": 40, "select": "last"}
    assert edges_of(row, {"attentive": {"hash": "p1", "record": single}}) == {"learning_rate": "single"}


def test_confirm_chose_the_largest_learning_rate_in_221_of_240_scores() -> None:
    folder = Path(__file__).parents[3] / "docs" / "evidence" / "confirm"
    grade = grade_study(load(folder))
    criterion = {c.name: c for c in grade.criteria}["settings inside grid"]
    assert (
        criterion.share == 0
        and "learning_rate at the top in 221, learning_rate at the bottom in 10" in criterion.reason
    )
    assert not grade.passes and [c.name for c in grade.obstacles] == ["reference healthy"]
