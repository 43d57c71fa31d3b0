"""Scores under other hashes than the registered ones."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa.evidence.decisions.other_hashes import compare_with_registered
from auxjepa.evidence.decisions.registration import Measure, Registration
from auxjepa.rows import Row

REGISTRATION = Registration(
    name="s",
    hypotheses=(),
    seeds=(7,),
    measures={"world": {"order": Measure(benchmark_hash="b", protocol_hash="p", metric="mse")}},
    runs={"ld seed 7 on world": "aa"},
    design={},
    created="2026-01-02T00:00:00+00:00",
)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({}, None),
        # Scores in which less is better have a minus sign on the page.
        ({"metric": "-mse", "score": -0.5}, None),
        ({"metric": "-mae", "score": -0.5}, "metric"),
        ({"metric": "mae"}, "metric"),
        ({"benchmark_hash": "c"}, "benchmark hash"),
        ({"protocol_hash": "q"}, "protocol hash"),
        ({"run": "zz"}, "run hash"),
    ],
)
def test_what_differs_from_the_registration(fields: dict[str, Any], what: str | None) -> None:
    usual = {
        "run": "aa", "variant": "ld", "regime": "world", "seed": 7, "benchmark": "order", "benchmark_hash": "b",
        "protocol": "linear", "protocol_hash": "p", "metric": "mse", "score": 0.5, "n_test": 10, "n_classes": 2,
    }  # fmt: skip
    other = compare_with_registered(REGISTRATION, Row.model_validate(usual | fields))
    assert (other and other.what) == what
