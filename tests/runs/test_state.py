"""state.json: what was written, or refused in one line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from auxjepa.runs.state import SEAL, STATE, CheckpointError, find, read_state
from damage import damage
from written_run import config_of, write_checkpoint


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, config_of(40), 20)


def test_a_thousand_damages_are_found_or_change_nothing(checkpoint: Path) -> None:
    file, chance = checkpoint / STATE, random.Random(0)
    data, before = file.read_bytes(), read_state(checkpoint)
    refused = 0
    for _ in range(1000):
        file.write_bytes(damage(data, chance))
        try:
            assert read_state(checkpoint) == before
        except CheckpointError as error:
            refused += 1
            assert "\n" not in str(error) and str(file) in str(error) and len(str(error)) < 500
    assert refused > 900


def test_what_an_older_version_wrote_is_read(checkpoint: Path) -> None:
    file = checkpoint / STATE
    content = json.loads(file.read_text())
    del content[SEAL]
    file.write_text(json.dumps(content | {"version": 1}))
    assert read_state(checkpoint).version == 1
    for odd in ({"version": 2}, {"version": 1, SEAL: "0"}, {"version": 3}):
        file.write_text(json.dumps(content | odd))
        with pytest.raises(CheckpointError, match="damaged"):
            read_state(checkpoint)


@pytest.mark.parametrize(
    ("name", "value"),
    [("seconds", None), ("seconds", "1"), ("best_step", -1), ("monitor", {"student": [1.0]}), ("verdicts", {"a": "b"})],
)
def test_counters_that_the_loop_could_not_go_on_with_are_refused(checkpoint: Path, name: str, value: object) -> None:
    file = checkpoint / STATE
    content = json.loads(file.read_text()) | {"version": 1}
    del content[SEAL]
    content["loop"][name] = value
    file.write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=f"loop: {name}"):
        read_state(checkpoint)
    del content["loop"][name]
    file.write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=f"loop: {name}: Field required"):
        read_state(checkpoint)


def test_a_state_in_the_folder_of_another_step(checkpoint: Path) -> None:
    moved = checkpoint.rename(checkpoint.with_name("step-000021"))
    with pytest.raises(CheckpointError, match="it is of step 20 in the folder of step 21"):
        read_state(moved)
    assert read_state(moved.rename(checkpoint.with_name("mine"))).step == 20


def test_checkpoints_are_found_in_order(tmp_path: Path) -> None:
    for step in (999_999, 1_000_000, 5):
        write_checkpoint(tmp_path, config_of(40), step)
    assert [path.name for path in find(tmp_path / "checkpoints")] == ["step-000005", "step-999999", "step-1000000"]
