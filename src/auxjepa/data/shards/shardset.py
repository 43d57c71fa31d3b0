"""The samples of a set of shards as flat arrays, with access to their files."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Bool, Int32, Int64

from auxjepa.data.manifest.labels import are_whole, meanings, number_labels
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.manifest.walk import SHOWN, Unread
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.index import ShardIndex, index_file, load_index, open_index
from auxjepa.data.shards.samples import TEXTS
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import DOWNLOAD_LIMIT, PIECE, Shard, inspect_shard
from auxjepa.data.shards.strings import Strings
from auxjepa.data.shards.urls import expand, is_local, label_shards
from auxjepa.processes.jobs import run_jobs

KEEP_REMOTE, KEEP_LOCAL = 10_000_000_000, 500_000_000
"""Bytes of fetched samples that stay on the disk, for remote and for local shards. Local shards are cheap to read
again, so their limit is lower."""
CLASSES = 10_000
"""A column of texts with more different values holds ids and no labels."""
_NOT_LABELS = ("caption", "key", "path", "start", "stop", "text", "texts", "url")
_LABELS = ("label", "class", "category", "target")  # whole numbers of these columns may be written as 3.0
_INSPECTORS = 16  # threads that inspect shards


@dataclass(frozen=True)
class ShardSet:
    """Samples of a set of shards, in the order of the shards and of their members.

    A sample takes about 36 bytes, in addition to its name and texts.

    Args:
        root: folder of all files about shards.
        shards: shards of the set.
        shard: index of each sample's shard, int32 ``[n]``.
        offset: first byte of its video or picture in the shard, int64 ``[n]``.
        bytes: size of its video or picture, int64 ``[n]``.
        names: name of the member with its video or picture.
        contents: content of the ``cls``, ``txt`` and ``json`` members by kind; "" for a sample without such a member.
        defects: ``SHARD/MEMBER`` of each member that is left out and the reason.
        unread: members that are not read, by reason.
    """

    root: Path
    shards: tuple[Shard, ...]
    shard: Int32[np.ndarray, " n"]
    offset: Int64[np.ndarray, " n"]
    bytes: Int64[np.ndarray, " n"]
    names: Strings
    contents: dict[str, Strings]
    defects: tuple[tuple[str, str], ...]
    unread: tuple[Unread, ...] = ()

    def __len__(self) -> int:
        return len(self.offset)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        columns = (self.shard, self.offset, self.bytes, self.names, *self.contents.values())
        return sum(column.nbytes for column in columns)

    @property
    def keep(self) -> int:
        """Bytes of fetched samples that stay on the disk."""
        return KEEP_LOCAL if all(is_local(shard.url) for shard in self.shards) else KEEP_REMOTE

    def name(self, index: int) -> str:
        """Return ``SHARD/MEMBER`` of a sample."""
        return f"{self.shards[self.shard[index]].label}/{self.names[index]}"

    @cached_property
    def labels(self) -> dict[str, np.ndarray]:
        """Label numbers by column, int64 ``[n]``, -1 for no label; see :meth:`select_labels`."""
        return self.select_labels(np.ones(len(self), bool))[0]

    @property
    def texts(self) -> Iterator[tuple[str, ...]]:
        """Captions of each sample: its ``txt``, and ``caption`` of its ``json``, which is a text or a list of texts."""
        for text, content in zip(self.contents["txt"], self.contents["json"], strict=True):
            captions = json.loads(content).get("caption", ()) if content else ()
            captions = (captions,) if isinstance(captions, str) else captions if isinstance(captions, list) else ()
            yield tuple(caption for caption in (text, *captions) if isinstance(caption, str) and caption)

    @property
    def places(self) -> Iterator[str]:
        """Original path of each sample: ``path`` of its ``json``, or else the name of its member."""
        for name, content in zip(self.names, self.contents["json"], strict=True):
            path = json.loads(content).get("path") if content else None
            yield path if isinstance(path, str) and not unsafe(path) else name

    def select_labels(
        self, selected: Bool[np.ndarray, " n"]
    ) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
        """Return the labels of the selected samples and the classes of each column.

        ``cls`` is the column ``class``. Each whole number, truth value or text in ``json`` is a separate column.
        :func:`auxjepa.data.manifest.labels.number_labels` numbers the values.

        Args:
            selected: True for each selected sample, bool ``[n]``.
        """
        contents = zip(self.contents["cls"], self.contents["json"], strict=True)
        table = [_label_row(cls, content) for cls, content in compress(contents, selected.tolist())]
        columns = sorted({column for row in table for column in row})
        distinct = {column: len({row.get(column) for row in table}) for column in columns}
        is_whole = {c: are_whole({*meanings(row.get(c, "") for row in table).values()} - {""}) for c in columns}
        return number_labels([c for c in columns if is_whole[c] or distinct[c] <= CLASSES], table)

    def read_bytes(self, index: int) -> bytes:
        """Return the content of a sample's file.

        Raises:
            ShardError: if it can't be read.
        """
        start = int(self.offset[index])
        return self.shards[self.shard[index]].read(start, start + int(self.bytes[index]))

    def open(self, index: int) -> AbstractContextManager[Path]:
        """Return a context with a local file of a sample, for :class:`auxjepa.data.media.video.Video`.

        The file exists until the block ends.

        Raises:
            ShardError: at the beginning of the block, if the sample can't be read.
        """
        shard, start, size = self.shards[self.shard[index]], int(self.offset[index]), int(self.bytes[index])
        return lend_member(Spill(self.root / "files", self.keep), shard, self.names[index], start, size)


def lend_member(
    spill: Spill,
    shard: Shard,
    name: str,
    start: int,
    size: int,
    *,
    read: Callable[[int, int], bytes] | None = None,
    digest: str = "",
) -> AbstractContextManager[Path]:
    """Return a context with a local file of a member. The file exists until the block ends.

    Args:
        spill: folder of local copies.
        shard: shard of the member.
        name: name of the member.
        start: first byte of the member in the shard.
        size: size of the member in bytes.
        read: function from (start, stop) to the bytes of the shard; None for :meth:`Shard.read`.
        digest: BLAKE2b hash of the member, 32 hex digits; "" if unknown.

    Raises:
        ShardError: at the beginning of the block, if the member can't be read or has another hash.
    """
    read = shard.read if read is None else read

    def fill(file: BinaryIO) -> None:
        content_hash = hashlib.blake2b(digest_size=16)
        for first in range(start, start + size, PIECE):
            data = read(first, min(first + PIECE, start + size))
            content_hash.update(data)
            file.write(data)
        if digest and content_hash.hexdigest() != digest:
            raise ShardError(f"{shard.label}/{name}", "its bytes changed after the scan: open the shards again")

    return spill.lend(file_key(shard, start), name.rpartition(".")[2].lower(), fill, size)


def file_key(shard: Shard, start: int) -> str:
    """Return the name of a member's local copy, 32 hex digits.

    Args:
        shard: shard of the member.
        start: first byte of the member in the shard.
    """
    return hashlib.blake2b(f"{shard.id} {start}".encode(), digest_size=16).hexdigest()


def index_shards(
    source: str | list[str], root: Path, *, workers: int = 2, limit: int = DOWNLOAD_LIMIT, progress: bool = True
) -> ShardSet:
    """Return the samples of a set of shards. Only new and changed shards are read.

    Args:
        source: see :func:`auxjepa.data.shards.urls.expand`.
        root: folder of all data; files about shards are in ``root/shards``.
        workers: number of processes, 0 for one per core.
        limit: largest size in bytes of a shard that is downloaded completely.
        progress: show the progress on standard error.

    Raises:
        ShardError: if a shard can't be reached.
        ValueError: if the notation of the shards is wrong.
    """
    urls = expand(source)
    folder = Path(root) / "shards"
    with ThreadPoolExecutor(min(_INSPECTORS, len(urls))) as pool:
        shards = list(pool.map(inspect_shard, urls, label_shards(urls)))
    try:
        missing = [shard for shard in shards if not _is_indexed(shard, folder)]
        work = partial(_index, folder, limit, progress)
        for _ in run_jobs(work, missing, workers, "indexing shards", here=True, progress=progress):
            pass
        pairs = [open_index(shard, folder, limit=limit, progress=progress) for shard in shards]
    except OSError as error:
        raise ShardError(str(folder), f"cannot be written: {error.strerror}; choose another data.root") from error
    indexes = [index for _, index in pairs]
    return ShardSet(
        folder,
        tuple(shard for shard, _ in pairs),
        np.repeat(np.arange(len(indexes), dtype=np.int32), [len(index) for index in indexes]),
        np.concatenate([index.offset for index in indexes]),
        np.concatenate([index.bytes for index in indexes]),
        Strings.concatenate([index.names for index in indexes]),
        {kind: Strings.concatenate([index.texts[kind] for index in indexes]) for kind in TEXTS},
        tuple(
            (f"{shard.label}/{name}" if name else shard.label, why)
            for shard, index in pairs
            for name, why in index.defects
        ),
        _count_unread(pairs),
    )


def _count_unread(pairs: list[tuple[Shard, ShardIndex]]) -> tuple[Unread, ...]:
    """Return the members that are not read, by reason, with a few names for each reason."""
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for shard, index in pairs:
        for reason, (count, first) in index.unread.items():
            counts[reason] += count
            names.setdefault(reason, []).append(f"{shard.label}/{first}")
    return tuple(
        Unread(why, counts[why], tuple(names[why][:SHOWN])) for why in sorted(counts, key=lambda w: -counts[w])
    )


def _is_indexed(shard: Shard, folder: Path) -> bool:
    index = load_index(index_file(shard, folder))
    return index is not None and index.id == shard.id


def _index(folder: Path, limit: int, progress: bool, shard: Shard) -> None:
    open_index(shard, folder, limit=limit, progress=progress)


def _label_row(cls: str, content: str) -> dict[str, str]:
    """Return the labels of one sample by column.

    Args:
        cls: content of its ``cls``, "" for none.
        content: content of its ``json``, "" for none.
    """
    labels = {}
    for name, value in (json.loads(content) if content else {}).items():
        if name in _LABELS and isinstance(value, float) and value.is_integer():
            value = int(value)
        if name not in _NOT_LABELS and isinstance(value, str | int) and value != "":
            labels[name] = str(int(value)) if isinstance(value, bool) else str(value)
    return labels | ({"class": cls} if cls else {})
