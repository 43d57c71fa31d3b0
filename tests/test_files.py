from __future__ import annotations

import errno
import json
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

from auxjepa import files
from auxjepa.files import (
    WriteError,
    append_lines,
    refuse_odd_bytes,
    renaming_into,
    replacing,
    replacing_folder,
    write_bytes,
    write_json,
    write_text,
)
from full_disk import no_file_above


def test_written_files_are_read_and_no_other_file_remains(tmp_path: Path) -> None:
    assert write_bytes(tmp_path / "a" / "b", b"\x00\r\n") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").read_bytes() == b"\x00\r\n"
    write_text(tmp_path / "t", "ä\n−\r\n")
    assert (tmp_path / "t").read_bytes() == "ä\n−\r\n".encode()
    write_json(tmp_path / "j", {"x": [1, None]}, durable=True)
    assert json.loads((tmp_path / "j").read_text()) == {"x": [1, None]}
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b", "j", "t"]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(tmp_path / "t", "old")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        write_text(tmp_path / "t", "newer")
    assert (tmp_path / "t").read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["t"]


def save_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(100_000), allow_pickle=False)


WRITERS: dict[str, Callable[[Path], object]] = {
    "bytes": lambda path: path.write_bytes(bytes(100_000)),
    "NumPy": save_array,
    "safetensors of arrays": lambda path: save_file({"x": np.zeros(100_000)}, path),
    "safetensors of tensors": lambda path: save_torch({"x": torch.zeros(100_000)}, path),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_one_line_and_leaves_the_old_file_alone(tmp_path: Path, writer: str) -> None:
    (tmp_path / "x").write_text("old")
    with no_file_above(4096), pytest.raises(WriteError) as caught, replacing(tmp_path / "x") as partial:
        WRITERS[writer](partial)
    line = str(caught.value)
    assert line.startswith(f"{tmp_path / 'x'}: cannot be written: ") and "\n" not in line and ".partial" not in line
    assert files.disk_full(caught.value) and caught.value.errno in (errno.EFBIG, errno.ENOSPC)
    assert [p.name for p in tmp_path.iterdir()] == ["x"] and (tmp_path / "x").read_text() == "old"
    assert str(pickle.loads(pickle.dumps(caught.value))) == line, "workers send their errors to another process"


def test_a_folder_is_whole_or_as_it_was(tmp_path: Path) -> None:
    target, partial = tmp_path / "x", tmp_path / ".partial-x"
    for content in ("old", "new"):
        with replacing_folder(target, partial) as place:
            (place / "a").write_text(content)
    assert (target / "a").read_text() == "new" and [p.name for p in tmp_path.iterdir()] == ["x"]
    full = pytest.raises(WriteError, match="x: cannot be written")
    with no_file_above(10), full, replacing_folder(target, partial) as place:
        (place / "a").write_text("newer")
        (place / "b").write_bytes(bytes(1000))
    assert (target / "a").read_text() == "new" and [p.name for p in tmp_path.rglob("*")] == ["x", "a"]


def test_another_error_in_the_block_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x") as partial:
        partial.write_text(str(1 / 0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(WriteError, match="x: cannot be written: Permission denied"):
        write_text(tmp_path / "x", "")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(WriteError, match=r"b: cannot be written: (Not a directory|File exists)"):
        write_text(tmp_path / "a" / "b", "")


def test_lines_are_appended_whole_or_the_next_one_ends_what_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_lines(path, [])
    assert not path.exists()
    append_lines(path, [{"a": 1}, "ä"], durable=True)
    with no_file_above(path.stat().st_size + 5), pytest.raises(WriteError, match="lines: cannot be written: the disk"):
        append_lines(path, [{"b": "long enough to be cut"}])
    append_lines(path, [3])
    assert path.read_text() == '{"a": 1}\n"\\u00e4"\n{"b":\n3\n'


def test_names_of_files_that_are_no_text_are_written_out(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    assert write_text(tmp_path / "t", f"of {odd}").read_text(encoding="utf-8") == "of caf\\udce9"
    assert json.loads(write_json(tmp_path / "j", [odd]).read_text()) == [odd]
    refuse_odd_bytes(tmp_path, "out")
    with pytest.raises(ValueError, match=r"out: the name 'caf\\udce9' isn't UTF-8: rename it"):
        refuse_odd_bytes(Path(odd), "out")


def test_errors_of_a_block_are_unchanged_in_renaming_into(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_text("old")
    with pytest.raises(OSError, match="network") as error, renaming_into(target) as partial:
        partial.write_text("new")
        raise OSError("network")
    assert not isinstance(error.value, WriteError)
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_threads_have_separate_temporary_files(tmp_path: Path) -> None:
    target, both = tmp_path / "x", threading.Barrier(2)

    def write(text: str) -> Path:
        with replacing(target) as partial:
            partial.write_text(text)
            both.wait()
            assert partial.read_text() == text
            both.wait()
        return partial

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(write, ["first", "second"])
    assert first != second and target.read_text() in ("first", "second") and list(tmp_path.iterdir()) == [target]
