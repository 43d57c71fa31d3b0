"""The samples of a set of shards as flat arrays, and the files behind them."""

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
from auxjepa.data.shards.index import Index, index_file, load_index, open_index
from auxjepa.data.shards.samples import TEXTS
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import PIECE, WHOLE, Shard, look
from auxjepa.data.shards.strings import Strings
from auxjepa.data.shards.urls import expand, is_local, labels_of
from auxjepa.processes.jobs import run_jobs

KEEP, KEEP_LOCAL = 10_000_000_000, 500_000_000
"""Bytes of fetched samples kept on the disk: of remote shards, and of local ones, which cost next to nothing to read
again."""
CLASSES = 10_000
"""A column of texts with more different values holds ids, no labels."""
_NOT_LABELS = ("caption", "key", "path", "start", "stop", "text", "texts", "url")
_LABELS = ("label", "class", "category", "target")  # as tables with gaps write them, whole numbers come with a point
_LOOKING = 16


@dataclass(frozen=True)
class ShardSet:
    """Samples in the order of shards, and within a shard as written; about 36 bytes each, and their names and texts.

    Args:
        root: folder of what is kept about shards.
        shards: of the set.
        shard: which one each sample is in.
        offset, bytes: where the video or picture lies in it.
        names: of its member.
        written: contents of ``cls``, ``txt`` and ``json`` members, empty where there is none.
        defects: ``SHARD/MEMBER`` and what is wrong with it.
        unread: members that aren't read, by reason.
    """

    root: Path
    shards: tuple[Shard, ...]
    shard: Int32[np.ndarray, " n"]
    offset: Int64[np.ndarray, " n"]
    bytes: Int64[np.ndarray, " n"]
    names: Strings
    written: dict[str, Strings]
    defects: tuple[tuple[str, str], ...]
    unread: tuple[Unread, ...] = ()

    def __len__(self) -> int:
        return len(self.offset)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        columns = (self.shard, self.offset, self.bytes, self.names, *self.written.values())
        return sum(column.nbytes for column in columns)

    @property
    def keep(self) -> int:
        """Bytes of fetched samples to keep."""
        return KEEP_LOCAL if all(is_local(shard.url) for shard in self.shards) else KEEP

    def name(self, index: int) -> str:
        """``SHARD/MEMBER`` of a sample."""
        return f"{self.shards[self.shard[index]].label}/{self.names[index]}"

    @cached_property
    def labels(self) -> dict[str, np.ndarray]:
        """By column, int64 ``[n]``, -1 where unknown; see :meth:`numbered`."""
        return self.numbered(np.ones(len(self), bool))[0]

    @property
    def texts(self) -> Iterator[tuple[str, ...]]:
        """The captions of each sample: its ``txt``, and ``caption`` of its ``json``, a text or a list of texts."""
        for text, content in zip(self.written["txt"], self.written["json"], strict=True):
            more = json.loads(content).get("caption", ()) if content else ()
            more = (more,) if isinstance(more, str) else more if isinstance(more, list) else ()
            yield tuple(one for one in (text, *more) if isinstance(one, str) and one)

    @property
    def places(self) -> Iterator[str]:
        """Where each sample lay in a folder: ``path`` of its ``json``, else the name of its member."""
        for name, content in zip(self.names, self.written["json"], strict=True):
            path = json.loads(content).get("path") if content else None
            yield path if isinstance(path, str) and not unsafe(path) else name

    def numbered(self, chosen: Bool[np.ndarray, " n"]) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
        """Labels of the chosen samples and the classes of each column, as
        :func:`auxjepa.data.manifest.labels.number_labels`.

        ``cls`` is the column ``class``; each whole number, truth value or text in ``json`` a column of its own.
        """
        written = zip(self.written["cls"], self.written["json"], strict=True)
        table = [_row(cls, content) for cls, content in compress(written, chosen.tolist())]
        columns = sorted({column for row in table for column in row})
        distinct = {column: len({row.get(column) for row in table}) for column in columns}
        whole = {c: are_whole({*meanings(row.get(c, "") for row in table).values()} - {""}) for c in columns}
        return number_labels([c for c in columns if whole[c] or distinct[c] <= CLASSES], table)

    def read_bytes(self, index: int) -> bytes:
        """A sample's file, whole.

        Raises:
            ShardError: when it can't be had.
        """
        start = int(self.offset[index])
        return self.shards[self.shard[index]].read(start, start + int(self.bytes[index]))

    def open(self, index: int) -> AbstractContextManager[Path]:
        """A local file with a sample's bytes, for :class:`auxjepa.data.media.video.Video`; it stays as long as the
        block.

        Raises:
            ShardError: on entering, when it can't be had.
        """
        shard, start, size = self.shards[self.shard[index]], int(self.offset[index]), int(self.bytes[index])
        return lend(Spill(self.root / "files", self.keep), shard, self.names[index], start, size)


