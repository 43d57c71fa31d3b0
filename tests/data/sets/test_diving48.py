from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.sets.diving48 import read
from miniatures import diving48, text


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return diving48.build(tmp_path_factory.mktemp("diving"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "diving"))


def test_a_dive_has_its_class_and_its_parts(root: Path) -> None:
    listing = read(root)
    assert {name: len(examples) for name, examples in listing.splits.items()} == diving48.SIZES
    second = listing.splits["train"][1]
    assert second.path == "rgb/-mmq0PT-u8k_00001.mp4" and (second.start, second.stop) == (None, None)
    assert second.labels == {
        "dive": "Back 15som NoTwis PIKE", "takeoff": "Back", "somersault": "15som", "twist": "NoTwis",
        "position": "PIKE",
    }  # fmt: skip
    assert listing.classes == {
        "dive": ("Back 15som 05Twis FREE", "Back 15som NoTwis PIKE", "Forward 25som NoTwis PIKE",
                 "Reverse Dive NoTwis TUCK"),
        "takeoff": ("Back", "Forward", "Reverse"),
        "somersault": ("15som", "25som", "Dive"),
        "twist": ("05Twis", "NoTwis"),
        "position": ("FREE", "PIKE", "TUCK"),
    }  # fmt: skip
    assert listing.problems == () and all((root / e.path).is_file() for e in listing.splits["test"])


def test_other_folders_and_encodings_are_read(root: Path) -> None:
    (root / "annotations").mkdir()
    for file in root.glob("*.json"):
        file.rename(root / "annotations" / file.name)
    (root / "rgb").rename(root / "videos")
    clip = root / "videos/2x00lRzlTVQ_00000.mp4"
    clip.rename(clip.with_suffix(".webm"))
    assert read(root).splits["train"][0].path == "videos/2x00lRzlTVQ_00000.webm"


def test_version_1_is_not_read_as_version_2(root: Path) -> None:
    (root / "Diving48_V2_train.json").rename(root / "Diving48_train.json")
    (root / "Diving48_vocab.json").unlink()
    with pytest.raises(MissingFilesError, match=r"vocab\.json.*V2_train\.json.*is version 1, which has other labels"):
        read(root)


def test_entries_that_cannot_be_used_are_problems(root: Path) -> None:
    table = root / "Diving48_V2_test.json"
    entries = json.loads(table.read_text())
    odd = [entries[0], {"vid_name": "a", "label": 48}, {"vid_name": "b", "label": True}, {"label": 1}, "c", None]
    text(table, json.dumps([*entries, *odd, {"vid_name": "/etc/x", "label": 0}]))
    listing = read(root)
    assert len(listing.splits["test"]) == 5 and listing.splits["test"][-1].path == "rgb//etc/x.mp4"
    assert [p.where for p in listing.problems] == [f"Diving48_V2_test.json, entry {n}" for n in range(5, 11)]
    assert [p.what for p in listing.problems] == [
        "2x00lRzlTVQ_00012 is listed twice",
        "a: the label 48 isn't one of 0 … 3",
        "b: the label True isn't one of 0 … 3",
        *['no "vid_name"'] * 3,
    ]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("Diving48_vocab.json", "[]"),
        ("Diving48_vocab.json", '["Back 15som"]'),
        ("Diving48_vocab.json", '[["Back", "15som", "05Twis"]]'),
        ("Diving48_vocab.json", '[["Back", "15som", "", "PIKE"]]'),
        ("Diving48_vocab.json", '[["a", "b", "c", "d"], ["a", "b", "c", "d"]]'),
        ("Diving48_V2_train.json", "[]"),
        ("Diving48_V2_train.json", '{"-mmq0PT-u8k_00155": 0}'),
        ("Diving48_V2_test.json", '[{"id": "1", "template": "Holding [something]"}]'),
    ],
)
def test_files_of_another_format_are_refused(root: Path, file: str, content: str) -> None:
    text(root / file, content)
    with pytest.raises(AnnotationError, match=file):
        read(root)
