from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.data.cache.build import build_cache
from auxjepa.data.errors import ManifestError
from auxjepa.data.manifest import scan as scanned
from auxjepa.data.sets import SETS
from auxjepa.data.sets.check import check_set
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.sets.prepared_set import read_set
from auxjepa.data.sets.set_manifest import open_set
from miniatures import text, ucf101, video


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ucf101.build(tmp_path_factory.mktemp("ucf"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ucf"))


def _prepare(root: Path, store: Path, **more):
    return prepare_set("ucf101", root, store, progress=False, workers=1, **more)


def test_a_prepared_split_is_a_manifest_in_the_order_listed(root: Path, tmp_path: Path) -> None:
    prepared = _prepare(root, tmp_path / "data")
    assert prepared == read_set("ucf101", tmp_path / "data")
    assert {name: (one.listed, one.usable) for name, one in prepared.splits.items()}["train"] == (18, 18)
    manifest = open_set("ucf101/test", tmp_path / "data")
    assert [entry.name for entry in manifest.entries][:2] == [
        "UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi",
        "UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi",
    ]
    assert manifest.labels["action"].tolist() == [0, 0, 1, 1, 2, 2] and manifest.coverage == 1
    assert manifest.classes["action"] == ucf101.CLASSES
    assert len(open_set("ucf101", tmp_path / "data")) == 18  # train is meant
    cache = build_cache(manifest, root=tmp_path, frames=8, size=32, progress=False)
    assert cache.clips.shape == (6, 8, 32, 32, 3) and cache.labels["action"].tolist() == [0, 0, 1, 1, 2, 2]


def test_missing_and_broken_files_lower_the_coverage(root: Path, tmp_path: Path) -> None:
    first, second, third = (
        sorted((root / "UCF-101/YoYo").glob("*_g01_*"))[:2] + sorted((root / "UCF-101/YoYo").glob("*_g02_*"))[:1]
    )
    first.unlink()
    second.write_bytes(second.read_bytes()[: second.stat().st_size // 2])
    out = tmp_path / "elsewhere.avi"
    third.rename(out)
    third.symlink_to(out)
    prepared = _prepare(root, tmp_path / "data")
    assert prepared.splits["test"].usable == 4 and prepared.splits["train"].usable == 17
    manifest = open_set("ucf101/test", tmp_path / "data")
    assert manifest.coverage == pytest.approx(4 / 6) and manifest.left_out == 2
    reasons = {one.path.rpartition("/")[2]: one.defect for one in manifest.defects}
    assert "no such file" in str(reasons[first.name]).lower() and "cut short" in str(reasons[second.name])
    linked = open_set("ucf101/train", tmp_path / "data").defects[0]
    assert "through a link" in str(linked.defect)
    assert _prepare(root, tmp_path / "data", links=True).splits["train"].usable == 18


def test_files_are_scanned_once_and_a_moved_set_keeps_its_scan(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _prepare(root, tmp_path / "data")
    before = open_set("ucf101", tmp_path / "data").digest
    moved = root.rename(tmp_path / "moved")
    with pytest.raises(ManifestError, match="isn't here any more"):
        open_set("ucf101", tmp_path / "data")
    monkeypatch.setattr(scanned, "_scan_file", None)
    assert _prepare(moved, tmp_path / "data").root == moved
    assert open_set("ucf101", tmp_path / "data").digest == before


def test_a_check_finds_defects_that_a_quick_scan_misses(root: Path, tmp_path: Path) -> None:
    victim = root / "UCF-101/Archery/v_Archery_g03_c01.avi"
    content = bytearray(video(victim, 20, codec="libx264").read_bytes())  # MPEG-4 would conceal it
    middle = len(content) // 2
    content[middle : middle + 2500] = bytes(2500)
    victim.write_bytes(content)
    assert _prepare(root, tmp_path / "data").splits["train"].usable == 18
    sampled = check_set("ucf101", tmp_path / "data", sample=24, workers=1, progress=False)
    assert list(sampled.defects) == ["UCF-101/Archery/v_Archery_g03_c01.avi"] and sampled.decoded == 24
    assert read_set("ucf101", tmp_path / "data").splits["train"].usable == 18  # a sample changes nothing
    assert len(check_set("ucf101", tmp_path / "data", sample=3, workers=1, progress=False).defects) <= 1
    complete = check_set("ucf101", tmp_path / "data", workers=1, progress=False)
    assert list(complete.defects) == list(sampled.defects) and complete.decoded == 23
    assert read_set("ucf101", tmp_path / "data").splits["train"].usable == 17


def test_problems_are_kept(root: Path, tmp_path: Path) -> None:
    table = root / "ucfTrainTestlist/testlist01.txt"
    text(table, *table.read_text().splitlines(), "Nonsense/x.avi")
    _prepare(root, tmp_path / "data")
    written = [json.loads(line) for line in (tmp_path / "data/sets/ucf101/problems.jsonl").read_text().splitlines()]
    assert written[0][0] == "testlist01.txt:7"
    assert check_set("ucf101", tmp_path / "data", sample=1, progress=False).problems[0].where == "testlist01.txt:7"


def test_missing_and_damaged_sets_are_refused(root: Path, tmp_path: Path) -> None:
    store = tmp_path / "data"
    with pytest.raises(ConfigError, match=r"nothing is prepared in .* auxjepa data prepare ucf101 --root PATH"):
        open_set("ucf101", store)
    _prepare(root, store)
    with pytest.raises(ConfigError, match=r"prepared in .* are: ucf101"):
        open_set("ssv2", store)
    with pytest.raises(ConfigError, match="no split 'tests'; did you mean 'test'"):
        open_set("ucf101/tests", store)
    split = store / "sets/ucf101/train.jsonl"
    split.write_text(split.read_text()[:-30])
    with pytest.raises(ManifestError, match="damaged"):
        open_set("ucf101", store)
    (store / "sets/ucf101/set.json").write_text("{}")
    with pytest.raises(ManifestError, match="damaged"):
        open_set("ucf101", store)
    shutil.rmtree(root / "UCF-101")
    (root / "UCF-101").mkdir()
    with pytest.raises(ManifestError, match="none of the 24 listed files can be used"):
        _prepare(root, store)


def test_a_damaged_line_or_a_lost_file_is_refused(root: Path, tmp_path: Path) -> None:
    store = tmp_path / "data"
    _prepare(root, store)
    split = store / "sets/ucf101/train.jsonl"
    header, first, *rest = split.read_text().splitlines()
    for labels in ([0], ["a", "b"]):
        record = json.loads(first)
        record[3] = labels
        split.write_text("\n".join([header, json.dumps(record), *rest]))
        with pytest.raises(ManifestError, match="damaged"):
            open_set("ucf101", store)
    (store / "sets/ucf101/files.jsonl").unlink()
    with pytest.raises(ManifestError, match="is missing: auxjepa data prepare"):
        open_set("ucf101", store)


@pytest.mark.parametrize("name", ["world", "con", "a.", "x" * 300])
def test_reserved_and_impossible_names_are_refused(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="set's name"):
        _prepare(root, tmp_path, name=name)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/x", "ü ö"])
def test_names_of_sets_are_words(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="letters, digits"):
        _prepare(root, tmp_path, name=name)


@pytest.fixture
def generic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up format with segments, captions, unsafe names and a label that isn't a class."""
    root = tmp_path / "made"
    video(root / "long film.mp4", frames=50, fps=25)

    def read(folder: Path) -> Listing:
        examples = (
            Example("long film.mp4", {"kind": "b"}, 0.4, 0.8, ('a "quoted"\nline', "ünï 🎬")),
            Example("long film.mp4", {"kind": "a"}, 1.0, None),
            Example("long film.mp4", {}, 7.0, 8.0),
            Example("long film.mp4", {"kind": "c"}),
            Example("../outside.mp4", {"kind": "a"}),
        )
        return Listing({"all": examples}, {"kind": ("b", "a")}, (), (Problem("list:9", "nonsense"),))

    card = Card("Made up", "", "", "", "", "", {}, None)
    monkeypatch.setitem(SETS, "made", DataSet("made", card, read, generic=True))
    return root


def test_segments_captions_and_unsafe_names(generic: Path, tmp_path: Path) -> None:
    store = tmp_path / "data"
    with pytest.raises(ConfigError, match="--name"):
        prepare_set("made", generic, store)
    prepared = prepare_set("made", generic, store, name="mine", progress=False)
    assert prepared.splits["all"].model_dump() == {"listed": 5, "usable": 3} and prepared.split == "all"
    manifest = open_set("mine", store)
    assert [(entry.start, entry.stop) for entry in manifest.entries] == [(10, 20), (25, 50), (0, 50)]
    assert manifest.labels["kind"].tolist() == [0, 1, -1]
    assert manifest.texts[0] == ('a "quoted"\nline', "ünï 🎬") and manifest.left_out == 2
    assert "steps up" in str(manifest.defects[0].defect)
    problems = (store / "sets/mine/problems.jsonl").read_text()
    assert "nonsense" in problems and "isn't within its 2.00 s" in problems
