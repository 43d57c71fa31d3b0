"""A chosen setting on the edge of its grid is named, and counted by setting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from auxjepa.evidence.study_folder.folder import load
from auxjepa.evidence.study_folder.grid_edges import count_edges, describe_edges, edges_of

CONFIRM = Path(__file__).parents[3] / "docs" / "evidence" / "confirm"
RECORD = {
    "learning_rates": [0.001, 0.01, 0.1],
    "weight_decays": [0.0, 1.0, 10.0],
    "neighbours": [1, 5, 20],
    "epochs": 20,
    "select": "validation",
}
INNER = {"learning_rate": 0.01, "weight_decay": 1.0, "epoch": 12}


@pytest.mark.parametrize(
    ("change", "edges"),
    [
        ({}, ()),
        ({"learning_rate": 0.001}, ("learning_rate",)),
        ({"learning_rate": 0.1}, ("learning_rate",)),
        ({"weight_decay": 10.0}, ("weight_decay",)),
        ({"weight_decay": 0.0}, ()),  # nothing is below 0
        ({"epoch": 1}, ("epoch",)),
        ({"epoch": 20}, ("epoch",)),
        ({"epoch": 19}, ()),
        ({"learning_rate": 0.1, "weight_decay": 10, "epoch": 20}, ("learning_rate", "weight_decay", "epoch")),
        ({"neighbours": 1}, ()),
        ({"neighbours": 20}, ("neighbours",)),
        ({"learning_rate": 0.1 + 1e-17}, ("learning_rate",)),
        ({"learning_rate": "0.1", "epoch": True}, ()),  # values that are no numbers are no settings of a grid
        ({"learning_rate": float("nan")}, ()),
    ],
)
def test_edges_of(change, edges) -> None:
    assert edges_of({**INNER, **change}, RECORD) == edges


@pytest.mark.parametrize("order", [[0.1, 0.001, 0.01], [0.01, 0.1, 0.001]])
def test_the_order_of_the_list_has_no_effect(order) -> None:
    assert edges_of(INNER | {"learning_rate": order[0]}, RECORD | {"learning_rates": order}) == (
        () if order[0] == 0.01 else ("learning_rate",)
    )


def test_smallest_decay_above_zero_is_an_edge() -> None:
    assert edges_of(INNER, RECORD | {"weight_decays": [1.0, 3.0, 10.0]}) == ("weight_decay",)


def test_single_value_is_an_edge_and_a_fixed_last_epoch_is_none() -> None:
    single = RECORD | {"learning_rates": [0.01], "weight_decays": [1.0, 1.0]}
    assert edges_of(INNER, single) == ("learning_rate", "weight_decay")
    assert edges_of(INNER | {"epoch": 20}, RECORD | {"select": "last"}) == ()


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"learning_rates": None, "weight_decays": "all", "epochs": "many"},
        {"learning_rates": 5, "weight_decays": [[1], {}], "epochs": [20]},
        {"learning_rates": [], "weight_decays": [None, 1.0], "epochs": float("inf")},
    ],
)
def test_damaged_record_has_no_edges(make_row, record) -> None:
    assert edges_of(INNER, record) == () and edges_of({"learning_rate": 10**400, "epoch": 10**400}, RECORD) == ()
    rows = [make_row(selected=INNER)]
    assert count_edges(rows, {"attentive": {"hash": "p1", "record": record}}).on_edge == 0
    assert count_edges(rows, {"attentive": {"hash": "p1", "record": 3}}).scores == 0


def test_counts_of_scores(make_row) -> None:
    protocols = {"attentive": {"hash": "p1", "record": RECORD}}
    rows = [
        make_row(selected=INNER),
        make_row(seed=1, selected=INNER | {"epoch": 20}),
        make_row(seed=2, selected=INNER | {"epoch": 20, "learning_rate": 0.1}, control="random_init"),
        make_row(seed=3, selected=INNER | {"epoch": 20}, protocol_hash="other"),  # its grid is unknown
        make_row(seed=4, selected=INNER | {"epoch": 20}, control="raw_pixels"),  # no encoder
        make_row(seed=5, selected={}),  # nothing was chosen
    ]
    edges = count_edges(rows, protocols)
    assert (edges.scores, edges.on_edge, edges.by_setting) == (3, 2, {"epoch": 2, "learning_rate": 1})
    assert edges.inside == pytest.approx(1 / 3)
    assert edges.sentence.startswith("2 of 3 scores of encoders chose a setting on the edge of their probe's grid")
    assert "epoch 2, learning rate 1" in edges.sentence
    assert count_edges(rows[:1], protocols).sentence == "" and count_edges([], {}).inside == 1


def test_published_confirmation_is_on_the_edge() -> None:
    study = load(CONFIRM)
    rows = [row for row in study.rows if row.control is None]
    top = {"linear": 0.01, "attentive": 0.003}
    assert len(rows) == 240 and sum(row.selected["learning_rate"] == top[row.protocol] for row in rows) == 221
    edges = count_edges(rows, study.protocols)
    assert edges.on_edge == 240 and edges.fixed == ("weight_decay",)
    assert "weight decay 240 (only one value was tried)" in edges.sentence


def test_sentence_of_a_score() -> None:
    line = describe_edges("world_order", INNER | {"learning_rate": 0.1}, RECORD | {"weight_decays": [1.0]})
    assert line == (
        "world_order: on the edge of the probe's grid: learning rate 0.1, weight decay 1 (the only one); a wider grid "
        "could raise the score"
    )
    assert describe_edges("world_order", INNER, RECORD) == ""


def test_no_torch_is_imported() -> None:
    code = "import sys, auxjepa.evidence.study_folder.grid_edges; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
