"""Find the official files and the media files of a data set below its root."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from auxjepa.data.errors import MissingFilesError
from auxjepa.data.media.open import MOVING, STILLS


@dataclass
class OfficialFiles:
    """The official files of a data set. All missing files are reported in one error.

    Args:
        name: name of the data set.
        root: folder that the user named.
    """

    name: str
    root: Path
    _missing: list[str] = field(default_factory=list)

    def file(self, *places: str, source: str) -> Path:
        """Return the first of several places that is a file; note it as missing if there is none.

        Args:
            places: paths relative to the root.
            source: name of the archive and where users obtain it, for the message.
        """
        return self._first(places, source, Path.is_file)

    def folder(self, *places: str, source: str) -> Path:
        """Return the first of several places that is a folder; note it as missing if there is none.

        Args:
            places: paths relative to the root; ``.`` is the root.
            source: name of the archive and where users obtain it, for the message.
        """
        return self._first(places, source, Path.is_dir)

    def _first(self, places: tuple[str, ...], source: str, exists: Callable[[Path], bool]) -> Path:
        for place in places:
            if exists(self.root / place):
                return self.root / place
        alternatives = f" (or {', '.join(places[1:])})" if places[1:] else ""
        self._missing.append(f"{places[0]}{alternatives}, from {source}")
        return self.root / places[0]

    def check(self) -> None:
        """Check that all files exist. Call it after the last :meth:`file` and :meth:`folder`, before opening a file.

        Raises:
            MissingFilesError: if something is missing; the message names everything that is missing.
        """
        if not self.root.is_dir():
            raise MissingFilesError(self.root, f"no such folder: {self.name} can't be read from it")
        if self._missing:
            raise MissingFilesError(self.root, f"{self.name} isn't complete here. Missing: {'; '.join(self._missing)}")

    def relative(self, path: Path) -> str:
        """Return a path below the root as annotation files write it: relative, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def find_media(
    root: Path, folder: Path, suffixes: Iterable[str] = MOVING | STILLS, official: str = ""
) -> dict[str, str]:
    """Return the media files directly in a folder by their names without suffix, as paths relative to ``root``.

    This is for data sets whose annotations name no suffix, or whose files people re-encode. Hidden files don't count.
    If several files have one stem, the file with the official suffix is used. If there is none, a video is used rather
    than a picture. Files of the same rank are used in alphabetical order.

    Args:
        root: root of the data set.
        folder: the root or a folder below it.
        suffixes: suffixes of the files, in small letters, without a dot.
        official: suffix of the published files, in small letters, without a dot.
    """
    allowed, media = set(suffixes), dict[str, str]()
    below = "" if folder == root else folder.relative_to(root).as_posix() + "/"
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    # Later entries replace earlier ones, so the best file comes last.
    for name in sorted(names, key=lambda name: (rank_suffix(name, official), name), reverse=True):
        stem, dot, suffix = name.rpartition(".")
        if dot and stem and suffix.lower() in allowed:
            media[stem] = below + name
    return media


def rank_suffix(name: str, official: str) -> int:
    """Return the rank of a file among files of one stem; the file with the lowest rank is used.

    Args:
        name: file name.
        official: suffix of the published files, in small letters, without a dot.
    """
    suffix = name.rpartition(".")[2].lower()
    if suffix == official:
        return 0
    return 2 if suffix in STILLS or suffix == "gif" else 1
