"""Files to documents: every one is read within limits, or refused with a line that says why."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

from auxjepa.config import Typed
from auxjepa_review.reading import front
from auxjepa_review.reading.formats import ENDINGS, Raw, markdown, sniff, text
from auxjepa_review.reading.limits import Limits, UnreadableError, confined
from auxjepa_review.reading.mend import Lexicon, clean, mend
from auxjepa_review.reading.rows import claim_rows
from auxjepa_review.records import Document, Work

LIMITS = Limits()
HEAD = 4096
"""Bytes by which a file is told."""
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,100};base64,[A-Za-z0-9+/=]*+")
"""Pictures within a text."""


class Refused(Typed):
    """A file that isn't in the corpus."""

    path: Path
    reason: str


class Corpus(Typed):
    """Documents in the order of their paths."""

    documents: tuple[Document, ...] = ()
    refused: tuple[Refused, ...] = ()

    def document(self, name: str) -> Document:
        """The document of an id.

        Raises:
            KeyError: for an id that isn't in the corpus.
        """
        return {one.id: one for one in self.documents}[name]


def read_corpus(
    paths: Sequence[Path], *, limits: Limits = LIMITS, progress: Callable[[int, int, Path], None] | None = None
) -> Corpus:
    """Documents of folders (with those below them) and single files: PDF, HTML, Markdown and text, told by content.

    Words are mended by the words of the whole corpus, so the same file may come out better in better company. In a
    folder, files of other endings are passed over; hidden ones too. Nothing in a file is run, loaded or unpacked.

    Args:
        progress: called before each file with how many are done, how many there are, and its path.
    """
    files, refused = _found(paths, limits)
    read: list[tuple[Path, Raw]] = []
    seen: dict[str, Path] = {}
    for number, path in enumerate(files):
        if progress:
            progress(number, len(files), path)
        try:
            digest, raw = _read(path, limits)
            if digest in seen:
                raise UnreadableError(f"the same bytes as {seen[digest]}")
            seen[digest] = path
            read.append((path, raw))
        except UnreadableError as error:
            refused.append(Refused(path=path, reason=str(error)))
    words = Lexicon(page for _, raw in read for page in raw.pages)
    names = _names([path for path, _ in read])
    documents = tuple(_document(name, path, raw, words) for name, (path, raw) in zip(names, read, strict=True))
    told = (Refused(path=_readable(one.path), reason=one.reason) for one in refused)
    return Corpus(documents=documents, refused=tuple(sorted(told, key=lambda one: str(one.path))))


def read_file(path: Path, name: str, work: Work, *, limits: Limits = LIMITS) -> Document:
    """One file, such as a download, as the document ``name`` of a work that is known already.

    Raises:
        UnreadableError: why it can't be used.
    """
    _, raw = _read(path, limits)
    return _document(name, path, raw, Lexicon(raw.pages), work)


def _document(name: str, path: Path, raw: Raw, words: Lexicon, work: Work | None = None) -> Document:
    pages = mend(raw.pages, words)
    work = work or front.work_of(path, raw, pages)
    rows = claim_rows(name, pages)
    return Document(id=name, work=work, pages=pages, rows=rows, references=front.cited(pages, raw.links, work))


def _read(path: Path, limits: Limits) -> tuple[str, Raw]:
    """A file's digest, and its pages cleaned."""
    try:
        data = _bytes(path, limits)
    except OSError as error:
        raise UnreadableError(f"can't be read: {error.strerror or error}") from None
    if not data:
        raise UnreadableError("empty")
    try:
        kind = sniff(data[:HEAD], path.suffix)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    raw = (
        Raw(**confined(path, kind, limits))
        if kind in ("pdf", "html")
        else (markdown if kind == "markdown" else text).read(data)
    )
    length = sum(map(len, raw.pages))
    if len(raw.pages) > limits.pages or length > limits.characters:
        raise UnreadableError(
            f"{len(raw.pages)} pages, {length} characters: at most {limits.pages} and {limits.characters} are read"
        )
    raw.pages = [_EMBEDDED.sub("", page) for page in raw.pages]
    longest = max(
        len(word) for page in (*raw.pages, raw.title, raw.date, *raw.authors) for word in (page.split() or [""])
    )
    if longest > limits.run:
        raise UnreadableError(f"{longest:,} characters without a blank among them: at most {limits.run:,} are read")
    raw.pages = [clean(page) for page in raw.pages]
    for name in ("title", "date", "doi", "arxiv"):
        setattr(raw, name, clean(getattr(raw, name)))
    raw.authors = [clean(one) for one in raw.authors]
    if not any(page.strip() for page in raw.pages):
        raise UnreadableError("no text in it")
    return hashlib.sha256(data).hexdigest(), raw


def _bytes(path: Path, limits: Limits) -> bytes:
    """A regular file's content; never waits on a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError("no regular file")
        if about.st_size > limits.bytes:
            raise UnreadableError(f"{about.st_size} bytes, at most {limits.bytes} are read")
        return file.read(limits.bytes)


def _found(paths: Sequence[Path], limits: Limits) -> tuple[list[Path], list[Refused]]:
    """Files in the order of their paths, each once; folders that can't be read, and what lies too deep."""
    refused: list[Refused] = []
    files: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            refused.append(Refused(path=path, reason="no such file or folder"))
            continue
        for file in _below(path, limits, refused) if path.is_dir() else [path]:
            if len(files) >= limits.files:
                refused.append(Refused(path=path, reason=f"holds more than {limits.files} files, the rest isn't read"))
                break
            if _readable(file) != file:
                refused.append(Refused(path=file, reason="its name has control characters or isn't UTF-8: rename it"))
                continue
            files.setdefault(os.path.realpath(file), file)
    return sorted(files.values(), key=str), refused


def _below(folder: Path, limits: Limits, refused: list[Refused]) -> Iterator[Path]:
    """Documents below a folder. Links to folders aren't followed, nor links that lead out of it."""

    def unreadable(error: OSError) -> None:
        refused.append(Refused(path=Path(cast(str, error.filename)), reason=f"can't be read: {error.strerror}"))

    root = folder.resolve()
    for place, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (here / name).is_symlink())
        if folders and len(here.relative_to(folder).parts) >= limits.depth:
            refused.append(Refused(path=here, reason=f"folders more than {limits.depth} deep aren't read"))
            folders.clear()
        for name in sorted(names):
            file = here / name
            if name.startswith(".") or file.suffix.lower() not in ENDINGS:
                continue
            if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(root):
                refused.append(Refused(path=file, reason="a link that leads out of the folder"))
                continue
            yield file


def _readable(path: Path) -> Path:
    """A path with question marks where it has control characters, or bytes that are no UTF-8."""
    return Path("".join("?" if unicodedata.category(c) in ("Cc", "Cs") else c for c in str(path)))


def _names(paths: Sequence[Path]) -> list[str]:
    """Ids: names without ending; where two are alike, with it; where these are alike, with the folder."""
    for name in (lambda p: p.stem, lambda p: p.name, lambda p: f"{p.parent.name}/{p.name}", str):
        names = [name(path) for path in paths]
        twice = {one for one, count in Counter(names).items() if count > 1}
        if not twice:
            return names
    return [f"{number}-{path.name}" for number, path in enumerate(paths, 1)]
