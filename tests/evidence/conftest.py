"""Rows as a study writes them, for tests of the statistics."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.rows import Row


@pytest.fixture
def make_row() -> Callable[..., Row]:
    def make(variant: str = "ld", seed: int = 0, score: float = 50.0, **changes) -> Row:
        fields = {
            "run": f"{variant}{seed}",
            "variant": variant,
            "regime": "world",
            "seed": seed,
            "benchmark": "world_order",
            "benchmark_hash": "b1",
            "protocol": "attentive",
            "protocol_hash": "p1",
            "score": score,
            "n_test": 8,
            "n_classes": 8,
        }
        return Row(**{**fields, **changes})

    return make
