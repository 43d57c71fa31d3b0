"""Records of a public data set: its card, its reader, and the examples that the reader lists.

A reader looks at annotation files only and never at the videos. :mod:`auxjepa.data.sets.prepare` scans the videos.
Paths are relative to the root that the user names. An annotation line that gives no example becomes a
:class:`Problem`, so no line is left out silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from auxjepa.data.manifest.walk import Unread


@dataclass(frozen=True, slots=True)
class Example:
    """One example of an annotation file.

    Args:
        path: path relative to the data set's root, with forward slashes; the file may be missing.
        labels: value by label column, as in ``Listing.classes``; columns may be missing.
        start: first second within the video; None for the beginning of the video.
        stop: last second within the video; None for the end of the video.
        texts: captions or instructions.
    """

    path: str
    labels: Mapping[str, str]
    start: float | None = None
    stop: float | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of an annotation file that gives no example.

    Args:
        where: file and line.
        what: what is wrong with the line.
    """

    where: str
    what: str


@dataclass(frozen=True)
class Listing:
    """The content of a data set's annotation files.

    Args:
        splits: examples by split, in the order of the files.
        classes: values of each label column in their official order; the position of a value is its class number.
        annotations: annotation files that were read.
        problems: lines that give no example.
        unread: files that are not of the data set's kind, by reason; for data sets that are folders.
        notes: how unusual lines were read, one sentence each.
    """

    splits: dict[str, tuple[Example, ...]]
    classes: dict[str, tuple[str, ...]]
    annotations: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """Facts that users need before they use a data set. ``python -m docs.build sets`` makes a page of it.

    Args:
        title: full name.
        about: one or two sentences about the content.
        obtain: where and how users obtain it.
        licence: terms of use.
        cite: the paper.
        layout: official layout as a tree, one line a file or folder, with the name of each archive.
        sizes: official number of examples by split.
        label: label column that a probe reads by default; None without labels.
        defects: defects of the published data, one text each.
    """

    title: str
    about: str
    obtain: str
    licence: str
    cite: str
    layout: str
    sizes: Mapping[str, int]
    label: str | None
    defects: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """A data set, or a format for your own data, that can be prepared.

    Args:
        name: name on the command line.
        card: facts for users.
        read: function from the root folder to the listing. It raises :class:`~auxjepa.data.errors.MissingFilesError`
            if official files are missing and :class:`~auxjepa.data.errors.AnnotationError` if a file has another
            format.
        split: default split.
        generic: whether it is a format and not one data set; users then choose the name of the prepared set.
    """

    name: str
    card: Card
    read: Callable[[Path], Listing]
    split: str = "train"
    generic: bool = False
