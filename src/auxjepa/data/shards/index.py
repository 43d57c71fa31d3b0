"""What is in a shard: one pass over its headers, kept in a file, so that no sample is looked for again.

Samples follow WebDataset's convention: consecutive members whose names agree up to the first dot of the last part. Its
first video or picture is what is read; ``cls`` is a label, ``txt`` a caption, ``json`` holds more of both.

Source: https://github.com/webdataset/webdataset, "The WebDataset Format".
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt64
from rich.console import Console

from auxjepa.data.media import MOVING, STILLS
from auxjepa.data.parallel import locked
from auxjepa.data.paths import unsafe
from auxjepa.data.shards.errors import NoRangesError
from auxjepa.data.shards.headers import Blocks, Member, TarError, members
from auxjepa.data.shards.storage import WHOLE, Shard, download
from auxjepa.data.shards.strings import Strings
from auxjepa.data.shards.urls import is_local, shown
from auxjepa.files import write_bytes

VERSION = 1
TEXTS = ("cls", "txt", "json")
_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)", re.DOTALL)
_LONGEST_NAME = 4096
_LONGEST_TEXT = 1 << 20
_MEMBERS = 5_000_000
_CONTENT = 1 << 31  # bytes of all names and texts of a shard, which are held in memory
_BLOCK, _REMOTE_BLOCK = 64 << 10, 256 << 10


@dataclass(frozen=True)
class Index:
    """The samples of a shard.

    Args:
        id: of the shard. names: of the member that holds the video or picture. offset, bytes: where it lies.
        hashes: of the names, 8 bytes each. texts: contents of the ``cls``, ``txt`` and ``json`` members, empty where
            there is none. defects: member (or "" for the shard) and what is wrong; they are left out.
    """

    id: str
    names: Strings
    offset: Int64[np.ndarray, " n"]
    bytes: Int64[np.ndarray, " n"]
    hashes: UInt64[np.ndarray, " n"]
    texts: dict[str, Strings]
    defects: list[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.offset)

    def row(self, name: str) -> int:
        """The row of a member, or -1."""
        for row in np.flatnonzero(self.hashes == name_hash(name)).tolist():
            if self.names[row] == name:
                return row
        return -1


@dataclass
class _Sample:
    key: str
    suffixes: set[str] = field(default_factory=set)
    media: Member | None = None
    texts: dict[str, str] = field(default_factory=dict)


def name_hash(name: str) -> np.uint64:
    """A hash of 8 bytes."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()))


def open_index(shard: Shard, root: Path, *, limit: int = WHOLE, progress: bool = True) -> tuple[Shard, Index]:
    """The index of a shard, made where there is none of this very archive; the shard comes with its local copy, if any.

    Args:
        root: folder of all that is kept about shards. limit: bytes of a shard that is downloaded whole.

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
        why = "its index is damaged" if known is None else "it has changed"
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
    found: list[_Sample] = []
    defects: list[tuple[str, str]] = []
    try:
        found.extend(_samples(blocks, defects))
    except TarError as error:
        # The sample that was being read may be incomplete, and isn't yielded.
        defects.append(("", f"{error}; what follows is lost"))
    media = [(sample, sample.media) for sample in found if sample.media is not None]
    defects += [
        (sample.key, f"no video or picture among its members ({', '.join(sorted(sample.suffixes))})")
        for sample in found
        if sample.media is None
    ]
    return Index(
        shard.id,
        Strings.of([member.name for _, member in media]),
        np.array([member.offset for _, member in media], np.int64),
        np.array([member.bytes for _, member in media], np.int64),
        np.array([name_hash(member.name) for _, member in media], np.uint64),
        {kind: Strings.of([sample.texts.get(kind, "") for sample, _ in media]) for kind in TEXTS},
        defects,
    )


def _samples(blocks: Blocks, defects: list[tuple[str, str]]) -> Iterator[_Sample]:
    """Samples that are surely complete; what is left out goes to ``defects``."""
    seen: set[str] = set()
    current: _Sample | None = None
    held = 0
    for number, member in enumerate(members(blocks)):
        name = member.name.removeprefix("./")
        held += min(len(name), _LONGEST_NAME)
        if number >= _MEMBERS or held > _CONTENT:
            raise TarError(f"has more than {_MEMBERS:,} members, or {_CONTENT >> 30} GiB of names and texts")
        if member.kind == "directory" or not name:
            continue
        wrong = _wrong(name, member)
        if wrong:
            defects.append((name[:_LONGEST_NAME], wrong))
            continue
        parts = _NAME.fullmatch(name)
        if parts is None or (name.startswith("__") and name.endswith("__")):
            continue  # hidden files, notes, WebDataset's own: no part of any sample
        key, suffix = parts[1], parts[2].lower()
        if current is None or current.key != key:
            if current is not None:
                yield current
            current = None
            if key in seen:
                defects.append((name, "its key came before in this shard: members of a sample must be consecutive"))
                continue
            seen.add(key)
            current = _Sample(key)
        if suffix in current.suffixes:
            defects.append((name, "the sample has a member of this name already; the first one is used"))
            continue
        current.suffixes.add(suffix)
        ending = suffix.rpartition(".")[2]
        if ending in MOVING or ending in STILLS:
            if current.media is None:
                current.media = replace(member, name=name)
        elif suffix in TEXTS:
            try:
                current.texts[suffix] = _content(blocks, member, suffix)
                held += member.bytes
            except ValueError as error:
                defects.append((name, f"{error}; the sample goes without it"))
    if current is not None:
        yield current


def _wrong(name: str, member: Member) -> str | None:
    if member.kind != "file":
        return f"is a {member.kind}: only plain files are read"
    if len(name) > _LONGEST_NAME:
        return f"the name has {len(name):,} characters"
    why = unsafe(name)
    return f"the name {why}" if why else None


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
    header = {"version": VERSION, "id": index.id, "defects": index.defects}
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
            return Index(header["id"], names, stored["offset"], stored["bytes"], stored["hashes"], columns, defects)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _say(words: str, progress: bool) -> None:
    Console(stderr=True, quiet=not progress).print(words, markup=False, soft_wrap=True)
