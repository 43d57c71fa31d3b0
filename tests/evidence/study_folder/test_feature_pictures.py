"""Reading of the feature pictures of a study folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.study_folder.artifacts import Samples
from auxjepa.evidence.study_folder.feature_pictures import FILE, digest_clips, read_feature_pictures
from auxjepa.evidence.study_folder.folder import load

CLIPS = np.arange(2 * 4 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 4, 8, 8, 3)
SAMPLES = Samples(CLIPS, np.zeros((2, 2, 2, 2), bool), ["a", "b"])


def write(folder: Path, pictures: np.ndarray, **changes: object) -> Path:
    record = {"clips": digest_clips(CLIPS), "regime": "world", "seed": 0, "encoders": [{"name": "ld", "share": 0.5}]}
    np.savez(folder / FILE, pictures=pictures, record=np.array(json.dumps(record | changes)))
    return folder / FILE


def test_pictures_are_read_and_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    notes: list[str] = []
    assert read_feature_pictures(tmp_path / FILE, SAMPLES, notes) is None
    pictures = np.full((1, 2, 2, 2, 2, 3), 7, np.uint8)
    features = read_feature_pictures(write(tmp_path, pictures), SAMPLES, notes)
    assert features is not None and np.array_equal(features.pictures, pictures)
    assert features.record.encoders[0].name == "ld" and notes == []


@pytest.mark.parametrize(
    ("shape", "dtype", "changes", "why"),
    [
        ((1, 3, 2, 2, 2, 3), np.uint8, {}, "do not fit"),
        ((2, 2, 2, 2, 2, 3), np.uint8, {}, "do not fit"),
        ((1, 2, 2, 2, 2, 4), np.uint8, {}, "do not fit"),
        ((1, 2, 0, 2, 2, 3), np.uint8, {}, "do not fit"),
        ((1, 2, 2, 2, 3), np.uint8, {}, "do not fit"),
        ((1, 2, 2, 2, 2, 3), np.float32, {}, "do not fit"),
        ((1, 2, 2, 2, 2, 3), np.uint8, {"clips": "0"}, "made of other clips"),
        ((1, 2, 2, 2, 2, 3), np.uint8, {"seed": "first"}, "cannot be read"),
        ((1, 2, 2, 2, 2, 3), np.uint8, {"encoders": []}, "cannot be read"),
    ],
)
def test_pictures_that_do_not_fit_become_one_note(
    tmp_path: Path, shape: tuple[int, ...], dtype: type, changes: dict[str, object], why: str
) -> None:
    notes: list[str] = []
    assert read_feature_pictures(write(tmp_path, np.zeros(shape, dtype), **changes), SAMPLES, notes) is None
    assert len(notes) == 1 and notes[0].startswith("features.npz: ") and why in notes[0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"[1, 2]"])
def test_damage_becomes_a_note_of_the_study(study: Path, tmp_path: Path, content: bytes) -> None:
    copy = shutil.copytree(study, tmp_path / "copy")
    (copy / FILE).write_bytes(content)
    loaded = load(copy)
    assert loaded.features is None and [note for note in loaded.notes if FILE in note] == loaded.notes


def test_files_that_can_run_code_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, pictures=np.array([print], object), record=np.array("{}"))
    notes: list[str] = []
    assert read_feature_pictures(tmp_path / FILE, SAMPLES, notes) is None and "cannot be read" in notes[0]
