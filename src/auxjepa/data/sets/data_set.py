"""What a public data set is to us: a card, and a function that reads its official annotation files.

A reader looks at annotations only, never at the videos: :mod:`auxjepa.data.sets.prepare` scans those. Paths are
relative to the root that the user names; a line that can't be used becomes a :class:`Problem`, never a silent gap.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from auxjepa.data.errors import MissingFilesError
from auxjepa.data.manifest.walk import Unread
from auxjepa.data.media.open import MOVING, STILLS
from auxjepa.data.sets.annotations import decoded


@dataclass(frozen=True, slots=True)
class Example:
    """One example as an annotation file names it.

    Args:
        path: relative to the data set's root, with forward slashes; the file need not exist.
        labels: value by label column, as in ``Listing.classes``; columns may be missing.
        start, stop: seconds within the video, None for its ends.
        texts: captions or instructions.
    """

    path: str
    labels: Mapping[str, str]
    start: float | None = None
    stop: float | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of an annotation file that gives no example: ``where`` (file and line), ``what`` is wrong with it."""

    where: str
    what: str


class Once:
    """Examples of a list, each once.

    One that is listed twice in the same way counts once, with the texts of both. Where the two differ, neither can be
    trusted, and it is left out.

    Args:
        problems: where lines that are left out are noted.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._examples: dict[str, tuple[str, Example]] = {}
        self._contradicted: set[str] = set()

    def __len__(self) -> int:
        return len(self._examples) - len(self._contradicted)

    def __contains__(self, name: str) -> bool:
        return name in self._examples

    def add(self, name: str, where: str, example: Example, shown: str = "") -> None:
        """Add an example.

        Args:
            name: what it is known by.
            where: its line.
            shown: the name in messages.
        """
        if name not in self._examples:
            self._examples[name] = where, example
            return
        first, known = self._examples[name]
        what = f"{shown or name} is listed twice"
        texts = tuple(dict.fromkeys((*known.texts, *example.texts)))
        if replace(known, texts=texts) == replace(example, texts=texts):
            self._examples[name] = first, replace(known, texts=texts)
            self._problems.append(Problem(where, what))
            return
        differ = f"{what} with different content ({_differ(known, example)}): left out"
        if name not in self._contradicted:
            self._problems.append(Problem(first, differ))
        self._problems.append(Problem(where, differ))
        self._contradicted.add(name)

    def examples(self) -> tuple[Example, ...]:
        """The examples in the order written."""
        return tuple(example for _, example in self.listed().values())

    def listed(self) -> dict[str, tuple[str, Example]]:
        """The line and the example of each name, in the order written."""
        return {name: one for name, one in self._examples.items() if name not in self._contradicted}


def _differ(one: Example, other: Example) -> str:
    """What two examples of one name say differently."""
    for column in {**one.labels, **other.labels}:
        values = [example.labels.get(column, "none") for example in (one, other)]
        if values[0] != values[1]:
            return f"{column} {values[0]} and {values[1]}"
    if one.path != other.path:
        return f"{one.path} and {other.path}"
    return f"{one.start} … {one.stop} s and {other.start} … {other.stop} s"


@dataclass(frozen=True)
class Listing:
    """What a data set's annotation files say.

    Args:
        splits: examples by split, in the order written.
        classes: values of each label column in their official order; a label's number is its place there.
        annotations: files that were read.
        problems: lines that weren't usable.
        unread: other files of folders that are searched, by the reason.
        notes: how odd lines were read, a line each.
    """

    splits: dict[str, tuple[Example, ...]]
    classes: dict[str, tuple[str, ...]]
    annotations: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """What users need to know before they use a data set; rendered into its page of the docs.

    Args:
        title: full name.
        about: a sentence or two.
        obtain: where it is obtained, and how.
        licence: terms of use.
        cite: the paper.
        layout: the official layout as a tree, one line a file or folder, with what each archive is called.
        sizes: official number of examples by split.
        label: the column a probe reads by default.
        defects: known defects of the published data.
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
    """A data set that can be prepared.

    Args:
        name: its word on the command line.
        read: from the root folder to the listing; raises :class:`~auxjepa.data.errors.MissingFilesError` for missing
            official files and :class:`~auxjepa.data.errors.AnnotationError` for files that aren't what they should be.
        split: what is meant where none is named.
        generic: a format rather than one data set, so that what is prepared needs a name of its own.
    """

    name: str
    card: Card
    read: Callable[[Path], Listing]
    split: str = "train"
    generic: bool = False


@dataclass
class Official:
    """The official files of a data set below a root, so that all that are missing can be told at once.

    Args:
        name: of the data set.
        root: the folder that the user named.
    """

    name: str
    root: Path
    _missing: list[str] = field(default_factory=list)

    def file(self, *places: str, source: str) -> Path:
        """The first of several places, relative to the root, that holds a file.

        Args:
            source: what it comes in and where that is obtained, for people.
        """
        return self._first(places, source, Path.is_file)

    def folder(self, *places: str, source: str) -> Path:
        """The first of several places that is a folder (``.`` is the root itself)."""
        return self._first(places, source, Path.is_dir)

    def _first(self, places: tuple[str, ...], source: str, there: Callable[[Path], bool]) -> Path:
        for place in places:
            if there(self.root / place):
                return self.root / place
        also = f" (nor {', '.join(places[1:])})" if places[1:] else ""
        self._missing.append(f"{places[0]}{also}, from {source}")
        return self.root / places[0]

    def check(self) -> None:
        """Call after the last :meth:`file` and :meth:`folder`, before anything is opened.

        Raises:
            MissingFilesError: when something was missing; the message names everything.
        """
        if not self.root.is_dir():
            raise MissingFilesError(self.root, f"no such folder to look for {self.name} in")
        if self._missing:
            raise MissingFilesError(self.root, f"{self.name} isn't complete here. Missing: {'; '.join(self._missing)}")

    def relative(self, path: Path) -> str:
        """A path below the root as annotation files would write it."""
        return path.relative_to(self.root).as_posix()


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Lines of a text file that aren't blank, with ``file:number`` for messages; UTF-8 with or without a mark.

    Raises:
        AnnotationError: when the file isn't UTF-8 text.
    """
    for number, line in enumerate(decoded(path).splitlines(), start=1):
        if line.strip():
            yield f"{path.name}:{number}", line.strip()


def stems(root: Path, folder: Path, suffixes: Iterable[str] = MOVING | STILLS, official: str = "") -> dict[str, str]:
    """Media files directly in ``folder`` by their names without suffix, as paths relative to ``root``.

    For data sets whose annotations name no suffix, or that people keep re-encoded. Hidden files don't count. Of several
    files with one stem the one as published counts, else a video rather than a moving or still picture, else the first
    in alphabetic order.

    Args:
        official: the suffix as published, in small letters.
    """
    wanted, found = set(suffixes), {}
    below = "" if folder == root else folder.relative_to(root).as_posix() + "/"
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    ranked = sorted(names, key=lambda name: (rank(name, official), name), reverse=True)
    for name in ranked:
        stem, dot, suffix = name.rpartition(".")
        if dot and stem and suffix.lower() in wanted:
            found[stem] = below + name
    return found


def rank(name: str, official: str) -> int:
    """Which of several files with one stem is meant: the lowest. ``official`` is the suffix as published."""
    suffix = name.rpartition(".")[2].lower()
    if suffix == official:
        return 0
    return 2 if suffix in STILLS or suffix == "gif" else 1
