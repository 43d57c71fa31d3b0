"""ImageNet-100 with 4 classes of 4 pictures for training and 2 for validation."""

from __future__ import annotations

from pathlib import Path

from miniatures import image, text

CLASSES = {
    "n02869837": "bonnet, poke bonnet",
    "n01749939": "green mamba",
    "n02488291": "langur",
    "n02107142": "Doberman, Doberman pinscher",
}
TRAIN, VAL = 4, 2


def build(root: Path, train: str = "train", val: str = "val") -> Path:
    """Class folders below ``root`` with the list of classes: 24 pictures.

    Args:
        train, val: folders of the splits.
    """
    for place, name in enumerate(CLASSES):
        for number in range(TRAIN):
            image(root / train / name / f"{name}_{10 + number}.JPEG", seed=100 * place + number)
        for number in range(VAL):
            picture = f"ILSVRC2012_val_{1 + VAL * place + number:08d}.JPEG"
            image(root / val / name / picture, seed=100 * place + 50 + number)
    text(root / "imagenet100.txt", *CLASSES)
    return root


def flat(root: Path) -> None:
    """Take the validation pictures out of their class folders, and list them as Kaggle does."""
    lines = ["ImageId,PredictionString"]
    for path in sorted((root / "val").glob("*/*.JPEG")):
        lines.append(f"{path.stem},{path.parent.name} 111 108 441 193 ")
        path.rename(root / "val" / path.name)
    for name in CLASSES:
        (root / "val" / name).rmdir()
    text(root / "LOC_val_solution.csv", *lines)
