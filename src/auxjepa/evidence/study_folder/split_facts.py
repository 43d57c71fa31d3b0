"""Facts on the splits of benchmarks, from records and scores: whether validation clips are test clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auxjepa.rows import Row

SPLITS_FIELD = "splits"
"""Field of a benchmark in ``benchmarks.json``: clips and digest of validation and test, and the number of clips in
both."""
FEWEST_EQUAL = 3
"""Smallest number of scores that are equal on validation and test at which the two splits count as one."""


def describe_equal_scores(rows: Sequence[Row]) -> str:
    """Return that most validation scores are the test score; empty where they are not.

    Args:
        rows: scores of encoders on one benchmark.
    """
    validated = [row for row in rows if row.validation is not None]
    equal = [row for row in validated if row.validation == row.score and 0 < abs(row.score) < 100]
    if len(equal) < FEWEST_EQUAL or 2 * len(equal) <= len(validated):
        return ""
    return f"{len(equal)} of {len(validated)} validation scores are the test score"


def describe_overlap(record: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Return why the validation clips of a benchmark may be test clips; empty where they are shown to be others.

    Args:
        record: record of the benchmark in ``benchmarks.json``.
        rows: scores of encoders on the benchmark.
    """
    if equal := describe_equal_scores(rows):
        return equal
    splits = record.get(SPLITS_FIELD)
    if not isinstance(splits, dict):
        return "no digest of its clips is recorded"
    validation, test = splits.get("validation"), splits.get("test")
    if not isinstance(validation, dict) or not isinstance(test, dict):
        return "the digests of its clips cannot be read"
    digests = [str(split.get("digest") or "") for split in (validation, test)]
    if not all(digests):
        return "the digests of its clips cannot be read"
    shared = splits.get("shared")
    if digests[0] == digests[1] or type(shared) is not int or shared != 0:
        count = shared if type(shared) is int and shared > 0 else "all"
        return f"{count} of its test clips are validation clips"
    return ""
