"""The results store: nothing lost, nothing doubled, whatever is killed and however many write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.rows import Row, RowStore

WRITER = """
import sys
from pathlib import Path
import numpy as np
from auxjepa.rows import Row, RowStore
folder, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = RowStore(folder)
for i in range(count):
    row = Row(run=who, variant="v" * (1 + 97 * i % 5000), regime="w", seed=i, benchmark="b", benchmark_hash="h",
              protocol="p", protocol_hash="q", score=float(i), n_test=9, n_classes=2)
    store.append(row, np.arange(9) % (i + 2) == 0)
"""


def row(seed: int = 0, **changes: object) -> Row:
    content: dict[str, object] = {
        "run": "r",
        "variant": "ld",
        "regime": "world",
        "seed": seed,
        "benchmark": "order",
        "benchmark_hash": "b",
        "protocol": "linear",
        "protocol_hash": "p",
        "score": 12.5,
        "n_test": 11,
        "n_classes": 8,
    }
    return Row.model_validate(content | changes)


@settings(max_examples=30, deadline=None)
@given(marks=st.lists(st.booleans(), min_size=1, max_size=40))
def test_marks_come_back_bit_by_bit(tmp_path_factory: pytest.TempPathFactory, marks: list[bool]) -> None:
    store = RowStore(tmp_path_factory.mktemp("rows"))
    mine = row(n_test=len(marks))
    store.append(mine, np.array(marks))
    (read,) = store
    found = store.correct(read)
    assert read == mine and found is not None and found.tolist() == marks


def test_a_row_without_marks_has_none_and_wrong_marks_are_refused(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    assert list(store) == []
    store.append(row())
    assert store.correct(next(iter(store))) is None
    with pytest.raises(ValueError, match="3 marks for 11 test examples"):
        store.append(row(1), np.ones(3, bool))
    assert len(list(store)) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_line_that_a_crash_cut_short_costs_only_itself(tmp_path: Path, share: float) -> None:
    store = RowStore(tmp_path)
    store.append(row(0))
    before = store.path.read_bytes()
    store.append(row(1))
    line = store.path.read_bytes()[len(before) :]
    store.path.write_bytes(before + line[: int(len(line) * share)])
    assert [r.seed for r in store] == [0]
    store.append(row(2))
    store.append(row(1))
    assert [r.seed for r in store] == [0, 2, 1]


def test_bytes_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(row(0))
    with store.path.open("ab") as file:
        file.write(b"\xff\xfe\x00\x00\n{}\nnull\n")
    store.append(row(1))
    assert [r.seed for r in store] == [0, 1]


def test_the_first_of_twins_stands_with_its_own_marks(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(row(score=1.0), np.zeros(11, bool))
    store.append(row(score=2.0), np.ones(11, bool))
    store.append(row(score=3.0))
    (read,) = store
    marks = store.correct(read)
    assert read.score == 1.0 and marks is not None and not marks.any()


def test_a_kill_between_marks_and_row_is_made_good(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(row(), np.zeros(11, bool))
    store.path.unlink()  # as if the process had died before the line was written
    store.append(row(), np.ones(11, bool))
    (read,) = store
    marks = store.correct(read)
    assert marks is not None and marks.all()


@pytest.mark.parametrize(
    ("field", "value"),
    [("run", "x"), ("variant", "x"), ("regime", "x"), ("seed", 9), ("benchmark_hash", "x"), ("protocol_hash", "x")],
)
def test_what_was_scored_makes_the_id(field: str, value: object) -> None:
    assert row(**{field: value}).id != row().id  # type: ignore[arg-type]


def test_scores_and_costs_do_not_make_the_id() -> None:
    assert row(score=99.0, seconds=3.0, created="now", selected={"a": 1}).id == row().id


def test_no_score_that_is_not_a_number_gets_in() -> None:
    with pytest.raises(ValueError, match="finite"):
        row(score=float("nan"))


@pytest.mark.slow
def test_three_processes_append_at_once_and_no_row_is_lost_or_torn(tmp_path: Path) -> None:
    count = 60
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), who, str(count)]) for who in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    store = RowStore(tmp_path)
    rows = list(store)
    assert len(rows) == 3 * count and len({r.id for r in rows}) == 3 * count
    for one in rows:
        marks = store.correct(one)
        assert marks is not None and marks.tolist() == (np.arange(9) % (one.seed + 2) == 0).tolist()
