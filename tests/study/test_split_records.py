"""Digests of the clips of validation and test in ``benchmarks.json``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.study import split_records
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.split_records import describe_splits


@pytest.fixture
def benchmark(tiny: StudyConfig) -> Benchmark:
    return tiny.chosen_benchmarks()[0]


def test_splits_of_a_benchmark_are_disjoint_and_counted(tiny: StudyConfig, root: Path, benchmark: Benchmark) -> None:
    data = plan(tiny, root)[0].config.data
    record = describe_splits(benchmark, data)
    validation, test = record["splits"]["validation"], record["splits"]["test"]
    assert (validation["clips"], test["clips"], record["splits"]["shared"]) == (16, 24, 0)
    assert validation["digest"] != test["digest"] and describe_splits(benchmark, data) == record
    assert len(record["class_counts"]) == benchmark.classes and sum(record["class_counts"]) == 24


def test_clips_in_both_splits_are_counted(
    tiny: StudyConfig, root: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = np.arange(6 * 48, dtype=np.uint8).reshape(6, 2, 2, 4, 3)
    parts = {"validation": slice(0, 4), "test": slice(2, 6)}

    def open_part(self: Benchmark, data: object, split: str, **options: object) -> Labelled:
        return Labelled(clips[parts[split]], np.zeros(4, int), "", np.array([0, 0, 1, 1]))

    monkeypatch.setattr(Benchmark, "open", open_part)
    data = plan(tiny, root)[0].config.data
    record = describe_splits(benchmark, data)
    assert record["splits"]["shared"] == 2 and record["class_counts"][0] == 2  # two examples of two clips
    monkeypatch.setattr(split_records, "MOST", 3)
    assert "splits" not in describe_splits(benchmark, data)
