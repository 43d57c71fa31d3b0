"""HMDB-51 with 3 classes of 7 clips: of each split 4 are for training, 2 for testing, 1 is left out."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

CLASSES = ("brush_hair", "ride_bike", "wave")
CLIPS = 7


def clip(name: str, number: int) -> str:
    """A name as in the original, some of which hold signs that shells and URLs trip over."""
    start = "#437_How_To_Ride_A_Bike" if name == "ride_bike" else "April_09" if name == "brush_hair" else "Grüße;_(x)&y"
    return f"{start}_{name}_u_nm_np1_ba_goo_{number}.avi"


def build(root: Path, frames: int = 20) -> Path:
    """The official layout below ``root``: 21 clips."""
    for place, name in enumerate(CLASSES):
        for number in range(CLIPS):
            video(root / "hmdb51_org" / name / clip(name, number), frames, seed=10 * place + number)
        for split in (1, 2, 3):
            sides = [(number + 2 * split) % CLIPS for number in range(CLIPS)]
            lines = [f"{clip(name, number)} {0 if s == 6 else 2 if s > 3 else 1} " for number, s in enumerate(sides)]
            text(root / "testTrainMulti_7030_splits" / f"{name}_test_split{split}.txt", *lines)
    return root
