"""Loading: from examples or cached clips to the batches of a run, in worker processes.

Everything here draws, reads and augments clips. Which examples exist belongs to :mod:`auxjepa.data.manifest`, the
storage of decoded clips to :mod:`auxjepa.data.cache`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.data.loading.augment import Augment, normalise
    from auxjepa.data.loading.draw import Draw
    from auxjepa.data.loading.feed import Feed, Source, array_feed
    from auxjepa.data.loading.frame_lists import FrameLists, index_files
    from auxjepa.data.loading.loader import Batch, Loader, LoaderError
    from auxjepa.data.loading.mixture import Mixture, Part
    from auxjepa.data.loading.reader import ArrayReader, ClipReader, Failure, Reader

__all__ = [
    "ArrayReader",
    "Augment",
    "Batch",
    "ClipReader",
    "Draw",
    "Failure",
    "Feed",
    "FrameLists",
    "Loader",
    "LoaderError",
    "Mixture",
    "Part",
    "Reader",
    "Source",
    "array_feed",
    "index_files",
    "normalise",
]

_MODULES = {
    "auxjepa.data.loading.augment": ("Augment", "normalise"),
    "auxjepa.data.loading.draw": ("Draw",),
    "auxjepa.data.loading.feed": ("Feed", "Source", "array_feed"),
    "auxjepa.data.loading.frame_lists": ("FrameLists", "index_files"),
    "auxjepa.data.loading.loader": ("Batch", "Loader", "LoaderError"),
    "auxjepa.data.loading.mixture": ("Mixture", "Part"),
    "auxjepa.data.loading.reader": ("ArrayReader", "ClipReader", "Failure", "Reader"),
}
"""Module: its public names. They are imported on first use, because worker processes need no torch."""

__getattr__ = import_on_use(__name__, _MODULES)
