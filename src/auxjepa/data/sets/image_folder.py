"""Your own pictures in class folders."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.errors import MissingFilesError
from auxjepa.data.manifest.manifest import OWN_FILES
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing
from auxjepa.data.sets.folders import COLUMN, find_files, sort_classes
from auxjepa.data.sets.official_files import OfficialFiles

CARD = Card(
    title="Folders of pictures",
    about="A format for your own pictures. Each class has a folder. Folders for splits (train, val, valid, validation, "
    "dev, test) may contain the class folders. The label column is folder. Pictures outside a class folder have no "
    "label. Folders within a class folder are part of the class. A picture is a video of one frame. docs/data/video.md "
    "describes how pixels of 16 and 32 bits are read and which are refused.",
    obtain="Your own pictures, or any set of pictures with this layout.",
    licence="yours",
    cite="yours",
    layout="""\
train/cat/0001.jpg …    without splits: cat/0001.jpg; the name of the split is then all
val/cat/0002.jpg …""",
    sizes={},
    label=COLUMN,
)


def read(root: Path) -> Listing:
    """Read one split for each folder with the name of a split, or else the split ``all``.

    The label column is ``folder``.

    Args:
        root: folder of the pictures.

    Raises:
        MissingFilesError: if there is no picture.
        AnnotationError: if two class folders are one number.
    """
    OfficialFiles("image_folder", root).check()
    pictures = find_files(root, STILLS, "a picture", OWN_FILES)
    if not any(pictures.splits.values()):
        moving = any(find_files(root, MOVING, "a video").splits.values())
        hint = "; there are videos, which video_folder reads" if moving else ""
        raise MissingFilesError(root, f"image_folder: no picture here, expected CLASS/NAME.jpg{hint}")
    classes = sort_classes((name for files in pictures.splits.values() for _, name in files if name), root)
    labels = {"": dict[str, str]()} | {name: {COLUMN: name} for name in classes}
    splits = {
        split: tuple(Example(path, labels[name]) for path, name in files)
        for split, files in pictures.splits.items()
        if files
    }
    return Listing(splits, {COLUMN: classes} if classes else {}, (), tuple(pictures.problems), pictures.unread)


IMAGE_FOLDER = DataSet("image_folder", CARD, read, generic=True)
