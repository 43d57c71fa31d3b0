"""What is in a shard: one pass over its headers, kept in a file, so that no sample is looked for again.

Of a sample (:mod:`auxjepa.data.shards.samples`) the video or picture is read; ``cls`` is a label, ``txt`` a caption,
``json`` holds more of both.

Source: https://github.com/webdataset/webdataset, "The WebDataset Format".
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt64
from rich.console import Console

from auxjepa.data.shards.errors import NoRangesError
from auxjepa.data.shards.headers import Blocks, Member, members
from auxjepa.data.shards.samples import TEXTS, Leftovers, find_samples
from auxjepa.data.shards.storage import WHOLE, Shard, download
from auxjepa.data.shards.strings import Strings
from auxjepa.data.shards.urls import is_local, shown
from auxjepa.files import write_bytes
from auxjepa.processes.lock import locked

VERSION = 2
_LONGEST_TEXT = 1 << 20
_BLOCK, _REMOTE_BLOCK = 64 << 10, 256 << 10


@dataclass(frozen=True)
class Index:
    """The samples of a shard.

    Args:
        id: of the shard.
        names: of the member that holds the video or picture.
        offset, bytes: where it lies.
        hashes: of the names, 8 bytes each.
        texts: contents of the ``cls``, ``txt`` and ``json`` members, empty where there is none.
        defects: member (or "" for the shard) and what is wrong; they are left out.
        unread: number and first name of the members that aren't read, by reason.
    """

    id: str
    names: Strings
    offset: Int64[np.ndarray, " n"]
    bytes: Int64[np.ndarray, " n"]
    hashes: UInt64[np.ndarray, " n"]
    texts: dict[str, Strings]
    defects: list[tuple[str, str]]
    unread: dict[str, tuple[int, str]]

    def __len__(self) -> int:
        return len(self.offset)

    def row(self, name: str) -> int:
        """The row of a member, or -1."""
        for row in np.flatnonzero(self.hashes == name_hash(name)).tolist():
            if self.names[row] == name:
                return row
        return -1


def name_hash(name: str) -> np.uint64:
    """A hash of 8 bytes."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()))


def open_index(shard: Shard, root: Path, *, limit: int = WHOLE, progress: bool = True) -> tuple[Shard, Index]:
    """The index of a shard, made where there is none of this very archive; the shard comes with its local copy, if any.

    Args:
        root: folder of all that is kept about shards.
        limit: bytes of a shard that is downloaded whole.

    Raises:
        ShardError: when the shard can't be read, is too large to be downloaded, or isn't a tar archive.
    """
    file = index_file(shard, root)
    copy = root / "whole" / f"{shard.place}-{shard.id}.tar"
    shard = replace(shard, copy=copy) if copy.exists() and not is_local(shard.url) else shard
    known = load_index(file)
    if known is not None and known.id == shard.id:
        return shard, known
    if file.exists():
        why = "it has changed" if known is not None else _why_unusable(file)
        _say(f"{shown(shard.url)}: {why}, indexed anew", progress)
    try:
        if shard.bytes < 0 and shard.copy is None:
            raise NoRangesError(shown(shard.url), "the server doesn't say how long the file is")
        index = build_index(shard)
    except NoRangesError as error:
        _download(shard, copy, limit, f"{error}: all of it is downloaded to {copy}", progress)
        shard = replace(shard, copy=copy)
        index = build_index(shard)
    _save(file, index)
    return shard, index


def _download(shard: Shard, copy: Path, limit: int, words: str, progress: bool) -> None:
    """Download a shard, one process at a time, in place of older copies and of what killed processes have left."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    locks = copy.parent.parent / "locks"
    locks.mkdir(exist_ok=True)
    with locked(locks / f"{shard.place}.lock", "downloads this shard", progress=progress):
        if copy.exists():
            return
        _say(words, progress)
        for pattern in (f"{shard.place}-*.tar", f".{shard.place}-*.partial"):
            for old in copy.parent.glob(pattern):
                old.unlink(missing_ok=True)
        download(shard, copy, limit)


def index_file(shard: Shard, root: Path) -> Path:
    """Where the index of a shard is kept."""
    return root / "index" / f"{shard.place}.npz"


def build_index(shard: Shard) -> Index:
    """Read a shard's headers, labels and captions.

    Raises:
        ShardError: when the shard can't be read.
    """
    here = shard.copy is not None or is_local(shard.url)
    size = shard.copy.stat().st_size if shard.copy is not None else shard.bytes
    blocks = Blocks(shard.read, size, _BLOCK if here else _REMOTE_BLOCK)
    leftovers = Leftovers()
    samples = list(find_samples(members(blocks), partial(_content, blocks), leftovers))
    return Index(
        shard.id,
        Strings.of([sample.media.name for sample in samples]),
        np.array([sample.media.offset for sample in samples], np.int64),
        np.array([sample.media.bytes for sample in samples], np.int64),
        np.array([name_hash(sample.media.name) for sample in samples], np.uint64),
        {kind: Strings.of([sample.texts.get(kind, "") for sample in samples]) for kind in TEXTS},
        leftovers.defects,
        leftovers.unread,
    )


def _content(blocks: Blocks, member: Member, kind: str) -> str:
    if member.bytes > _LONGEST_TEXT:
        raise ValueError(f"{member.bytes:,} bytes are too many for a {kind}")
    try:
        text = blocks.get(member.offset, member.bytes).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("isn't UTF-8") from None
    if kind == "json":
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("isn't JSON") from None
        if not isinstance(content, dict):
            raise ValueError("isn't a JSON object")
    return text


def _save(file: Path, index: Index) -> None:
    header = {"version": VERSION, "id": index.id, "defects": index.defects, "unread": index.unread}
    arrays: dict[str, Any] = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {"offset": index.offset, "bytes": index.bytes, "hashes": index.hashes}
    for name, column in {"names": index.names, **index.texts}.items():
        arrays |= {f"{name}.data": column.data, f"{name}.ends": column.ends}
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_bytes(file, content.getvalue())


def load_index(file: Path) -> Index | None:
    """An index from its file; None where there is none, or it's damaged (the zip's own checksums tell)."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            if header["version"] != VERSION:
                return None
            columns = {n: Strings(stored[f"{n}.data"], stored[f"{n}.ends"]) for n in ("names", *TEXTS)}
            names, defects = columns.pop("names"), [(name, why) for name, why in header["defects"]]
            unread = {reason: (int(count), first) for reason, (count, first) in header["unread"].items()}
            where = (stored["offset"], stored["bytes"], stored["hashes"])
            return Index(header["id"], names, *where, columns, defects, unread)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _why_unusable(file: Path) -> str:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            older = json.loads(stored["header"].tobytes())["version"] != VERSION
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        older = False
    return "its index is of another version" if older else "its index is damaged"


def _say(words: str, progress: bool) -> None:
    Console(stderr=True, quiet=not progress).print(words, markup=False, soft_wrap=True)
