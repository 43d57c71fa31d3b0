"""The index of a shard: the positions of its samples, read in one pass over its headers and stored in a file.

A sample (:mod:`auxjepa.data.shards.samples`) has a video or picture. Its ``cls`` is a label, its ``txt`` is a caption,
and its ``json`` may hold more labels and captions.

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

from auxjepa.console import print_note
from auxjepa.data.shards.errors import NoRangesError
from auxjepa.data.shards.headers import Blocks, Member, read_members
from auxjepa.data.shards.samples import TEXTS, Leftovers, find_samples
from auxjepa.data.shards.storage import DOWNLOAD_LIMIT, Shard, download
from auxjepa.data.shards.strings import Strings
from auxjepa.data.shards.urls import is_local, redact_url
from auxjepa.files import write_bytes
from auxjepa.processes.lock import locked

VERSION = 2
_LONGEST_TEXT = 1 << 20
_BLOCK, _REMOTE_BLOCK = 64 << 10, 256 << 10


@dataclass(frozen=True)
class ShardIndex:
    """The samples of a shard.

    Args:
        id: id of the shard.
        names: name of the member with the video or picture, for each sample.
        offset: first byte of that member's content, int64 ``[n]``.
        bytes: size of that content, int64 ``[n]``.
        hashes: hash of each name, uint64 ``[n]``.
        texts: content of the ``cls``, ``txt`` and ``json`` members by kind; "" for a sample without such a member.
        defects: name of each member that is left out ("" for the shard) and the reason.
        unread: number and first name of the members that are not read, by reason.
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
        """Return the row of a member, or -1 if there is no such member."""
        for row in np.flatnonzero(self.hashes == hash_name(name)).tolist():
            if self.names[row] == name:
                return row
        return -1


def hash_name(name: str) -> np.uint64:
    """Return a hash of 8 bytes of a member's name."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()))


def open_index(
    shard: Shard, root: Path, *, limit: int = DOWNLOAD_LIMIT, progress: bool = True
) -> tuple[Shard, ShardIndex]:
    """Return a shard and its index. The index is built if there is none of this archive.

    The returned shard has the path of its local copy if there is one.

    Args:
        shard: the shard.
        root: folder of all files about shards.
        limit: largest size in bytes of a shard that is downloaded completely.
        progress: print messages on standard error.

    Raises:
        ShardError: if the shard can't be read, is too large for a download, or isn't a tar archive.
    """
    file = index_file(shard, root)
    copy = root / "whole" / f"{shard.address_hash}-{shard.id}.tar"
    shard = replace(shard, copy=copy) if copy.exists() and not is_local(shard.url) else shard
    stored = load_index(file)
    if stored is not None and stored.id == shard.id:
        return shard, stored
    if file.exists():
        why = "it has changed" if stored is not None else _explain_unusable(file)
        _print(f"{redact_url(shard.url)}: {why}, so it is indexed again", progress)
    try:
        if shard.bytes < 0 and shard.copy is None:
            raise NoRangesError(redact_url(shard.url), "the server doesn't announce the size of the file")
        index = build_index(shard)
    except NoRangesError as error:
        _download(shard, copy, limit, f"{error}: all of it is downloaded to {copy}", progress)
        shard = replace(shard, copy=copy)
        index = build_index(shard)
    _save(file, index)
    return shard, index


def _download(shard: Shard, copy: Path, limit: int, message: str, progress: bool) -> None:
    """Download a shard in one process at a time, and remove older copies and partial files of killed processes."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    locks = copy.parent.parent / "locks"
    locks.mkdir(exist_ok=True)
    with locked(locks / f"{shard.address_hash}.lock", "downloads this shard", progress=progress):
        if copy.exists():
            return
        _print(message, progress)
        for pattern in (f"{shard.address_hash}-*.tar", f".{shard.address_hash}-*.partial"):
            for old in copy.parent.glob(pattern):
                old.unlink(missing_ok=True)
        download(shard, copy, limit)


def index_file(shard: Shard, root: Path) -> Path:
    """Return the path of a shard's index.

    Args:
        shard: the shard.
        root: folder of all files about shards.
    """
    return root / "index" / f"{shard.address_hash}.npz"


def build_index(shard: Shard) -> ShardIndex:
    """Read a shard's headers, labels and captions, and return its index.

    Raises:
        ShardError: if the shard can't be read.
    """
    on_disk = shard.copy is not None or is_local(shard.url)
    size = shard.copy.stat().st_size if shard.copy is not None else shard.bytes
    blocks = Blocks(shard.read, size, _BLOCK if on_disk else _REMOTE_BLOCK)
    leftovers = Leftovers()
    samples = list(find_samples(read_members(blocks), partial(_read_text, blocks), leftovers))
    return ShardIndex(
        shard.id,
        Strings.encode([sample.media.name for sample in samples]),
        np.array([sample.media.offset for sample in samples], np.int64),
        np.array([sample.media.bytes for sample in samples], np.int64),
        np.array([hash_name(sample.media.name) for sample in samples], np.uint64),
        {kind: Strings.encode([sample.texts.get(kind, "") for sample in samples]) for kind in TEXTS},
        leftovers.defects,
        leftovers.unread,
    )


def _read_text(blocks: Blocks, member: Member, kind: str) -> str:
    """Return the content of a text member.

    Args:
        blocks: reader of the shard.
        member: the member.
        kind: ``cls``, ``txt`` or ``json``.

    Raises:
        ValueError: if it is too large, isn't UTF-8, or isn't a JSON object although its kind is ``json``.
    """
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


def _save(file: Path, index: ShardIndex) -> None:
    header = {"version": VERSION, "id": index.id, "defects": index.defects, "unread": index.unread}
    arrays: dict[str, Any] = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {"offset": index.offset, "bytes": index.bytes, "hashes": index.hashes}
    for name, column in {"names": index.names, **index.texts}.items():
        arrays |= {f"{name}.data": column.data, f"{name}.ends": column.ends}
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_bytes(file, content.getvalue())


def load_index(file: Path) -> ShardIndex | None:
    """Return the index in a file; None if the file is missing or damaged, which the checksums of the zip show."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            if header["version"] != VERSION:
                return None
            columns = {name: Strings(stored[f"{name}.data"], stored[f"{name}.ends"]) for name in ("names", *TEXTS)}
            names, defects = columns.pop("names"), [(name, why) for name, why in header["defects"]]
            unread = {reason: (int(count), first) for reason, (count, first) in header["unread"].items()}
            arrays = (stored["offset"], stored["bytes"], stored["hashes"])
            return ShardIndex(header["id"], names, *arrays, columns, defects, unread)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _explain_unusable(file: Path) -> str:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            older = json.loads(stored["header"].tobytes())["version"] != VERSION
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        older = False
    return "its index is of another version" if older else "its index is damaged"


def _print(message: str, progress: bool) -> None:
    print_note(message, quiet=not progress)
