"""Digests of the clips on which settings are chosen and of the clips that are scored.

They are in ``benchmarks.json``, so that the grade can check that validation clips are not test clips. They are no part
of any hash.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from auxjepa.benchmarks import Benchmark
from auxjepa.benchmarks.benchmark import Labelled
from auxjepa.config import DataConfig
from auxjepa.evidence.study_folder.agreement import CLASS_COUNTS
from auxjepa.evidence.study_folder.split_facts import SPLITS_FIELD

MOST = 50_000
"""Number of clips of a split up to which its clips are read."""


def describe_splits(benchmark: Benchmark, data: DataConfig) -> dict[str, Any]:
    """Return the digest of the validation and of the test clips, the number that is in both, and the classes of test.

    Args:
        benchmark: the benchmark, opened.
        data: settings with which clips are cut.
    """
    splits = {name: benchmark.open(data, name, progress=False) for name in ("validation", "test")}
    record: dict[str, Any] = {}
    if all(len(split.clips) <= MOST for split in splits.values()):
        digests = {name: _clip_digests(split) for name, split in splits.items()}
        record[SPLITS_FIELD] = {
            **{name: {"clips": len(clips), "digest": _digest_of(clips)} for name, clips in digests.items()},
            "shared": len(set(digests["validation"]) & set(digests["test"])),
        }
    test = splits["test"]
    if test.target is None and benchmark.classes > 1:
        labels = test.labels if test.example is None else test.labels[np.unique(test.example, return_index=True)[1]]
        record[CLASS_COUNTS] = np.bincount(labels, minlength=benchmark.classes).tolist()
    return record


def _clip_digests(split: Labelled) -> list[str]:
    """Return the digest of every clip's pixels."""
    return [hashlib.sha256(np.ascontiguousarray(split.clips[i]).tobytes()).hexdigest() for i in range(len(split.clips))]


def _digest_of(digests: list[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]
