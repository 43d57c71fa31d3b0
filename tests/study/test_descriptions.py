"""Records of benchmarks and protocols."""

from __future__ import annotations

import pytest

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.config import DataConfig
from auxjepa.study.descriptions import benchmark_record, protocol_record


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("world_order", True),
        ("ucf101", True),
        ("physics", True),
        ("world_fewshot_5way_1shot", False),
        ("world_cka", False),
        ("world_factors", False),
    ],
)
def test_a_benchmark_says_whether_it_marks_each_clip_once(name: str, marks: bool) -> None:
    record = benchmark_record(BENCHMARKS[name], DataConfig())
    assert record["marks_each_clip"] is marks and record["hash"] == BENCHMARKS[name].hash_on(DataConfig())


def test_a_protocol_has_its_hash_and_its_record() -> None:
    protocol = BENCHMARKS["world_order"].protocol
    record = protocol_record(protocol)
    assert record["hash"] == protocol.digest() and type(protocol).model_validate(record["record"]) == protocol
