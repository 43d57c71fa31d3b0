"""What a run writes down."""

from __future__ import annotations

import json

import pytest
import torch

from auxjepa.files import write_json
from auxjepa.train.record import Metrics, Stopwatch, peak_memory_mb


def written(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_going_on_drops_what_will_be_written_again_and_the_line_a_kill_cut_short(tmp_path):
    first = Metrics(tmp_path, 0, tensorboard=False)
    for step in range(4):
        first.write({"step": step, "loss": 1.0})
    first.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    again = Metrics(tmp_path, 2, tensorboard=False)
    again.write({"step": 2, "loss": 2.0})
    again.sync()
    again.close()
    assert written(tmp_path) == [
        {"step": 0, "loss": 1.0},
        {"step": 1, "loss": 1.0},
        {"step": 2, "loss": 2.0},
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_lines_are_there_at_once(tmp_path):
    metrics = Metrics(tmp_path, 0, tensorboard=False)
    metrics.write({"step": 0})
    assert written(tmp_path) == [{"step": 0}]
    metrics.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_gets_every_number(tmp_path):
    metrics = Metrics(tmp_path, 0, tensorboard=True)
    for step in range(3):
        metrics.write({"step": step, "loss": 1.0 + step, "terms/prediction": 0.5})
    metrics.close()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(0, 1.0), (1, 2.0), (2, 3.0)]
    assert len(events.Scalars("terms/prediction")) == 3


def test_without_tensorboard_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match=r"auxjepa\[tensorboard\]"):
        Metrics(tmp_path, 0, tensorboard=True)


def test_stopwatch_adds_up_parts():
    watch = Stopwatch(torch.device("cpu"))
    with watch("a"):
        pass
    first = watch.seconds["a"]
    with watch("a"):
        sum(range(1000))
    with watch("b"):
        pass
    assert watch.seconds["a"] > first > 0 and watch.seconds["b"] > 0
    assert sum(watch.shares().values()) == pytest.approx(1)
    assert Stopwatch(torch.device("cpu")).shares() == {}


def test_peak_memory_is_that_of_this_process():
    block = bytearray(80 << 20)
    block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
    assert 100 < peak_memory_mb(torch.device("cpu")) < 65536


def test_json_is_written_whole(tmp_path):
    write_json(tmp_path / "a.json", {"x": [1, 2]})
    write_json(tmp_path / "a.json", {"x": 3})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
