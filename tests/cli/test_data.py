"""``auxjepa data scan``: what is there, what is equal, what is divided, and which videos are too short."""

from __future__ import annotations

import shutil
from pathlib import Path


def test_an_ordinary_folder(auxjepa, labelled: Path, tmp_path: Path) -> None:
    done = auxjepa("data", "scan", shutil.copytree(labelled, tmp_path / "x"))
    assert done.code == 0 and "18 examples" in done.out and "2 files left out" in done.out
    assert done.out.endswith("clips of 8 frames at stride 1: no video is too short\n")


def test_short_videos_are_counted_for_the_clips_that_are_asked_for(auxjepa, labelled: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(labelled, tmp_path / "x")
    said = auxjepa("data", "scan", folder, "--frames", 4, "--stride", 6).out
    assert "clips of 4 frames at stride 6: 18 of 18 clips are padded with repeated frames (50.0 %" in said
    said = auxjepa("data", "scan", folder, "--frames", 8, "--fps", 5).out
    assert "clips of 8 frames at 5 frames a second: 18 of 18 clips are padded" in said and "0.40 s" in said


def test_copies_and_splits_are_told(auxjepa, labelled: Path, tmp_path: Path) -> None:
    for split in ("train", "val"):
        shutil.copytree(labelled / "bikes", tmp_path / "x" / split / "bikes")
    said = auxjepa("data", "scan", tmp_path / "x").out
    assert "6 files are copies of others" in said and "official split by folders: train/ 6, val/ 6" in said
