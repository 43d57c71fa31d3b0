"""Whether validation clips are test clips: by digests, and by scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auxjepa.evidence.study_folder.split_facts import describe_overlap
from auxjepa.rows import Row

DISJOINT = {"validation": {"clips": 2, "digest": "a"}, "test": {"clips": 2, "digest": "b"}, "shared": 0}


@pytest.mark.parametrize(
    ("splits", "why"),
    [
        (DISJOINT, ""),
        (None, "no digest of its clips is recorded"),
        ([], "no digest of its clips is recorded"),
        ({}, "the digests of its clips cannot be read"),
        ({**DISJOINT, "test": {"clips": 2}}, "the digests of its clips cannot be read"),
        ({**DISJOINT, "shared": 3}, "3 of its test clips are validation clips"),
        ({**DISJOINT, "shared": "0"}, "all of its test clips are validation clips"),
        ({**DISJOINT, "test": DISJOINT["validation"]}, "all of its test clips are validation clips"),
    ],
)
def test_records_of_splits(splits: Any, why: str) -> None:
    assert describe_overlap({} if splits is None else {"splits": splits}, []) == why


def test_validation_scores_that_are_the_test_scores(make_row: Callable[..., Row]) -> None:
    rows = [make_row(seed=seed, score=50.0 + seed, validation=50.0 + seed) for seed in range(3)]
    assert describe_overlap({"splits": DISJOINT}, rows) == "3 of 3 validation scores are the test score"
    assert not describe_overlap({"splits": DISJOINT}, rows[:2])  # chance
    others = [make_row(seed=9 + seed, score=50.0, validation=51.0) for seed in range(3)]
    assert not describe_overlap({"splits": DISJOINT}, [*rows, *others])
    perfect = [make_row(seed=seed, score=100.0, validation=100.0) for seed in range(3)]
    assert not describe_overlap({"splits": DISJOINT}, perfect)
