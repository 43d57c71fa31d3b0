"""Files of tables: encodings, delimiters, formats and the place of each fault."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auxjepa.evidence.score_tables.table_file import TableError, is_table, read_table

HEAD = "variant,seed,benchmark,score\n"


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"\xef\xbb\xbf" + HEAD.encode() + "ld,0,é,1".encode()),
        ("t.csv", (HEAD + "ld,0,é,1\n").encode("utf-16")),
        ("t.csv", (HEAD + "ld,0,é,1\n").replace(",", ";").encode()),
        ("t.csv", (HEAD + "ld,0,é,1\n").replace("\n", "\r\n").encode()),
        ("t.csv", ("sep=;\n" + HEAD + "ld,0,é,1\n").replace(",", ";").encode()),
        ("t.csv", ("\n" + HEAD + "ld,0,é,1\n").replace(",", ";").encode()),
        ("t.tsv", (HEAD + "ld,0,é,1\n").replace(",", "\t").encode()),
        ("t.csv", ",variant,seed,benchmark,score\n7,ld,0,é,1\n".encode()),  # the index of pandas
        ("t.jsonl", json.dumps({"variant": "ld", "seed": "0", "benchmark": "é", "score": "1"}).encode() + b"\n\n"),
        ("t.json", json.dumps([{"variant": "ld", "seed": "0", "benchmark": "é", "score": "1"}]).encode()),
        ("t.json", json.dumps({"columns": HEAD.strip().split(","), "data": [["ld", "0", "é", "1"]]}).encode()),
    ],
)
def test_every_form_gives_the_same_cells(tmp_path: Path, name: str, content: bytes) -> None:
    table = read_table(written(tmp_path, content, name))
    assert table.columns == ("variant", "seed", "benchmark", "score")
    assert [line.cells for line in table.lines] == [{"variant": "ld", "seed": "0", "benchmark": "é", "score": "1"}]


def test_parquet_and_objects_inside_objects(tmp_path: Path) -> None:
    records = [{"variant": "ld", "score": 1.5, "config": {"seed": 3}}, {"variant": "b", "score": None, "config": None}]
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.word == "row" and table.lines[0].cells == {"variant": "ld", "score": 1.5, "config.seed": 3}
    assert str(table.error(table.lines[1], "bad", "score")).endswith("t.parquet row 2, column 'score': bad")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", "", "the file is empty"),
        ("t.csv", HEAD, "no line with scores"),
        ("t.csv", HEAD + "ld,0,a\n", "line 2: 3 values instead of 4"),
        ("t.csv", HEAD + "ld,0,a,83,1\n", "decimal commas? write 83.1"),
        ("t.csv", "variant,seed,seed\nld,0,1\n", "names 'seed' twice"),
        ("t.csv", "variant,,seed\nld,0,1\n", "gives column 2 no name"),
        ("t.csv", (HEAD + "ld,0,é,1\n").encode("latin-1"), "line 2 is not UTF-8"),
        ("t.csv", HEAD + 'ld,0,"a,1\n', "a quote is opened"),
        ("t.csv", b"PK\x03\x04", "Excel"),
        ("t.jsonl", '{"a": 1}\n{"a"\n', "line 2: is not JSON"),
        ("t.jsonl", "[1]\n", "line 1: is no object"),
        ("t.json", "3", "is no list of objects"),
        ("t.json", '{"columns": ["a"], "data": [[1, 2]]}', "row 1: 2 values instead of 1"),
        ("t.parquet", "no", "is no Parquet file"),
        ("t.xlsx", "no", "ends in .csv"),
    ],
)
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, name: str, content: str | bytes, words: str) -> None:
    with pytest.raises(TableError) as error:
        read_table(written(tmp_path, content, name))
    assert words in str(error.value) and "\n" not in str(error.value) and name in str(error.value)


def test_folders_are_no_tables(tmp_path: Path) -> None:
    assert not is_table(tmp_path) and is_table(tmp_path / "gone.csv") and not is_table(tmp_path / "gone")
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "gone.csv")


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TableError, match=r"pip install 'auxjepa\[parquet\]'"):
        read_table(written(tmp_path, b"", "t.parquet"))
