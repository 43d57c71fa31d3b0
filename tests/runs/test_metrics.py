"""metrics.jsonl: lines that count, lines that don't."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.runs.metrics import FILE, read_metrics, steps_done


def test_damaged_lines_are_counted_and_a_last_one_cut_short_is_not(tmp_path: Path) -> None:
    path = tmp_path / FILE
    assert read_metrics(path) == ([], 0) and steps_done(tmp_path) == 0
    path.write_bytes(
        b'{"step": 0, "loss": 1.0}\n\n[1]\n{"loss": 2}\n\xff\xfe\n{"step": "1"}\n{"step": true}\n{"step": -1}\n'
        b'{"step": 1, "loss": NaN}\r\n{"step": 2, "lo'
    )
    found = read_metrics(path)
    assert [step for step, _ in found.by_step] == [0, 1] and found.lost == 6
    assert steps_done(tmp_path) == 2


@pytest.mark.parametrize("step", ["1e400", "NaN", "Infinity", '"x"', "[3]", "null", "1.5"])
def test_steps_that_are_none(tmp_path: Path, step: str) -> None:
    (tmp_path / FILE).write_text(f'{{"step": 4}}\n{{"step": {step}}}\n')
    assert steps_done(tmp_path) == 5 and read_metrics(tmp_path / FILE).lost == 1


def test_a_byte_order_mark_costs_no_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"step": 0}\n{"step": 1}\n'.join([b"\xef\xbb\xbf", b""]))
    assert steps_done(tmp_path) == 2 and read_metrics(tmp_path / FILE).lost == 0


def test_a_last_line_without_its_end_counts_where_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"step": 0}\n{"step": 1}')
    assert steps_done(tmp_path) == 2 and [step for step, _ in read_metrics(tmp_path / FILE).by_step] == [0, 1]
