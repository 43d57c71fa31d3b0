"""Something-Something V2 with 3 classes: 15 clips for training, 6 for validation, 3 for testing, in VP9."""

from __future__ import annotations

import json
from pathlib import Path

from miniatures import text, video

TEMPLATES = (
    "Holding [something] next to [something]",
    "Pushing [something] from left to right",
    "Pretending to put [something] on a surface",
)
CLASSES = tuple(template.replace("[", "").replace("]", "") for template in TEMPLATES)
SIZES = {"train": 15, "validation": 6, "test": 3}
OBJECTS = ("a café au lait", "a green box")


def build(root: Path, frames: int = 20, *, new: bool = False) -> Path:
    """The official layout below ``root``: 24 clips.

    Args:
        new: with the names of the newer package of labels, and the labels of the test split.
    """
    number, answers = 0, []
    for split, size in SIZES.items():
        entries = []
        for place in range(size):
            number += 1
            template = TEMPLATES[place % 3]
            objects = list(OBJECTS[: template.count("[")])
            label = template.replace("[something]", "{}").format(*objects).lower()
            entry = {"id": str(number), "label": label, "template": template, "placeholders": objects}
            entries.append({"id": str(number)} if split == "test" else entry)
            answers += [f"{number};{CLASSES[place % 3]}"] if split == "test" else []
            video(root / "20bn-something-something-v2" / f"{number}.webm", frames, seed=number, fps=12)
        _write(root, split, entries, new)
    _write(root, "labels", {name: str(number) for number, name in enumerate(CLASSES)}, new)
    if new:
        text(root / "labels" / "test-answers.csv", *answers)
    return root


def _write(root: Path, what: str, content: object, new: bool) -> None:
    path = root / (f"labels/{what}.json" if new else f"something-something-v2-{what}.json")
    text(path, json.dumps(content, indent=None if new else 0, ensure_ascii=not new))
