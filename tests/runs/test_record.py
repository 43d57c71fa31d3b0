"""One answer to whether a run is finished, whatever is missing or damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.runs.record import choose, read_run
from auxjepa.runs.state import OPTIMIZER, STATE, WEIGHTS, CheckpointError
from auxjepa.runs.summary import FILE, MISSING, write_summary
from written_run import config_of, summary_of, write_run


def altered(**changes: object) -> Callable[[bytes], bytes]:
    """Changes values of a JSON file as a person does, who knows nothing of its digest."""
    return lambda data: json.dumps(json.loads(data) | changes).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "binary": lambda data: bytes(range(256)),
    "zeros": lambda data: bytes(len(data)),
    "a list": lambda data: b"[]",
    "null": lambda data: b"null",
    "nested deeply": lambda data: b"[" * 100_000,
    "NaN": lambda data: data.replace(b"20.0", b"NaN"),
    "another version": altered(version=7),
    "another field": altered(mood="good"),
    "steps as text": altered(steps="40"),
    "a number changed": lambda data: data.replace(b"170000", b"970000"),
    "a digit of its digest": lambda data: data[:-6] + (b"0" if data[-6:-5] != b"0" else b"1") + data[-5:],
    "of another run": lambda data: json.dumps(summary_of(config_of(40, seed=3)).model_dump(mode="json")).encode(),
    "of fewer steps": lambda data: json.dumps(summary_of(config_of(15)).model_dump(mode="json")).encode(),
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run of 40 steps with its checkpoint of step 20 beside the last."""
    return write_run(tmp_path / "run", config_of(40), (20, 40))


def test_a_finished_run(run: Path) -> None:
    record = read_run(run)
    assert record.finished and record.recorded and record.step == record.planned == 40 and record.faults == ()
    chosen = choose(run)
    assert chosen.path == (run / "checkpoints" / "step-000040").resolve() and chosen.caution == ""


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_summary_makes_no_finished_run(tmp_path: Path, damage: str) -> None:
    run = write_run(tmp_path / "run", config_of(40), (10,))
    (run / FILE).write_bytes(DAMAGES[damage]((run / FILE).read_bytes()))
    record = read_run(run)
    assert not record.finished and not record.recorded and record.step == 10 and record.planned == 40
    assert len(record.faults) == 1 and record.faults[0].startswith("summary.json: ") and "\n" not in record.faults[0]
    line = choose(run).caution
    assert "is not finished" in line and "step 10 of 40 is read" in line and "\n" not in line


def test_a_killed_run_says_which_step_is_read(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", config_of(40), (10,), summary=False)
    record = read_run(run)
    assert not record.finished and record.faults == (MISSING,) and record.begun
    assert choose(run).caution == f"{run} is not finished: step 10 of 40 is read"


def test_a_summary_without_its_last_checkpoint_does_not_count(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", config_of(40), (10,))
    record = read_run(run)
    assert record.summary is not None and not record.finished and not record.recorded
    assert "step 10 of 40 is read" in choose(run).caution


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (WEIGHTS, lambda data: data[:-1]),
        (WEIGHTS, lambda data: b""),
        (WEIGHTS, None),
        (STATE, lambda data: b"{"),
        (STATE, lambda data: data.replace(b'"step": 40', b'"step": 20')),
        (STATE, None),
    ],
)
def test_a_damaged_checkpoint_is_replaced_by_the_previous_one(
    run: Path, name: str, damage: Callable[[bytes], bytes] | None
) -> None:
    file = run / "checkpoints" / "step-000040" / name
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage(file.read_bytes()))
    record = read_run(run)
    assert not record.finished and record.step == 20 and record.planned == 40
    chosen = choose(run)
    assert chosen.state.step == 20 and "step 20 of 40 is read" in chosen.caution and "\n" not in chosen.caution
    assert (name in chosen.caution) == (name != STATE or damage is not None)


def test_optimiser_state_is_not_needed_to_be_read(run: Path) -> None:
    (run / "checkpoints" / "step-000040" / OPTIMIZER).unlink()
    assert read_run(run).finished


def test_a_run_whose_checkpoints_were_removed_was_finished_once(run: Path) -> None:
    shutil.rmtree(run / "checkpoints")
    record = read_run(run)
    assert record.recorded and not record.finished and record.bare and record.begun
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        choose(run)


def test_an_empty_folder_is_no_run(tmp_path: Path) -> None:
    record = read_run(tmp_path)
    assert not record.begun and not record.recorded and record.planned is None and record.step == 0
    assert not read_run(tmp_path / "nowhere").begun


def test_all_checkpoints_damaged_are_named(run: Path) -> None:
    for file in run.glob("checkpoints/*/state.json"):
        file.write_text("")
    with pytest.raises(CheckpointError) as caught:
        choose(run)
    line = str(caught.value)
    assert "no checkpoint here can be read" in line and "step-000040" in line and "step-000020" in line
    assert "\n" not in line


def test_the_best_checkpoint_is_chosen_if_the_run_keeps_it(tmp_path: Path) -> None:
    config = config_of(40, checkpoint={"keep": "best", "every": 20})
    run = write_run(tmp_path / "run", config, (20, 40))
    assert choose(run).state.step == 20 and choose(run).caution == "" and read_run(run).finished
    (run / "checkpoints" / "step-000020" / WEIGHTS).unlink()
    assert not read_run(run).finished and choose(run).state.step == 40
    assert "step-000020" in choose(run).caution and "step 40 of 40 is read" in choose(run).caution


def test_a_checkpoint_that_is_selected_directly_is_read_with_a_caution(run: Path) -> None:
    first = run / "checkpoints" / "step-000020"
    assert choose(first).caution == f"{first}: step 20 of 40 is read"
    assert choose(first.parent / "step-000040").caution == "" and choose(run / "checkpoints").state.step == 40
    (first / STATE).write_text("{")
    with pytest.raises(CheckpointError, match=r"state\.json: no JSON"):
        choose(first)


def test_another_number_of_steps_than_planned_is_not_finished(run: Path) -> None:
    assert not read_run(run, planned=80).finished and read_run(run, planned=40).finished


def test_folders_with_odd_names_are_passed_over(run: Path) -> None:
    for name in ("step-", "step-x", "step-000041.bak"):
        odd = run / "checkpoints" / name
        odd.mkdir()
        (odd / STATE).write_text("{}")
    assert read_run(run).finished


def test_a_summary_of_an_older_version_has_no_digest(run: Path) -> None:
    content = summary_of(config_of(40)).model_dump(mode="json")
    assert "summary_digest" not in content and "version" not in content
    (run / FILE).write_text(json.dumps(content))
    assert read_run(run).finished
    write_summary(run, summary_of(config_of(40)))
    assert "summary_digest" in json.loads((run / FILE).read_text())
