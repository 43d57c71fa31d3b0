"""Benchmarks of diagnostics: plain records that a study can write and open later."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.diagnostics import DIAGNOSTICS, request
from auxjepa.benchmarks.diagnostics.requests import request_diagnostics
from auxjepa.config import ConfigError, DataConfig


@pytest.mark.parametrize("name", sorted(DIAGNOSTICS))
def test_a_record_that_was_written_opens_the_same_clips(data: DataConfig, name: str) -> None:
    asked = request(name, data.source, data, workers=1, progress=False)
    written = yaml.safe_load(yaml.safe_dump(asked.benchmark.model_dump(mode="json")))
    plain = Benchmark.model_validate(written)
    assert type(plain) is Benchmark and plain.hash_on(data) == asked.benchmark.hash_on(data)
    # A run's number of pretraining clips and the places of files change neither the clips nor the hash.
    moved = data.model_copy(update={"clips": 9, "workers": 0, "cache": "none"})
    assert plain.hash_on(moved) == plain.hash_on(data)
    first, second = asked.benchmark.open(data, "test", progress=False), plain.open(moved, "test", progress=False)
    assert first.key == second.key and np.array_equal(first.labels, second.labels)
    assert len(first.labels) == (2 * plain.test if plain.suite == "same_video" else plain.test)
    assert "one_frame" in plain.controls and "shuffled" in plain.controls and plain.capability != "other"
    assert asked.record["reference"] and asked.notes


def test_the_hash_follows_the_settings_that_change_clips_or_labels(data: DataConfig) -> None:
    words = {"workers": 1, "progress": False}
    plain = request("arrow_of_time", data.source, data, **words).benchmark
    hashes = {plain.hash_on(data), plain.hash_on(data.model_copy(update={"frames": 4}))}
    hashes.add(request("arrow_of_time", data.source, data, seed=1, **words).benchmark.hash_on(data))
    hashes.add(request("arrow_of_time", data.source, data, each=2, **words).benchmark.hash_on(data))
    hashes.add(request("frame_order", data.source, data, **words).benchmark.hash_on(data))
    assert len(hashes) == 5


def test_all_diagnostics_leave_out_what_the_videos_cannot_have(data: DataConfig) -> None:
    six = data.model_copy(update={"frames": 6})
    asked = request_diagnostics(("diagnostics",), data.source, six, 30, progress=False)
    assert [one.benchmark.label for one in asked] == [name for name in DIAGNOSTICS if name != "frame_order"]
    assert asked[0].notes[0].startswith("frame_order is left out: frame_order divides clips")
    notes = [note for one in asked for note in one.notes]
    assert len(notes) == len(set(notes))


def test_other_benchmarks_and_sources_are_refused(data: DataConfig) -> None:
    with pytest.raises(ConfigError, match="not both: world_order has its own clips"):
        request_diagnostics(("world_order",), data.source, data)
    with pytest.raises(ConfigError, match="did you mean 'frame_order'"):
        request_diagnostics(("frame_orders",), data.source, data)
    with pytest.raises(ConfigError, match="give folder:PATH or shards:URL, not 'ucf101'"):
        request("arrow_of_time", "ucf101", data)
