"""Digests of encoders: from the weights, or from the record of a summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from auxjepa.runs import weights
from auxjepa.runs.record import RunRecord
from auxjepa.runs.state import WEIGHTS
from auxjepa.runs.weights import digest_file, encoder_digest
from written_run import config_of, summary_of


def write(folder: Path, student: float = 1.0, other: float = 0.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"student.b": np.full(3, student, np.float32), "student.a": np.ones((2, 2), np.float32)}
    save_file({**tensors, "teacher.a": np.full(2, other, np.float32)}, folder / WEIGHTS)
    return folder / WEIGHTS


def test_only_the_student_counts(tmp_path: Path) -> None:
    first = digest_file(write(tmp_path / "a"))
    assert first == digest_file(write(tmp_path / "b", other=5.0)) and len(first) == 16
    assert first != digest_file(write(tmp_path / "c", student=np.nextafter(np.float32(1), np.float32(2))))


@pytest.mark.parametrize("data", [b"", b"\xff" * 20, b"\x02" + bytes(7) + b"{}", b"\x02" + bytes(7) + b"[]"])
def test_damaged_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / WEIGHTS
    path.write_bytes(data)
    with pytest.raises(ValueError, match=WEIGHTS):
        digest_file(path)
    cut = write(tmp_path / "cut")
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(ValueError, match="damaged, it ends within"):
        digest_file(cut)


def test_weights_count_before_the_record_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = summary_of(config_of(40)).model_copy(update={"encoder_digest": "recorded"})
    record = RunRecord(tmp_path, summary, 40, tmp_path, None, None, False, ())
    assert encoder_digest(record) == "recorded"  # there are no weights
    path = write(tmp_path)
    assert encoder_digest(record) == digest_file(path)
    assert encoder_digest(replace(record, summary=None)) == digest_file(path)
    monkeypatch.setattr(weights, "CHEAP", 1)
    assert encoder_digest(record) == "recorded"
    path.write_bytes(b"damaged")
    assert (
        encoder_digest(replace(record, summary=None)) == "" == encoder_digest(replace(record, last=None, summary=None))
    )
