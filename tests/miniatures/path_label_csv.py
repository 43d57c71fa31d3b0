"""Two lists of paths and labels: 4 videos for training, 2 for validation."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

TRAIN = {"clips/walk/a clip.mp4": 3, "clips/run/straße.mp4": 10, "clips/run/c.mp4": 10, "d.avi": 0}
VAL = {"clips/walk/e.mp4": 3, "clips/f 2.mp4": 7}


def build(root: Path, frames: int = 10) -> Path:
    """Lists and videos below ``root``; one path is absolute, one quoted."""
    lines = [f"{path} {label}" for path, label in TRAIN.items()]
    text(root / "train.csv", lines[0], lines[1], f"{root / 'clips/run/c.mp4'} 10", lines[3])
    text(root / "val.csv", *(f'"{path}" {label}' for path, label in VAL.items()))
    for number, path in enumerate((*TRAIN, *VAL)):
        video(root / path, frames, seed=number)
    return root
