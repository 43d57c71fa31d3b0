"""A study on own videos: labels and diagnostics become benchmarks, and workers open the recorded clips."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, to_yaml
from auxjepa.evidence.study_folder import load
from auxjepa.interface.studies import read_study_settings, study
from auxjepa.rows import RowStore
from auxjepa.study.own_data import reopen
from auxjepa.study.own_study import resolve_study
from auxjepa.study.plan import StudyConfig
from auxjepa.study.study_yaml import read_study
from natural import write_video

VIDEOS, FRAMES = 24, 18
KINDS = ("dark", "light")


def content(folder: Path, **fields: Any) -> dict[str, Any]:
    return {
        "name": "mine",
        "data": f"folder:{folder}",
        "variants": ["baseline", {"name": "half", "from": "ld", "objectives": {"latent_dynamics": {"weight": 0.5}}}],
        "seeds": [0, 1],
        "benchmarks": ["own"],
        "regimes": {"own": {"source": "own", "clips": 24, "frames": 4, "size": 16}},
        "base": {"model": {"position": "sincos"}, "optim": {"steps": 1, "batch": 4}},
        "sizes": {"epochs": 1},
        "controls": ["random_init", "raw_pixels", "one_frame", "shuffled", "majority", "chance"],
    } | fields


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos of a moving square, with the columns kind, number, mood, group and notes."""
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    lines = ["path,kind,number,mood,group,notes"]
    for video in range(VIDEOS):
        kind = KINDS[video % 2]
        pictures = rng.integers(0, 30, (FRAMES, 32, 32, 3), dtype=np.uint8) + (150 if kind == "light" else 0)
        for frame in range(FRAMES):
            place = (video + frame) % 24
            pictures[frame, 8:16, place : place + 8] = 100
        frames = [
            av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p") for picture in pictures
        ]
        write_video(folder / f"{video:02}.mp4", frames)
        mood = ["calm;wild", "calm", "wild", "calm;odd"][video % 4]
        lines.append(f"{video:02}.mp4,{kind},{video * 1.5 + 0.25},{mood},subject{video // 2},note {video}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def resolved(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyConfig, list[str]]:
    notes: list[str] = []
    root = tmp_path_factory.mktemp("root")
    return read_study_settings(content(folder), root=root, tell=notes.append), notes


def test_every_label_and_every_diagnostic_becomes_a_benchmark(resolved: tuple[StudyConfig, list[str]]) -> None:
    own, notes = resolved
    assert {"kind", "number", "arrow_of_time", "frame_order", "same_video"} <= set(own.benchmarks)
    by_name = {one.name: one for one in own.chosen_benchmarks()}
    assert by_name["kind"].classes == 2 and by_name["kind"].args["one_each"] is True
    assert (by_name["number"].suite, by_name["number"].metric) == ("regression", "r2")
    assert by_name["arrow_of_time"].capability == "order"
    assert not {"group", "notes", "mood"} & set(own.benchmarks)
    assert any("no benchmark 'mood'" in note and "several labels" in note for note in notes)
    assert any("no benchmark 'notes'" in note for note in notes)
    assert any("groups; the examples of a group are in one split" in note for note in notes)
    assert set(own.scale_notes) >= set(notes)


def test_the_recorded_study_is_read_again_without_the_videos(resolved: tuple[StudyConfig, list[str]]) -> None:
    own, _ = resolved
    from auxjepa.yaml_text import load as read_text

    written = read_text(to_yaml(own))
    assert StudyConfig.model_validate(written) == own
    again = read_study_settings(written, root=Path("/nonexistent"))
    assert not again.differences(own)


def test_names_and_records_of_benchmarks(folder: Path, tmp_path: Path) -> None:
    entries = ["world_order", "kind", {"name": "bright", "label": "kind", "capability": "appearance", "clips": 48}]
    own = read_study_settings(content(folder, benchmarks=entries, capabilities={"kind": "motion"}), root=tmp_path)
    by_name = {one.name: one for one in own.chosen_benchmarks()}
    assert list(by_name) == ["world_order", "kind", "bright"]
    assert (by_name["kind"].capability, by_name["bright"].capability) == ("motion", "appearance")
    assert by_name["bright"].train + by_name["bright"].validation == 48 - 2 * by_name["bright"].test or True
    assert by_name["bright"].args["clips"] == 48 and list(own.own_benchmarks) == ["kind", "bright"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"benchmarks": ["kin"]}, "no label column 'kin'"),
        ({"benchmarks": ["mood"]}, "several labels"),
        ({"benchmarks": [{"label": "kind"}]}, "benchmarks: name"),
        ({"benchmarks": [{"name": "world_order", "label": "kind"}]}, "is a registered benchmark"),
        ({"benchmarks": [{"name": "a", "label": "kind", "group_rule": "x"}]}, "write {} once"),
        ({"capabilities": {"kin": "motion"}}, "no benchmark is called 'kin'"),
        ({"capabilities": {"kind": "movement"}}, "capability"),
        ({"data": "clips"}, "data must be folder:PATH or shards:URL, got 'clips'"),
        ({"data": "folder:/nonexistent"}, "no such folder"),
        ({"data": ""}, "name them with --data folder:PATH"),
    ],
)
def test_mistakes_are_one_line(folder: Path, tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    from auxjepa.data.errors import DataError

    with pytest.raises((ConfigError, DataError)) as caught:
        read_study_settings(content(folder, **fields), root=tmp_path)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_changed_labels_are_noticed(folder: Path, resolved: tuple[StudyConfig, list[str]], tmp_path: Path) -> None:
    own, _ = resolved
    (kind,) = [one for one in own.chosen_benchmarks() if one.name == "kind"]
    data = own.regimes["own"].model_copy(update={"root": tmp_path})
    assert reopen(kind, data).hash_on(data) == kind.hash_on(data)
    swapped = kind.model_copy(update={"args": kind.args | {"content": "0" * 16}})
    with pytest.raises(ConfigError, match=r"kind: the videos or labels of folder:.* have changed .*args differ"):
        reopen(Benchmark.model_validate(swapped.model_dump()), data)


def test_a_study_of_own_variants_on_own_videos_ends_in_a_report(folder: Path, tmp_path: Path) -> None:
    entries = ["kind", "number", "arrow_of_time"]
    page = study(content(folder, benchmarks=entries), out=tmp_path / "out", workers=1, progress=False)
    rows = list(RowStore(tmp_path / "out"))
    names = {(row.control or row.variant, row.benchmark) for row in rows}
    lines = {"baseline", "half", "random_init", "raw_pixels", "chance", "one_frame", "shuffled"}
    assert {(line, benchmark) for line in lines for benchmark in entries} <= names
    assert ("majority", "kind") in names and ("majority", "number") not in names
    seeds = {(row.control, row.seed) for row in rows if row.benchmark == "kind" and row.control in ("one_frame", None)}
    assert seeds == {("one_frame", 0), ("one_frame", 1), (None, 0), (None, 1)}
    info = json.loads((tmp_path / "out" / "benchmarks.json").read_text())
    assert {row.benchmark_hash for row in rows} == {one["hash"] for one in info.values()}
    text = page.read_text()
    assert "half" in text and "one frame" in text and "number" in text
    stored = read_study(tmp_path / "out")
    assert stored.definitions["half"].start == "ld" and load(tmp_path / "out").variants == ["baseline", "half"]
    before = (tmp_path / "out" / "rows.jsonl").read_bytes()
    study(content(folder, benchmarks=entries), out=tmp_path / "out", workers=1, progress=False)  # nothing is left to do
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == before


def divided(folder: Path, root: Path, words: list[str]) -> Path:
    """Return a copy of the folder with a column ``split``."""
    other = root / "divided"
    shutil.copytree(folder, other)
    lines = (other / "labels.csv").read_text().splitlines()
    rows = [f"{line},{words[number % len(words)]}" for number, line in enumerate(lines[1:])]
    (other / "labels.csv").write_text("\n".join([f"{lines[0]},split", *rows]) + "\n")
    return other


def test_pretraining_reads_the_training_videos_of_an_official_split(folder: Path, tmp_path: Path) -> None:
    other, notes = divided(folder, tmp_path, ["train", "train", "train", "test"]), []
    fields = {"benchmarks": ["kind"]}
    own = read_study_settings(content(other, **fields), root=tmp_path / "root", tell=notes.append)
    assert own.regimes["own"].split == "train"
    assert any("pretraining reads the training videos alone" in note for note in notes)
    assert not any("pretrained on" in note for note in notes)
    regimes = {"own": {"source": "own", "clips": 24, "frames": 4, "size": 16, "split": "all"}}
    whole = read_study_settings(content(other, **fields, regimes=regimes), root=tmp_path / "root")
    assert whole.regimes["own"].split == "all"


def test_a_misspelt_split_is_refused(folder: Path, tmp_path: Path) -> None:
    other = divided(folder, tmp_path, ["train", "train", "val", "tset"])
    with pytest.raises(ConfigError, match=r"column 'split' has 'tset', which is no split, next to 'train', 'val'"):
        read_study_settings(content(other), root=tmp_path / "root")


def test_other_videos_are_another_study(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    fields = {"benchmarks": ["kind"], "variants": ["baseline"], "controls": []}
    study(content(other, **fields), out=tmp_path / "out", workers=1, progress=False)
    shutil.copy(other / "00.mp4", other / "zz.mp4")
    with pytest.raises(ConfigError, match=r"videos or labels of folder:.* have changed since this study began"):
        study(content(other, **fields), out=tmp_path / "out", workers=1, progress=False)
    written = read_study(tmp_path / "out")
    with pytest.raises(ConfigError, match=r"files of folder:.* were added, removed or replaced"):
        study(written, out=tmp_path / "out", workers=1, progress=False)


def test_flags_give_what_a_file_lacks(folder: Path, tmp_path: Path) -> None:
    record = content(folder, benchmarks=["kind"])
    flags = {"seeds": record.pop("seeds"), "regimes": {"own": {"source": "own", "clips": 12}}}
    own = resolve_study(record, flags, StudyConfig.model_validate, root=tmp_path)
    assert own.seeds == (0, 1) and own.regimes["own"].clips == 12 and own.regimes["own"].source == f"folder:{folder}"


@pytest.mark.parametrize("name", ["majority", "one_frame", "frozen"])
def test_a_column_with_the_name_of_a_control_is_no_benchmark(folder: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"'{name}' is the name of a control"):
        read_study_settings(content(folder, benchmarks=[{"name": name, "label": "kind"}]), root=tmp_path)


def test_columns_with_names_of_other_benchmarks_are_noted(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "named"
    shutil.copytree(folder, other)
    text = (other / "labels.csv").read_text()
    (other / "labels.csv").write_text(text.replace("kind,number,mood", "world_order,arrow_of_time,majority", 1))
    notes: list[str] = []
    own = read_study_settings(content(other), root=tmp_path / "root", tell=notes.append)
    assert own.benchmarks.count("arrow_of_time") == 1 and not {"world_order", "majority"} & set(own.benchmarks)
    for words in ("is that of a registered benchmark", "like a diagnostic", "is the name of a control"):
        assert any(words in note for note in notes), words
