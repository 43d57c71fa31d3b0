"""Version 2 of the probes widens the grids that were examined, and changes nothing else."""

from __future__ import annotations

import pytest

from auxjepa.benchmarks import BENCHMARKS
from auxjepa.benchmarks.diagnostics.requests import PROTOCOLS
from auxjepa.benchmarks.probe_versions import SECOND, at_version
from auxjepa.benchmarks.score import raw_pixels_protocol
from auxjepa.config import RunConfig
from auxjepa.evidence.study_folder.grid_edges import edges_of

WORLD = ("world_appearance", "world_direction", "world_fine_motion", "world_order")
SAME = ("diving48", "imagenet100", "ucf101", "kinetics_shift", "world_fewshot_5way_1shot", "world_factors", "world_cka")
SAME += ("motion_discrimination_released", "physics_released", "ssv2_released", "diving48_tap", "world_alignment_order")


@pytest.mark.parametrize("name", WORLD)
def test_version_2_widens_the_grid_alone(name: str) -> None:
    first, second = BENCHMARKS[name], at_version(BENCHMARKS[name], 2)
    data = RunConfig().data
    assert second.hash_on(data) == first.hash_on(data) and second.protocol.digest() != first.protocol.digest()
    before, after = first.protocol.model_dump(), second.protocol.model_dump()
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed - {"halvings"} == {"version", "epochs", "learning_rates", "weight_decays", "prefer_inside"}
    assert second.protocol.version == 2 and second.protocol.name == first.protocol.name


@pytest.mark.parametrize("name", WORLD)
def test_every_axis_has_inner_values(name: str) -> None:
    protocol = at_version(BENCHMARKS[name], 2).protocol
    record = protocol.model_dump(mode="json")
    rate, decay = protocol.learning_rates[2], protocol.weight_decays[1]
    assert not edges_of({"learning_rate": rate, "weight_decay": decay, "epoch": 2}, record)


@pytest.mark.parametrize("name", SAME)
def test_other_protocols_stay(name: str) -> None:
    assert at_version(BENCHMARKS[name], 2) == BENCHMARKS[name]


def test_version_1_is_the_registered_one() -> None:
    assert all(at_version(benchmark, 1) is benchmark for benchmark in BENCHMARKS.values())
    assert PROTOCOLS["diagnostic"].digest() in SECOND and PROTOCOLS["regression"].digest() not in SECOND


def test_control_of_pixels_has_as_wide_a_grid_as_the_encoders() -> None:
    first, second = BENCHMARKS["world_order"], at_version(BENCHMARKS["world_order"], 2)
    assert raw_pixels_protocol(first).digest() == "372275e71282c91a"  # the hash in docs/evidence/confirm
    assert (
        raw_pixels_protocol(second).learning_rates
        == at_version(BENCHMARKS["world_appearance"], 2).protocol.learning_rates
    )
