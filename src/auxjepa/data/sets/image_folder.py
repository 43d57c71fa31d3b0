"""One's own pictures in class folders."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.errors import MissingFilesError
from auxjepa.data.manifest.manifest import OWN_FILES
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official
from auxjepa.data.sets.folders import COLUMN, find_files, ordered

CARD = Card(
    title="Folders of pictures",
    about="A format for one's own pictures: a folder for each class, and above them folders for splits if need be "
    "(train, val, valid, validation, dev, test). The label column is folder. Pictures that lie in no class folder "
    "have no label; folders within a class folder are part of the class. Pictures are videos of one frame; how pixels "
    "of 16 and 32 bits are read, and which are refused, stands in docs/data/video.md.",
    obtain="Yours, or any set of pictures that comes this way.",
    licence="yours",
    cite="yours",
    layout="""\
train/cat/0001.jpg …    or cat/0001.jpg where there are no splits: the split is called all then
val/cat/0002.jpg …""",
    sizes={},
    label=COLUMN,
)


def read(root: Path) -> Listing:
    """A split for each folder named like one, else ``all``; the label is ``folder``.

    Raises:
        MissingFilesError: when there is no picture.
        AnnotationError: when two class folders are one number.
    """
    Official("image_folder", root).check()
    found = find_files(root, STILLS, "a picture", OWN_FILES)
    if not any(found.splits.values()):
        moving = any(find_files(root, MOVING, "a video").splits.values())
        hint = "; there are videos, which video_folder reads" if moving else ""
        raise MissingFilesError(root, f"image_folder: no picture here, expected CLASS/NAME.jpg{hint}")
    classes = ordered((name for files in found.splits.values() for _, name in files if name), root)
    labels = {"": dict[str, str]()} | {name: {COLUMN: name} for name in classes}
    splits = {
        split: tuple(Example(p, labels[name]) for p, name in files) for split, files in found.splits.items() if files
    }
    return Listing(splits, {COLUMN: classes} if classes else {}, (), tuple(found.problems), found.unread)


IMAGE_FOLDER = DataSet("image_folder", CARD, read, generic=True)
