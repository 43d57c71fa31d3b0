"""Pictures of 2 classes in two splits: 4 for training, 2 for validation."""

from __future__ import annotations

from pathlib import Path

from miniatures import image

TRAIN = ("cat/a b.jpg", "cat/köter.PNG", "dog/1.jpeg", "dog/more/2.webp")
VAL = ("cat/3.jpg", "dog/4.bmp")


def build(root: Path) -> Path:
    """Class folders below ``train`` and ``val``."""
    for split, names in (("train", TRAIN), ("val", VAL)):
        for number, name in enumerate(names):
            image(root / split / name, seed=number)
    return root
