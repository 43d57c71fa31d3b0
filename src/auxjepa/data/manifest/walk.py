"""The files of a folder: each once, links followed, and everything that isn't read listed with the reason.

A folder or file that links reach counts once, under its own name where it lies in the folder itself, else under the
first link in alphabetic order. So a circle of links ends, and no file is counted twice.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table
from rich.text import Text

from auxjepa.console import printable
from auxjepa.data.media.kinds import why_unread

HIDDEN = "hidden (the name begins with a dot)"
DEAD = "a link that leads nowhere"
AROUND = "a link to a folder around this one"
TWICE = "read already under another name"
SHOWN, REASONS = 3, 4
"""Examples named of each reason, and reasons named in a line."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Files that aren't read for one reason.

    Args:
        reason: why.
        count: how many.
        paths: their names, relative to the folder; of shards the first few only.
    """

    reason: str
    count: int
    paths: tuple[str, ...]


@dataclass
class Walk:
    """What lies below a folder; names are relative to it, with forward slashes.

    Args:
        files: names of the wanted files, sorted.
        folders: names of the folders, sorted ("" is the root).
        reasons: why each other file isn't read, by name.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The files that aren't read, by reason."""
        return grouped(self.reasons)


def walk(root: Path, suffixes: Collection[str], kind: str, *, known: Collection[str] = ()) -> Walk:
    """Find the files below a folder whose names have one of the suffixes.

    Hidden files and folders aren't read. Links are followed wherever they lead. What has a wanted name counts as a file
    even where it is a dead link or no plain file: whoever reads it says so.

    Args:
        suffixes: in small letters, without the dot.
        kind: what such files are, as "a video".
        known: names of other files that are used, which aren't listed as unread.

    Raises:
        OSError: when the root itself can't be listed.
    """
    walker = _Walker(root, frozenset(suffixes), kind, frozenset(known))
    walker.run()
    walker.walk.files.sort()
    walker.walk.folders.sort()
    return walker.walk


def grouped(reasons: dict[str, str]) -> tuple[Unread, ...]:
    """Files by the reason for which they aren't read, the commonest reason first.

    Args:
        reasons: reason by name. What follows ``->`` in a reason belongs to one file only.
    """
    common = {name: reason.split(" -> ")[0] for name, reason in reasons.items()}
    counts = Counter(common.values())
    names: dict[str, list[str]] = {reason: [] for reason in counts}
    for name in sorted(reasons):
        target = reasons[name][len(common[name]) :]
        names[common[name]].append(name + target)
    ordered = sorted(counts, key=lambda reason: (-counts[reason], reason))
    return tuple(Unread(reason, counts[reason], tuple(names[reason])) for reason in ordered)


def is_plain(reason: str) -> bool:
    """Whether a file isn't read because of its name alone, as many are in any folder."""
    return reason == HIDDEN or reason.startswith("not ")


def unread_line(unread: Iterable[Unread]) -> str:
    """How many files aren't read and why, as one line; "" where there are none."""
    unread = tuple(unread)
    total, rest = (sum(one.count for one in some) for some in (unread, unread[REASONS:]))
    whys = [f"{one.count:,} {one.reason}, such as {printable(one.paths[0])}" for one in unread[:REASONS]]
    whys += [f"{rest:,} for other reasons"] if rest else []
    return f"{total:,} file{'s' * (total != 1)} not read: {'; '.join(whys)}" if total else ""


def unread_table(unread: Iterable[Unread], folder: Path) -> Table:
    """The files that aren't read, by reason, with the first names of each."""
    unread = tuple(unread)
    total = sum(one.count for one in unread)
    table = Table("not read because", "files", "names", title=f"{total:,} not read in {printable(str(folder))}")
    table.title_justify = "left"
    for one in unread:
        rest = one.count - min(SHOWN, len(one.paths))
        names = [printable(path) for path in one.paths[:SHOWN]] + ([f"and {rest:,} more"] if rest else [])
        table.add_row(Text(one.reason), f"{one.count:,}", Text("\n".join(names)))
    return table


class _Walker:
    def __init__(self, root: Path, suffixes: frozenset[str], kind: str, known: frozenset[str]) -> None:
        self.root, self.suffixes, self.kind, self.known = root, suffixes, kind, known
        self.walk = Walk()
        self.seen: dict[Path, str] = {}  # name by the path without any link; numbers of files aren't unique everywhere
        self.links: deque[str] = deque()
        self.around = set(root.resolve().parents)

    def run(self) -> None:
        """List the folder itself first and links after that, so that a file's own name comes before its links."""
        with os.scandir(self.root):  # the root must be there; folders below it are left out where they can't be listed
            pass
        self._folder("", self.root.resolve())
        while self.links:
            self._link(self.links.popleft())

    def _folder(self, top: str, real_top: Path) -> None:
        """List a folder and all below it but links, which are kept for later."""
        stack, links = [(top, real_top)], []
        while stack:
            name, real = stack.pop()
            if real in self.seen:
                self.walk.reasons[name] = f"{TWICE} -> {self.seen[real]}"
                continue
            try:
                with os.scandir(self.root / name) as found:
                    entries = sorted((e.name, e.is_symlink(), e.is_dir(follow_symlinks=False)) for e in found)
            except OSError as error:
                self.walk.reasons[name] = f"a folder that cannot be listed ({error.strerror})"
                continue
            self.seen[real] = name
            self.walk.folders.append(name)
            for own, is_link, is_folder in entries:
                path = f"{name}/{own}" if name else own
                if own.startswith("."):
                    self.walk.reasons[path] = HIDDEN
                elif is_link:
                    links.append(path)
                elif is_folder:
                    stack.append((path, real / own))
                else:
                    self._file(path, real / own)
        self.links.extend(sorted(links))

    def _link(self, name: str) -> None:
        try:
            real = (self.root / name).resolve(strict=True)
        except (OSError, RuntimeError):  # of a circle of links
            self._file(name, None)
            return
        if real in self.around:
            self.walk.reasons[name] = AROUND
        elif not real.is_dir():
            self._file(name, real)
        elif real in self.seen:
            self.walk.reasons[name] = f"{TWICE} -> {self.seen[real] or '.'}"
        else:
            self._folder(name, real)

    def _file(self, name: str, real: Path | None) -> None:
        """Take a file by its name; ``real`` is its path without any link, None where a link leads nowhere."""
        if Path(name).suffix[1:].lower() not in self.suffixes:
            if name not in self.known:
                self.walk.reasons[name] = why_unread(self.root / name, self.kind) if real else DEAD
        elif real is not None and real in self.seen:
            self.walk.reasons[name] = f"{TWICE} -> {self.seen[real]}"
        else:
            self.walk.files.append(name)
            if real is not None:
                self.seen[real] = name
