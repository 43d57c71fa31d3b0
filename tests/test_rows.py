"""The results store: nothing lost, nothing doubled, whatever is killed and however many write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auxjepa.files import WriteError
from auxjepa.rows import Row, RowStore
from full_disk import no_file_above

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


def test_the_first_row_of_an_id_is_used_with_its_marks(tmp_path: Path) -> None:
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


def text_of(*rows: Row) -> str:
    return "".join(one.model_dump_json() + "\n" for one in rows)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_no_encoding_and_no_line_end_costs_a_row(tmp_path: Path, encoding: str, ends: str) -> None:
    store = RowStore(tmp_path)
    rows = [row(0, variant="Gauß"), row(1), row(2)]
    text = "".join(json.dumps(one.model_dump(mode="json"), ensure_ascii=False) + "\n" for one in rows)
    store.path.write_bytes(text.replace("\n", ends).encode(encoding))
    assert list(store) == rows and store.notes() == []
    if encoding in ("utf-8", "utf-8-sig"):
        store.append(row(3))
        assert len(list(store)) == 4
    else:
        with pytest.raises(ValueError, match="save it as UTF-8 first"):
            store.append(row(3))


def test_two_files_with_byte_order_marks_strung_together(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.path.write_bytes(b"".join(text_of(row(seed)).encode("utf-8-sig") for seed in range(3)))
    assert [one.seed for one in store] == [0, 1, 2] and store.notes() == []


LINES = {
    "NaN": ('"score":12.5', '"score":NaN', "score: Input should be a finite number"),
    "Infinity": ('"score":12.5', '"score":-Infinity', "score: Input should be a finite number"),
    "1e400": ('"score":12.5', '"score":1e400', "score: Input should be a finite number"),
    "1e308": ('"score":12.5', '"score":1e308', "score: Input should be less than or equal to"),
    "above 100 %": ('"score":12.5', '"score":112.5', "top1 is a share in percent, and 112.5 is not"),
    "text": ('"score":12.5', '"score":"12.5"', "score: Input should be a valid number"),
    "true": ('"score":12.5', '"score":true', "score: Input should be a valid number"),
    "null": ('"score":12.5', '"score":null', "score: Input should be a valid number"),
    "missing": ('"score":12.5,', "", "score: Field required"),
    "negative seed": ('"seed":0', '"seed":-1', "seed: Input should be greater than or equal to 0"),
    "negative n": ('"n_test":11', '"n_test":-11', "n_test: Input should be greater than or equal to 0"),
    "huge n": ('"n_test":11', '"n_test":100000000000000', "n_test: Input should be less than or equal to"),
    "huge part": ('"seconds":0.0', '"parts":{"clean":1e308},"seconds":0.0', "'clean' is larger than any part"),
    "unknown field": ('"seed":0', '"seed":0,"mood":1', "mood: Extra inputs are not permitted"),
    "another version": ('"schema_version":1', '"schema_version":2', "a row of another version of auxjepa"),
    "control characters": ('"variant":"ld"', '"variant":"l\\u001b[2Jd"', "characters that can't be printed"),
    "no JSON": ('"seed":0', '"seed":0}', "Invalid JSON: trailing characters"),
    "a list": ("{", "[{", "Invalid JSON"),
}


@pytest.mark.parametrize("kind", LINES)
def test_unreadable_lines_are_counted_and_listed(tmp_path: Path, kind: str) -> None:
    store = RowStore(tmp_path)
    old, new, why = LINES[kind]
    assert old in text_of(row(0))
    store.path.write_text(text_of(row(1)) + text_of(row(0)).replace(old, new, 1) + text_of(row(2)))
    assert [one.seed for one in store] == [1, 2]
    ((number, reason),) = store.read().unreadable
    assert number == 2 and why in reason and "\n" not in reason
    (note,) = store.notes()
    assert note.startswith("rows.jsonl: 1 line is left out, which can't be read: line 2 (") and why in note


def test_bytes_that_are_not_text_are_reported(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.path.write_bytes(text_of(row(0)).encode() + text_of(row(1)).encode().replace(b"world", b"w\xffrld"))
    assert [one.seed for one in store] == [0]
    assert "line 2 (bytes that aren't text)" in store.notes()[0]


def test_an_incomplete_last_line_is_noted_until_its_score_is_written_again(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    whole = text_of(row(0), row(1)).encode()
    store.path.write_bytes(whole[:-30])
    assert store.notes() == ["rows.jsonl: the last line was cut short, as by a kill; the same command scores it again"]
    store.append(row(2))
    assert "1 line is left out" in store.notes()[0], "nothing shows that this score is there"
    store.append(row(1))
    assert store.notes() == [] and [one.seed for one in store] == [0, 2, 1]


def test_contradicting_scores_are_counted_and_the_first_is_used(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.path.write_text(text_of(row(0), row(1), row(0, seconds=9.0), row(0, score=14.0), row(1, score=99.0)))
    assert [one.score for one in store] == [12.5, 12.5]
    (note,) = store.notes()
    assert note.startswith("rows.jsonl: 2 scores contradict an earlier one of the same run, which is used: ")
    assert "ld seed 0 on order: 12.5 on line 1, 14 on line 4; ld seed 1 on order: 12.5 on line 2, 99 on line 5" in note


def test_a_score_that_is_no_number_is_refused_when_it_is_written(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    for changes in ({"score": float("nan")}, {"score": 1e308}, {"parts": {"a": float("inf")}}, {"n_test": -1}):
        with pytest.raises(ValueError, match="ld seed 0 on order: ") as caught:
            store.append(row().model_copy(update=changes))
        assert "\n" not in str(caught.value)
    assert not store.path.exists()


MARKS = {
    "cut": (lambda data: data[:-1], "1 bytes instead of 2"),
    "empty": (lambda data: b"", "0 bytes instead of 2"),
    "too long": (lambda data: data + b"\x00", "3 bytes instead of 2"),
    "far too long": (lambda data: data * 500, "1,000 bytes instead of 2"),
    "spare bits": (lambda data: data[:-1] + bytes([data[-1] | 1]), "there are marks after the last test example"),
    "one mark": (lambda data: bytes([data[0] ^ 1]) + data[1:], "36.36 % of the marks are right, the score is 27.27"),
    "zeros": (lambda data: bytes(len(data)), "0 % of the marks are right, the score is 27.27"),
}


@pytest.mark.parametrize("kind", MARKS)
def test_marks_that_are_not_one_a_test_example_or_not_the_score(tmp_path: Path, kind: str) -> None:
    store, right = RowStore(tmp_path), np.arange(11) < 3
    mine = row(score=100 * right.mean())
    store.append(mine, right)
    assert store.notes() == []
    damage, why = MARKS[kind]
    (file,) = (tmp_path / "correct").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert store.marks_fault(mine) == why
    assert store.notes() == [
        f"correct/: the marks of 1 of 1 scores are left out, the scores are kept: ld seed 0 on order ({why})"
    ]
    assert list(store) == [mine]


@pytest.mark.parametrize(("score", "fits"), [(27.2727, True), (27.3, True), (27.0, False), (36.4, False)])
def test_a_score_of_one_decimal_is_the_mean_of_its_marks(tmp_path: Path, score: float, fits: bool) -> None:
    store = RowStore(tmp_path)
    store.append(row(score=score), np.arange(11) < 3)
    assert (store.marks_fault(row(score=score)) == "") == fits


def test_other_metrics_need_not_be_the_mean_of_their_marks(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    other = row(metric="mean_class", score=90.0)
    store.append(other, np.arange(11) < 3)
    assert store.marks_fault(other) == ""


def test_a_full_disk_costs_the_row_and_its_marks_and_says_so(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    store.append(row(0, score=0.0), np.zeros(11, bool))
    size = store.path.stat().st_size
    with no_file_above(size + 50), pytest.raises(WriteError, match=r"rows.jsonl: cannot be written: the disk is full"):
        store.append(row(1, score=0.0), np.zeros(11, bool))
    assert [one.seed for one in store] == [0] and "cut short" in store.notes()[0]
    with no_file_above(size + 50), pytest.raises(WriteError, match=r"bin: cannot be written"):
        store.append(row(2, n_test=8 * size + 800), np.zeros(8 * size + 800, bool))
    store.append(row(1, score=0.0), np.zeros(11, bool))
    assert [one.seed for one in store] == [0, 1] and store.notes() == []
    assert len(list((tmp_path / "correct").iterdir())) == 2


def test_an_incomplete_last_line_is_noted_at_every_cut(tmp_path: Path) -> None:
    store = RowStore(tmp_path)
    whole = [json.dumps(row(seed, validation=50.0, selected={"a": "b"}).model_dump(mode="json")) for seed in (0, 1)]
    for length in range(1, len(whole[1])):
        store.path.write_text(f"{whole[0]}\n{whole[1][:length]}")
        reading = store.read()
        assert reading.cut and not reading.unreadable and len(reading.rows) == 1, whole[1][:length]


@pytest.mark.parametrize(
    ("metric", "changes"),
    [
        ("top1", {"score": 135.0}),
        ("top1", {"score": -3.0}),
        ("top1", {"validation": 135.0}),
        ("mean_class", {"score": 100.5}),
        ("recall@5", {"score": 120.0}),
        ("r2", {"score": 101.0}),
        ("mse", {"score": -1.0}),
    ],
)
def test_a_score_out_of_the_range_of_its_metric_is_refused_and_left_out(
    tmp_path: Path, metric: str, changes: dict[str, float]
) -> None:
    store = RowStore(tmp_path)
    with pytest.raises(ValueError, match=r"ld seed 0 on order: .* is"):
        store.append(row(metric=metric).model_copy(update=changes))
    assert not store.path.exists()
    line = json.dumps(row(metric=metric).model_dump(mode="json") | changes)
    store.path.write_text(line + "\n" + text_of(row(1)))
    assert [one.seed for one in store] == [1]
    (note,) = store.notes()
    assert note.startswith("rows.jsonl: 1 line is left out") and metric in note


@pytest.mark.parametrize("number", ["135", "-3", "NaN", "Infinity", "1e400", "true", '"50"', "null"])
def test_impossible_numbers_in_the_file_cost_their_line_only(tmp_path: Path, number: str) -> None:
    first, second = (json.dumps(row(seed).model_dump(mode="json")) for seed in (0, 1))
    (tmp_path / "rows.jsonl").write_text(first.replace('"score": 12.5', f'"score": {number}') + "\n" + second + "\n")
    store = RowStore(tmp_path)
    assert [one.seed for one in store] == [1] and len(store.notes()) == 1
