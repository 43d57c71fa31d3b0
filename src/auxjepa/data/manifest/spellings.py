"""Resolves the different spellings of a path in a list to a file of a folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from functools import cached_property
from pathlib import Path, PurePosixPath

from auxjepa.data.manifest.paths import unsafe


class Spellings:
    """Returns the file that a path in a list denotes.

    A path is used unchanged if there is such a file. Otherwise these are resolved: ``./a``, ``a//b`` and ``a/../b``,
    absolute paths below the folder, back-slashes, quotes and blanks around the path, the two ways to write letters with
    accents (NFC and NFD), and links. Capital and small letters are different names.

    Args:
        names: of the files, relative to the folder.
        folder: the root of the names.
    """

    def __init__(self, names: Collection[str], folder: Path) -> None:
        self.names, self.folder = names, folder

    def find(self, path: str) -> str | None:
        """Return the name of the file that a path denotes, or None."""
        if path in self.names:
            return path
        others = self.alternatives(path)
        for spelled in others:
            if spelled in self.names:
                return spelled
        for spelled in (path, *others):
            name = self._by_form.get(_form(spelled)) or self._by_target(spelled)
            if name:
                return name
        return None

    def alternatives(self, path: str) -> list[str]:
        """Return other spellings of a path, relative to the folder, the most similar one first."""
        bare = path.strip()
        if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
            bare = bare[1:-1]
        ways: dict[str, None] = {}
        for spelled in (path, bare, bare.replace("\\", "/")):
            ways[self._relative(spelled)] = None
        return [way for way in ways if way != path]

    def plain(self, path: str) -> str:
        """Return a path without detours such as ``./``."""
        return self._relative(path)

    def why_not(self, path: str) -> str:
        """Return the reason why :meth:`find` has no file for a path."""
        ways = [path, *self.alternatives(path)]
        wrong = [unsafe(way) for way in ways]
        if all(wrong):
            return f"its path {wrong[-1]}"
        existing = next(
            (way for way, why in zip(ways, wrong, strict=True) if not why and _exists(self.folder / way)), None
        )
        if existing is not None:
            hidden = any(part.startswith(".") for part in existing.split("/"))
            return "it isn't read: " + ("it is hidden" if hidden else "its name isn't a video's")
        near = self._by_case.get(ways[-1].casefold())
        return "there is no such file" + (f" (there is {near})" if near else "")

    def _relative(self, path: str) -> str:
        """Return a path without detours, relative to the folder if it is an absolute path below it."""
        if PurePosixPath(path).is_absolute():
            for top in (self.folder.absolute(), self.folder.resolve()):
                if PurePosixPath(path).is_relative_to(top):
                    path = PurePosixPath(path).relative_to(top).as_posix()
                    break
        return os.path.normpath(path) if path else path

    @cached_property
    def _by_form(self) -> dict[str, str]:
        """Names by their normal form. Names with the same form are ambiguous and are left out."""
        names: dict[str, str] = {}
        for name in self.names:
            names[_form(name)] = "" if _form(name) in names else name
        return {form: name for form, name in names.items() if name}

    @cached_property
    def _by_case(self) -> dict[str, str]:
        return {name.casefold(): name for name in self.names}

    @cached_property
    def _by_real(self) -> dict[Path, str]:
        return {(self.folder / name).resolve(): name for name in self.names}

    def _by_target(self, path: str) -> str | None:
        """Return the file that a link leads to."""
        if unsafe(path) or not _exists(self.folder / path):
            return None
        try:
            return self._by_real.get((self.folder / path).resolve())
        except (OSError, RuntimeError):
            return None


def _form(name: str) -> str:
    return "/".join(part.strip() for part in unicodedata.normalize("NFC", name).split("/"))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
