"""The space of a search: its fields, and values at an edge."""

from __future__ import annotations

from typing import Any

import pytest

from auxjepa.evidence.study_folder.tuning_space import SpaceField, read_space, text_of
from written_tuning import search_settings

LOG = SpaceField("lr", low=0.001, high=0.016, is_log=True)
LINEAR = SpaceField("share", low=-1.0, high=1.0)
ORDERED = SpaceField("decay", choices=(0.0, 0.05, 0.2))


@pytest.mark.parametrize(
    ("field", "value", "edge"),
    [
        (LOG, 0.001, "low"),
        (LOG, 0.00105, "low"),
        (LOG, 0.0011, ""),
        (LOG, 0.0155, "high"),
        (LOG, 0.0149, ""),
        (LOG, 0.02, "outside"),
        (LOG, 0, "outside"),
        (LOG, "fast", "outside"),
        (LINEAR, -0.961, "low"),
        (LINEAR, -0.95, ""),
        (LINEAR, 0.97, "high"),
        (LINEAR, 1.1, "outside"),
        (ORDERED, 0, "low"),
        (ORDERED, 0.05, ""),
        (ORDERED, 0.2, "high"),
        (ORDERED, 0.1, "outside"),
        (SpaceField("n", choices=(8, 4, 2)), 8, "high"),
        (SpaceField("n", choices=(2, 8, 4)), 8, ""),
        (SpaceField("n", choices=(2, 8)), 8, ""),
        (SpaceField("m", choices=([0.99, 1.0], [0.996, 1.0], [1.0, 1.0])), [0.99, 1.0], ""),
        (SpaceField("m", choices=("a", "b", "c")), "d", "outside"),
        (SpaceField("x", low=1.0, high=1.0), 1, ""),
    ],
)
def test_edges(field: SpaceField, value: Any, edge: str) -> None:
    assert field.edge_of(value) == edge


def test_space_of_a_variant_has_the_common_fields_and_its_own() -> None:
    settings = search_settings(["baseline", "ld"])
    assert [field.name for field in read_space(settings, "baseline")] == ["optim.lr", "optim.weight_decay", "masks"]
    *_, weight = read_space(settings, "ld")
    assert weight == SpaceField("objectives.latent_dynamics.weight", low=0.1, high=2.0, is_log=True)
    assert read_space({}, "ld") == read_space({"tune": 3}, "ld") == []
    damaged = {
        "tune": {"space": {"a": 3, "b": {"low": "x", "high": 1}, "c": [], "d": "abc", "e": {"low": True, "high": 2}}}
    }
    assert read_space(damaged, "ld") == []


def test_equal_values_have_equal_texts() -> None:
    assert text_of(1) == text_of(1.0) != text_of(True)
    assert text_of({"a": 1, "b": 2}) == text_of({"b": 2, "a": 1})
