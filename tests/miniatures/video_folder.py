"""Videos of 2 classes in two splits with a table of labels: 4 for training, 2 for testing."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

TRAIN = ("walk/a b.mp4", "walk/ö.avi", "run/1.mkv", "run/more/2.mp4")
TEST = ("walk/3.mp4", "run/4.mp4")


def build(root: Path, frames: int = 10, *, table: bool = True) -> Path:
    """Class folders below ``train`` and ``test``; ``table``: with labels.csv."""
    paths = [f"{split}/{name}" for split, names in (("train", TRAIN), ("test", TEST)) for name in names]
    for number, path in enumerate(paths):
        video(root / path, frames, seed=number)
    if table:
        rows = (f"{path},{number % 3},{'left' if number % 2 else 'right'}" for number, path in enumerate(paths))
        text(root / "labels.csv", "path,speed,side", *rows)
    return root
