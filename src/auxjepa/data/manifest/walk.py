"""Lists the files of a folder. Each file is listed once, links are followed, and every file that isn't read has a
reason.

If links lead to a folder or file, it counts once: under its own path if that is inside the root, else under the first
link in alphabetic order. So a circle of links ends, and no file is counted twice.
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
BROKEN_LINK = "a link that leads nowhere"
LINK_TO_PARENT = "a link to a folder around this one"
DUPLICATE = "read already under another name"
SHOWN, REASONS = 3, 4
"""Number of examples of each reason, and of reasons in a line."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Files that aren't read for one reason.

    Args:
        reason: why they aren't read.
        count: how many they are.
        paths: their names, relative to the folder; of shards only the first few.
    """

    reason: str
    count: int
    paths: tuple[str, ...]


@dataclass
class Walk:
    """The content of a folder. Names are relative to it, with forward slashes.

    Args:
        files: names of the files to read, sorted.
        folders: names of the folders, sorted ("" is the root).
        reasons: why each other file isn't read, by name.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The files that aren't read, by reason."""
        return group_by_reason(self.reasons)


def walk(root: Path, suffixes: Collection[str], kind: str, *, known: Collection[str] = ()) -> Walk:
    """List the files below a folder whose names have one of the suffixes.

    Hidden files and folders aren't read. Links are followed even if they leave the root. A file with such a suffix is
    listed even if it is a broken link or no regular file; reading it raises the error.

    Args:
        root: the folder.
        suffixes: in small letters, without the dot.
        kind: description of such a file, as "a video".
        known: names of other files that are used. They aren't listed as unread.

    Raises:
        OSError: when the root itself can't be listed.
    """
    walker = _Walker(root, frozenset(suffixes), kind, frozenset(known))
    walker.run()
    walker.walk.files.sort()
    walker.walk.folders.sort()
    return walker.walk


def group_by_reason(reasons: dict[str, str]) -> tuple[Unread, ...]:
    """Return files by the reason for which they aren't read, the most frequent reason first.

    Args:
        reasons: reason by name. Text after ``->`` in a reason is about one file only.
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
    """Check whether a file isn't read because of its name alone. Most folders hold such files."""
    return reason == HIDDEN or reason.startswith("not ")


def unread_line(unread: Iterable[Unread]) -> str:
    """Return one line with the number of files that aren't read and the reasons; "" if there are none."""
    unread = tuple(unread)
    total, remaining = (sum(each.count for each in part) for part in (unread, unread[REASONS:]))
    whys = [f"{each.count:,} {each.reason}, such as {printable(each.paths[0])}" for each in unread[:REASONS]]
    whys += [f"{remaining:,} for other reasons"] if remaining else []
    return f"{total:,} file{'s' * (total != 1)} not read: {'; '.join(whys)}" if total else ""


def unread_table(unread: Iterable[Unread], folder: Path) -> Table:
    """Return a table of the files that aren't read, by reason, with the first names of each."""
    unread = tuple(unread)
    total = sum(each.count for each in unread)
    table = Table("not read because", "files", "names", title=f"{total:,} not read in {printable(str(folder))}")
    table.title_justify = "left"
    for each in unread:
        more = each.count - min(SHOWN, len(each.paths))
        names = [printable(path) for path in each.paths[:SHOWN]] + ([f"and {more:,} more"] if more else [])
        table.add_row(Text(each.reason), f"{each.count:,}", Text("\n".join(names)))
    return table


class _Walker:
    def __init__(self, root: Path, suffixes: frozenset[str], kind: str, known: frozenset[str]) -> None:
        self.root, self.suffixes, self.kind, self.known = root, suffixes, kind, known
        self.walk = Walk()
        self.seen: dict[Path, str] = {}  # name by path without links, because inode numbers aren't unique everywhere
        self.links: deque[str] = deque()
        self.around = set(root.resolve().parents)

    def run(self) -> None:
        """List the folder itself first and links after that, so that a file's own name comes before its links."""
        with os.scandir(self.root):  # an error for the root is raised; subfolders that can't be listed are left out
            pass
        self._folder("", self.root.resolve())
        while self.links:
            self._link(self.links.popleft())

    def _folder(self, top: str, real_top: Path) -> None:
        """List a folder and its subfolders. Links are collected for later."""
        stack, links = [(top, real_top)], []
        while stack:
            name, real = stack.pop()
            if real in self.seen:
                self.walk.reasons[name] = f"{DUPLICATE} -> {self.seen[real]}"
                continue
            try:
                with os.scandir(self.root / name) as listing:
                    entries = sorted((e.name, e.is_symlink(), e.is_dir(follow_symlinks=False)) for e in listing)
            except OSError as error:
                self.walk.reasons[name] = f"a folder that cannot be listed ({error.strerror})"
                continue
            self.seen[real] = name
            self.walk.folders.append(name)
            for base, is_link, is_folder in entries:
                path = f"{name}/{base}" if name else base
                if base.startswith("."):
                    self.walk.reasons[path] = HIDDEN
                elif is_link:
                    links.append(path)
                elif is_folder:
                    stack.append((path, real / base))
                else:
                    self._file(path, real / base)
        self.links.extend(sorted(links))

    def _link(self, name: str) -> None:
        try:
            real = (self.root / name).resolve(strict=True)
        except (OSError, RuntimeError):  # raised for a circle of links
            self._file(name, None)
            return
        if real in self.around:
            self.walk.reasons[name] = LINK_TO_PARENT
        elif not real.is_dir():
            self._file(name, real)
        elif real in self.seen:
            self.walk.reasons[name] = f"{DUPLICATE} -> {self.seen[real] or '.'}"
        else:
            self._folder(name, real)

    def _file(self, name: str, real: Path | None) -> None:
        """Add a file, or the reason why it isn't read.

        Args:
            name: relative to the root.
            real: path without any link; None for a broken link.
        """
        if Path(name).suffix[1:].lower() not in self.suffixes:
            if name not in self.known:
                self.walk.reasons[name] = why_unread(self.root / name, self.kind) if real else BROKEN_LINK
        elif real is not None and real in self.seen:
            self.walk.reasons[name] = f"{DUPLICATE} -> {self.seen[real]}"
        else:
            self.walk.files.append(name)
            if real is not None:
                self.seen[real] = name
