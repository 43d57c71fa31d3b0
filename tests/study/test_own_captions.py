"""Captions of sample clips of own videos: labels, split and copies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from auxjepa.data.manifest.manifest import open_source
from auxjepa.data.manifest.split import SPLITS
from auxjepa.interface.studies import read_study_settings
from auxjepa.study import samples
from auxjepa.study.own_captions import caption_own_videos, describe_copies, describe_labels
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from natural import write_video

KINDS = ("dark", "light")


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve videos in two class folders, the columns side and level, and two copies of one video."""
    folder = tmp_path_factory.mktemp("captioned")
    rng = np.random.default_rng(0)
    lines = ["path,side,level"]
    for number in range(12):
        name = f"{KINDS[number % 2]}/{number:02}.mp4"
        (folder / name).parent.mkdir(exist_ok=True)
        pixels = rng.integers(0, 120, (6, 32, 32, 3), dtype=np.uint8) + 100 * (number % 2)
        frames = [
            av.VideoFrame.from_ndarray(one.astype(np.uint8), format="rgb24").reformat(format="yuv420p")
            for one in pixels
        ]
        write_video(folder / name, frames)
        lines.append(f"{name},{'left' if number < 6 else 'right'},{number}" if number != 4 else f"{name},,{number}")
    for copy in ("dark/a.mp4", "dark/b.mp4"):
        shutil.copy(folder / "dark/00.mp4", folder / copy)
        lines.append(f"{copy},left,0")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def captioned(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyConfig, Path]:
    root = tmp_path_factory.mktemp("captioned-root")
    content: dict[str, Any] = {
        "name": "mine",
        "data": f"folder:{videos}",
        "variants": ["baseline"],
        "seeds": [0],
        "benchmarks": ["same_video", "side"],
        "regimes": {"own": {"source": "own", "clips": 14, "frames": 2, "size": 16, "allow_padding": True}},
        "base": {"model": {"position": "sincos"}},
    }
    return read_study_settings(content, root=root), root


def test_captions_name_labels_split_and_copies(captioned: tuple[StudyConfig, Path], tmp_path: Path) -> None:
    study, root = captioned
    run = next(run for run in plan(study, root) if run.control is None)
    samples.write(tmp_path / "samples.npz", run, study)
    with np.load(tmp_path / "samples.npz") as file:
        captions = json.loads(str(file["captions"]))
    assert captions[0].startswith("dark/00.mp4; side left; level 0; folder dark; ")
    assert captions[0].endswith(" split of side; 2 other files with equal content")
    assert captions[2].startswith("dark/04.mp4; side no label; level 4; folder dark; in no split of side; no copy")
    names = [*(f"{KINDS[n % 2]}/{n:02}.mp4" for n in range(12)), "dark/a.mp4", "dark/b.mp4"]
    every = caption_own_videos(study, run.config.data, names)
    assert every is not None
    splits = [next((word for word in SPLITS if f"; {word} split of side" in line), "") for line in every]
    (benchmark,) = [one for one in study.chosen_benchmarks() if one.name == "side"]
    assert splits[4] == "" and splits[0] == splits[12] == splits[13]
    assert (splits.count("train"), splits.count("validation")) == (benchmark.train, benchmark.validation)
    copies_in_test = 2 * (splits[0] == "test")  # equal contents count as one test example
    assert splits.count("test") == benchmark.test + copies_in_test


def test_other_sources_have_no_such_captions(captioned: tuple[StudyConfig, Path]) -> None:
    study, root = captioned
    data = plan(study, root)[0].config.data
    assert caption_own_videos(study, data.model_copy(update={"source": "world"}), ["dark/00.mp4"]) is None
    assert caption_own_videos(study, data, ["dark/99.mp4"]) is None
    assert caption_own_videos(study.model_copy(update={"data": ""}), data, ["dark/00.mp4"]) is None


def test_near_duplicates_are_counted_with_their_copies(captioned: tuple[StudyConfig, Path], videos: Path) -> None:
    manifest = open_source(f"folder:{videos}", captioned[1], progress=False)
    place = {entry.name: number for number, entry in enumerate(manifest.entries)}
    pairs = np.array([[place["dark/00.mp4"], place["dark/02.mp4"]], [place["dark/a.mp4"], place["dark/02.mp4"]]])
    lines = describe_copies(manifest, pairs)
    assert lines[place["dark/b.mp4"]] == "2 other files with equal content, 1 near-duplicate"
    assert lines[place["dark/02.mp4"]] == "3 near-duplicates"
    assert lines[place["light/01.mp4"]] == "no copy in the folder"
    assert describe_copies(manifest)[place["dark/02.mp4"]] == "no copy in the folder"


def test_folders_of_splits_are_not_classes(videos: Path, tmp_path: Path) -> None:
    for number in range(4):
        name = f"{KINDS[number % 2]}/{number:02}.mp4"
        place = tmp_path / "videos" / ("train" if number < 2 else "test") / name
        place.parent.mkdir(parents=True)
        shutil.copy(videos / name, place)
    manifest = open_source(f"folder:{tmp_path / 'videos'}", tmp_path / "root", progress=False)
    assert manifest.entries[0].name == "test/dark/02.mp4"
    assert describe_labels(manifest) == [["folder dark"], ["folder light"], ["folder dark"], ["folder light"]]
