"""Everything that the package knows about a suite is in its measurement."""

from __future__ import annotations

import pytest

from auxjepa.benchmarks import BENCHMARKS as REGISTERED
from auxjepa.benchmarks import MEASUREMENTS, measurement_of
from auxjepa.benchmarks.clip_sets import count_clips, split_sets
from auxjepa.benchmarks.cost import probe_seconds
from auxjepa.benchmarks.diagnostics import DIAGNOSTICS, benchmark_of
from auxjepa.config import ConfigError
from auxjepa.evidence.study_folder.clip_marks import CLIP_SUITES

SIZES = {"train": 60, "validation": 20, "test": 20}
OWN = {name: benchmark_of(name, "folder:clips", SIZES, benchmark_name=name, test_videos=10) for name in DIAGNOSTICS}
BENCHMARKS = {**REGISTERED, **OWN}
"""Registered benchmarks, and the diagnostics of a folder of videos."""


def test_every_suite_of_a_benchmark_has_a_measurement_and_every_measurement_a_benchmark() -> None:
    assert {benchmark.suite for benchmark in BENCHMARKS.values()} == set(MEASUREMENTS)


def test_an_unknown_suite_is_refused_with_the_nearest_name() -> None:
    benchmark = BENCHMARKS["world_factors"].model_copy(update={"suite": "factor"})
    with pytest.raises(ConfigError, match="world_factors: no suite 'factor'; did you mean 'factors'"):
        measurement_of(benchmark)


def test_folders_without_the_field_are_read_by_the_same_suites() -> None:
    assert {name for name, one in MEASUREMENTS.items() if one.marks_each_clip} == set(CLIP_SUITES)


@pytest.mark.parametrize("name", sorted(MEASUREMENTS))
def test_only_undisturbed_clips_are_marked_once_and_only_probes_have_conditions(name: str) -> None:
    measurement = MEASUREMENTS[name]
    assert not measurement.undisturbed or measurement.marks_each_clip
    benchmark = next(one for one in BENCHMARKS.values() if one.suite == name)
    conditions = measurement.conditions(benchmark)
    assert conditions == 0 or (conditions > 1 and measurement.fits_probe and not measurement.marks_each_clip)
    assert measurement.fits_probe or measurement.fit_seconds is not probe_seconds


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_a_benchmark_encodes_the_clips_of_its_splits_and_names_each_set_once(name: str) -> None:
    benchmark = BENCHMARKS[name]
    sets = list(measurement_of(benchmark).clip_sets(benchmark))
    assert sets and len({one.key for one in sets}) == len(sets) and all(one.clips > 0 for one in sets)
    if benchmark.suite not in ("cka",):
        assert sum(one.clips for one in sets) >= count_clips(benchmark)


def test_benchmarks_on_the_same_clips_share_them() -> None:
    first, second = BENCHMARKS["world_fine_motion"], BENCHMARKS["world_order"]
    same = first.model_copy(update={"name": "another", "label": "speed"})
    assert list(split_sets(first)) == list(split_sets(same)) != list(split_sets(second))
    assert list(split_sets(first, own_splits=True)) != list(split_sets(same, own_splits=True))