def lend(
    spill: Spill,
    shard: Shard,
    name: str,
    start: int,
    size: int,
    *,
    read: Callable[[int, int], bytes] | None = None,
    digest: str = "",
) -> AbstractContextManager[Path]:
    """A local file with a member's bytes.

    Args:
        read: the shard's bytes from ... to, where there is a better way than asking for them.
        digest: BLAKE2b that they must have, 32 hex digits, where it's known.
    """
    read = shard.read if read is None else read

    def fill(file: BinaryIO) -> None:
        hashed = hashlib.blake2b(digest_size=16)
        for at in range(start, start + size, PIECE):
            data = read(at, min(at + PIECE, start + size))
            hashed.update(data)
            file.write(data)
        if digest and hashed.hexdigest() != digest:
            raise ShardError(f"{shard.label}/{name}", "has other bytes than when it was scanned: open the shards again")

    return spill.lend(file_key(shard, start), name.rpartition(".")[2].lower(), fill, size)


def file_key(shard: Shard, start: int) -> str:
    """What the file of a member is called in the folder of fetched files, 32 hex digits."""
    return hashlib.blake2b(f"{shard.id} {start}".encode(), digest_size=16).hexdigest()


def index_shards(
    source: str | list[str], root: Path, *, workers: int = 2, limit: int = WHOLE, progress: bool = True
) -> ShardSet:
    """Find the samples of a set of shards; shards that were indexed before and haven't changed aren't read again.

    Args:
        source: see :func:`auxjepa.data.shards.urls.expand`.
        root: of all data; shards are kept in ``root/shards``.
        workers: processes, 0 for one per core.
        limit: bytes of a shard that must be downloaded whole, at most.

    Raises:
        ShardError: when a shard can't be reached.
        ValueError: when the notation is wrong.
    """
    urls = expand(source)
    place = Path(root) / "shards"
    with ThreadPoolExecutor(min(_LOOKING, len(urls))) as pool:
        shards = list(pool.map(look, urls, labels_of(urls)))
    try:
        missing = [shard for shard in shards if not _known(shard, place)]
        work = partial(_index, place, limit, progress)
        for _ in run_jobs(work, missing, workers, "indexing shards", here=True, progress=progress):
            pass
        opened = [open_index(shard, place, limit=limit, progress=progress) for shard in shards]
    except OSError as error:
        raise ShardError(str(place), f"cannot be written: {error.strerror}; choose another data.root") from error
    indexes = [index for _, index in opened]
    return ShardSet(
        place,
        tuple(shard for shard, _ in opened),
        np.repeat(np.arange(len(indexes), dtype=np.int32), [len(index) for index in indexes]),
        np.concatenate([index.offset for index in indexes]),
        np.concatenate([index.bytes for index in indexes]),
        Strings.joined([index.names for index in indexes]),
        {kind: Strings.joined([index.texts[kind] for index in indexes]) for kind in TEXTS},
        tuple(
            (f"{shard.label}/{name}" if name else shard.label, why)
            for shard, index in opened
            for name, why in index.defects
        ),
        _unread(opened),
    )


def _unread(opened: list[tuple[Shard, Index]]) -> tuple[Unread, ...]:
    """The members that aren't read, by reason, with a few names of each."""
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for shard, index in opened:
        for reason, (count, first) in index.unread.items():
            counts[reason] += count
            names.setdefault(reason, []).append(f"{shard.label}/{first}")
    return tuple(
        Unread(why, counts[why], tuple(names[why][:SHOWN])) for why in sorted(counts, key=lambda w: -counts[w])
    )


def _known(shard: Shard, place: Path) -> bool:
    known = load_index(index_file(shard, place))
    return known is not None and known.id == shard.id


def _index(place: Path, limit: int, progress: bool, shard: Shard) -> None:
    open_index(shard, place, limit=limit, progress=progress)


def _row(cls: str, content: str) -> dict[str, str]:
    found = {}
    for name, value in (json.loads(content) if content else {}).items():
        if name in _LABELS and isinstance(value, float) and value.is_integer():
            value = int(value)
        if name not in _NOT_LABELS and isinstance(value, str | int) and value != "":
            found[name] = str(int(value)) if isinstance(value, bool) else str(value)
    return found | ({"class": cls} if cls else {})
