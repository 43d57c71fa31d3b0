"""Manifests: from a folder of videos, a list or a set to examples with labels, cuts and splits.

Everything here names, scans, labels and divides examples without keeping a pixel. Decoding belongs to
:mod:`auxjepa.data.media`, public data sets to :mod:`auxjepa.data.sets`, tar files to :mod:`auxjepa.data.shards`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.data.manifest.cut import Cut
    from auxjepa.data.manifest.entry import Entry
    from auxjepa.data.manifest.labels import LabelTable, read_labels
    from auxjepa.data.manifest.manifest import Manifest, load, manifest_file, open_source, print_omissions
    from auxjepa.data.manifest.order import hash_ranks
    from auxjepa.data.manifest.padding import Padding, padding_of
    from auxjepa.data.manifest.paths import inside
    from auxjepa.data.manifest.scan import Scanned, read_scanned, scan_files
    from auxjepa.data.manifest.spellings import Spellings

__all__ = [
    "Cut",
    "Entry",
    "LabelTable",
    "Manifest",
    "Padding",
    "Scanned",
    "Spellings",
    "hash_ranks",
    "inside",
    "load",
    "manifest_file",
    "open_source",
    "padding_of",
    "print_omissions",
    "read_labels",
    "read_scanned",
    "scan_files",
]

_MODULES = {
    "auxjepa.data.manifest.cut": ("Cut",),
    "auxjepa.data.manifest.entry": ("Entry",),
    "auxjepa.data.manifest.labels": ("LabelTable", "read_labels"),
    "auxjepa.data.manifest.manifest": ("Manifest", "load", "manifest_file", "open_source", "print_omissions"),
    "auxjepa.data.manifest.order": ("hash_ranks",),
    "auxjepa.data.manifest.padding": ("Padding", "padding_of"),
    "auxjepa.data.manifest.paths": ("inside",),
    "auxjepa.data.manifest.scan": ("Scanned", "read_scanned", "scan_files"),
    "auxjepa.data.manifest.spellings": ("Spellings",),
}
"""Module: its public names. They are imported on first use, because PyAV and Pillow take long to import."""

__getattr__ = import_on_use(__name__, _MODULES)
