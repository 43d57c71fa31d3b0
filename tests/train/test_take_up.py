"""A run that takes up a damaged folder: from the last checkpoint that can be read, and it says so."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack

import pytest

from auxjepa.files import WriteError
from auxjepa.runs.state import CheckpointError
from auxjepa.train.checkpoint import digest, find, read_state, read_weights
from auxjepa.train.loop import NOTED, TrainingError
from full_disk import no_file_above

ALL = {"keep": "all", "every": 2}


@pytest.fixture
def finished(tiny, start):
    """A finished run of 6 steps with checkpoints of steps 2, 4 and 6."""
    run = start(tiny(checkpoint=ALL))
    run.train()
    return run


def last(run):
    return find(run.folder / "checkpoints")[-1]


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("damages", [1, 2])
def test_behind_damaged_checkpoints_it_resumes_from_the_one_before_to_the_same_bits(
    finished, tiny, start, name, damages
):
    before = digest(read_weights(last(finished)))
    for path in find(finished.folder / "checkpoints")[-damages:]:
        data = (path / name).read_bytes()
        (path / name).write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    again = start(tiny(checkpoint=ALL))
    (note,) = again.notes
    assert again.step == 6 - 2 * damages and note.endswith(
        f"training resumes from step {again.step}, the last readable checkpoint"
    )
    assert f"step-000006/{name}: damaged" in note or f"step-000006/{name}: no JSON" in note
    again.train()
    assert digest(read_weights(last(again))) == before and [s.name for s in find(again.folder / "checkpoints")] == [
        "step-000002",
        "step-000004",
        "step-000006",
    ]
    assert json.loads((again.folder / NOTED).read_text().splitlines()[0])["event"] == note
    steps = [json.loads(line)["step"] for line in (again.folder / "metrics.jsonl").read_text().splitlines()]
    assert steps == list(range(6))
    assert start(tiny(checkpoint=ALL)).notes == []


def test_without_an_earlier_checkpoint_it_refuses_or_starts_again(tiny, start):
    run = start(tiny())
    run.train()
    before = digest(read_weights(last(run)))
    (last(run) / "state.json").write_text("")
    with pytest.raises(CheckpointError, match=r"no earlier checkpoint can be read: remove .*/checkpoints to"):
        start(tiny())
    again = type(run)(run.config, run.feed, run.folder, restart=True)
    assert again.step == 0 and "training starts again; the damaged checkpoints are in" in again.notes[0]
    again.train()
    assert digest(read_weights(last(again))) == before
    assert (run.folder / "checkpoints-damaged-1" / "step-000006").is_dir()


def test_a_damaged_best_checkpoint_is_made_again_where_it_can_be(tiny, start):
    policy = {"keep": "best", "every": 2}
    run = start(tiny(checkpoint=policy))
    run.train()
    best = run.best_step
    weights = run.folder / "best" / "weights.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match=rf"step-{best:06d}/weights.safetensors: damaged"):
        start(tiny(checkpoint=policy))
    again = type(run)(run.config, run.feed, run.folder, restart=True)
    again.train()
    assert weights.read_bytes() == data and again.best_step == best


@pytest.mark.parametrize("content", [b"", b"\x00\x00", b"variant: [", b"optim: {steps: 3}"])
def test_a_damaged_config_is_written_again_if_another_file_identifies_the_run(finished, tiny, start, content):
    written = finished.folder / "config.yaml"
    before = written.read_bytes()
    first = before.split(b"\n")[0]
    written.write_bytes(first + b"\n" + content)
    again = start(tiny(checkpoint=ALL))
    assert written.read_bytes() == before
    assert ("config.yaml" in again.notes[0] and "it is written again" in again.notes[0]) and again.step == 6
    written.write_bytes(b"# content hash of another\n" + content)
    assert "it is written again" in start(tiny(checkpoint=ALL)).notes[0] and written.read_bytes() == before


def test_nothing_says_whose_run_it_is(finished, tiny, start):
    (finished.folder / "config.yaml").write_bytes(b"\xff\xfe")
    shutil.rmtree(finished.folder / "checkpoints")
    with pytest.raises(TrainingError, match=r"config.yaml: .*no other file identifies the run"):
        start(tiny(checkpoint=ALL))


def test_lines_of_metrics_that_cannot_be_read_are_dropped_and_counted(tiny, start):
    config = tiny(optim={"steps": 6}, checkpoint=ALL)
    run = start(config)
    run.train()
    shutil.rmtree(last(run))
    path = run.folder / "metrics.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"\xff\n", b'{"loss": 1}\n', *lines[2:]]))
    again = start(config)
    again.train()
    assert any("metrics.jsonl: 2 lines can't be read and are dropped" in note for note in again.notes)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [0, 2, 3, 4, 5]


def test_a_checkpoint_of_an_older_version_is_read_and_reported(finished, tiny, start):
    file = last(finished) / "state.json"
    content = json.loads(file.read_text())
    del content["state_digest"]
    file.write_text(json.dumps(content | {"version": 1}))
    again = start(tiny(checkpoint=ALL))
    assert again.step == 6 and "saved by an older version of auxjepa" in again.notes[0]
    again.step = 5
    again.train()
    assert read_state(last(again)).version == 2


def test_a_full_disk_costs_only_the_new_checkpoint(tiny, start):
    run, full = start(tiny()), ExitStack()

    def fill(step, line):
        if step == 3:
            full.enter_context(no_file_above(100_000))

    with full, pytest.raises(WriteError) as caught:
        run.train(fill)
    place = run.folder / "checkpoints" / "step-000004"
    line = str(caught.value)
    assert line.startswith(f"{place}: cannot be written: the file would be larger") and "\n" not in line
    assert [path.name for path in place.parent.iterdir()] == ["step-000002"], "nothing partial, nothing lost"
    again = start(tiny())
    assert again.step == 2 and again.notes == []
    again.train()
    undisturbed = start(tiny(), "undisturbed")
    undisturbed.train()
    assert digest(read_weights(last(again))) == digest(read_weights(last(undisturbed)))
