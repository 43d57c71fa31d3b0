"""UCF-101 with 3 classes of 4 groups; the last group is the test set of each split in turn."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

CLASSES = ("ApplyEyeMakeup", "Archery", "YoYo")
GROUPS, CLIPS = 4, 2


def build(root: Path, frames: int = 20) -> Path:
    """The official layout below ``root``: 24 clips."""
    lists = root / "ucfTrainTestlist"
    text(lists / "classInd.txt", *(f"{number} {name}" for number, name in enumerate(CLASSES, start=1)))
    for number in (1, 2, 3):
        train, test = [], []
        for place, name in enumerate(CLASSES, start=1):
            for group in range(1, GROUPS + 1):
                for clip in range(1, CLIPS + 1):
                    path = f"{name}/v_{name}_g{group:02d}_c{clip:02d}.avi"
                    if number == 1:
                        video(root / "UCF-101" / path, frames, seed=100 * place + 10 * group + clip)
                    (test.append(path) if group == number else train.append(f"{path} {place}"))
        text(lists / f"trainlist{number:02d}.txt", *train)
        text(lists / f"testlist{number:02d}.txt", *test)
    return root
