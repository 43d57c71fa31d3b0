"""Read files into documents. Every file is read within limits, or refused with a line that gives the reason."""

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
from auxjepa_review.reading.limits import Limits, UnreadableError, read_confined
from auxjepa_review.reading.repair import Lexicon, clean, repair
from auxjepa_review.reading.rows import read_claim_rows
from auxjepa_review.records import Document, Work

DEFAULT_LIMITS = Limits()
HEAD_BYTES = 4096
"""Bytes at the start of a file that determine its format."""
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,100};base64,[A-Za-z0-9+/=]*+")
"""Pictures that are embedded in a text."""


class RefusedFile(Typed):
    """A file that is not in the corpus, and the reason."""

    path: Path
    reason: str


class Corpus(Typed):
    """Documents in the order of their paths, and the refused files."""

    documents: tuple[Document, ...] = ()
    refused: tuple[RefusedFile, ...] = ()

    def document(self, name: str) -> Document:
        """Return the document with an id.

        Raises:
            KeyError: the corpus has no document with this id.
        """
        return {document.id: document for document in self.documents}[name]


def read_corpus(
    paths: Sequence[Path], *, limits: Limits = DEFAULT_LIMITS, progress: Callable[[int, int, Path], None] | None = None
) -> Corpus:
    """Read the documents of folders, including their subfolders, and single files: PDF, HTML, Markdown and text.

    The content determines the format. Damaged words are repaired with the words of the whole corpus, so the result for
    a file can depend on the other files. In a folder, hidden files and files with other endings are skipped. Nothing in
    a file is run, loaded or unpacked.

    Args:
        paths: folders and files.
        limits: bounds of each file and of the corpus.
        progress: function that is called before each file with the number of files read, the total, and the path.
    """
    files, refused = _list_files(paths, limits)
    read: list[tuple[Path, Raw]] = []
    path_by_digest: dict[str, Path] = {}
    for number, path in enumerate(files):
        if progress:
            progress(number, len(files), path)
        try:
            digest, raw = _read(path, limits)
            if digest in path_by_digest:
                raise UnreadableError(f"the same bytes as {path_by_digest[digest]}")
            path_by_digest[digest] = path
            read.append((path, raw))
        except UnreadableError as error:
            refused.append(RefusedFile(path=path, reason=str(error)))
    words = Lexicon(page for _, raw in read for page in raw.pages)
    names = _unique_ids([path for path, _ in read])
    documents = tuple(_make_document(name, path, raw, words) for name, (path, raw) in zip(names, read, strict=True))
    refusals = (RefusedFile(path=_printable(refusal.path), reason=refusal.reason) for refusal in refused)
    return Corpus(documents=documents, refused=tuple(sorted(refusals, key=lambda refusal: str(refusal.path))))


def read_file(path: Path, name: str, work: Work, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read one file, such as a download, as the document of a work whose record is already available.

    Args:
        path: the file.
        name: id of the document.
        work: record of the work.
        limits: bounds of the file.

    Raises:
        UnreadableError: the file cannot be used; the message gives the reason.
    """
    _, raw = _read(path, limits)
    return _make_document(name, path, raw, Lexicon(raw.pages), work)


def _make_document(name: str, path: Path, raw: Raw, words: Lexicon, work: Work | None = None) -> Document:
    pages = repair(raw.pages, words)
    work = work or front.read_work(path, raw, pages)
    rows = read_claim_rows(name, pages)
    return Document(id=name, work=work, pages=pages, rows=rows, references=front.cited_works(pages, raw.links, work))


def _read(path: Path, limits: Limits) -> tuple[str, Raw]:
    """Return the digest of a file, and its content with clean pages."""
    try:
        data = _read_bytes(path, limits)
    except OSError as error:
        raise UnreadableError(f"can't be read: {error.strerror or error}") from None
    if not data:
        raise UnreadableError("empty")
    try:
        kind = sniff(data[:HEAD_BYTES], path.suffix)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    raw = (
        Raw(**read_confined(path, kind, limits))
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
    raw.authors = [clean(author) for author in raw.authors]
    if not any(page.strip() for page in raw.pages):
        raise UnreadableError("no text in it")
    return hashlib.sha256(data).hexdigest(), raw


def _read_bytes(path: Path, limits: Limits) -> bytes:
    """Return the content of a regular file. The function never waits for a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError("no regular file")
        if about.st_size > limits.bytes:
            raise UnreadableError(f"{about.st_size} bytes, at most {limits.bytes} are read")
        return file.read(limits.bytes)


def _list_files(paths: Sequence[Path], limits: Limits) -> tuple[list[Path], list[RefusedFile]]:
    """Return the files in the order of their paths, each once, and the refused paths."""
    refused: list[RefusedFile] = []
    files: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            refused.append(RefusedFile(path=path, reason="no such file or folder"))
            continue
        for file in _walk(path, limits, refused) if path.is_dir() else [path]:
            if len(files) >= limits.files:
                refused.append(
                    RefusedFile(path=path, reason=f"holds more than {limits.files} files, the rest isn't read")
                )
                break
            if _printable(file) != file:
                refused.append(
                    RefusedFile(path=file, reason="its name has control characters or isn't UTF-8: rename it")
                )
                continue
            files.setdefault(os.path.realpath(file), file)
    return sorted(files.values(), key=str), refused


def _walk(folder: Path, limits: Limits, refused: list[RefusedFile]) -> Iterator[Path]:
    """Yield the documents in a folder. Links to folders, and links that lead out of the folder, are not followed."""

    def refuse(error: OSError) -> None:
        refused.append(RefusedFile(path=Path(cast(str, error.filename)), reason=f"can't be read: {error.strerror}"))

    root = folder.resolve()
    for place, folders, names in os.walk(folder, onerror=refuse):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (here / name).is_symlink())
        if folders and len(here.relative_to(folder).parts) >= limits.depth:
            refused.append(RefusedFile(path=here, reason=f"folders more than {limits.depth} deep aren't read"))
            folders.clear()
        for name in sorted(names):
            file = here / name
            if name.startswith(".") or file.suffix.lower() not in ENDINGS:
                continue
            if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(root):
                refused.append(RefusedFile(path=file, reason="a link that leads out of the folder"))
                continue
            yield file


def _printable(path: Path) -> Path:
    """Return a path with question marks in place of control characters and of bytes that are not UTF-8."""
    return Path("".join("?" if unicodedata.category(c) in ("Cc", "Cs") else c for c in str(path)))


def _unique_ids(paths: Sequence[Path]) -> list[str]:
    """Return unique ids: names without ending, or with ending or folder if the shorter names are not unique."""
    for name in (lambda p: p.stem, lambda p: p.name, lambda p: f"{p.parent.name}/{p.name}", str):
        names = [name(path) for path in paths]
        repeated = {name for name, count in Counter(names).items() if count > 1}
        if not repeated:
            return names
    return [f"{number}-{path.name}" for number, path in enumerate(paths, 1)]
