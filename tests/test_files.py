from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from auxjepa.files import refuse_odd_bytes, write_bytes, write_json, write_text


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert write_bytes(tmp_path / "a" / "b", b"\x00\r\n") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").read_bytes() == b"\x00\r\n"
    write_text(tmp_path / "t", "ä\n−\r\n")
    assert (tmp_path / "t").read_bytes() == "ä\n−\r\n".encode()
    write_json(tmp_path / "j", {"x": [1, None]})
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


def test_names_of_files_that_are_no_text_are_written_out(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    assert write_text(tmp_path / "t", f"of {odd}").read_text(encoding="utf-8") == "of caf\\udce9"
    assert json.loads(write_json(tmp_path / "j", [odd]).read_text()) == [odd]
    refuse_odd_bytes(tmp_path, "out")
    with pytest.raises(ValueError, match=r"out: the name 'caf\\udce9' isn't UTF-8: rename it"):
        refuse_odd_bytes(Path(odd), "out")
