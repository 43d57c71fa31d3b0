"""Where the files of a manifest are: in its folder, or, for one made of shards, fetched from there while in use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from auxjepa.data.errors import DataError, VideoError
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.index import Index, index_file, load_index
from auxjepa.data.shards.journal import read_journal
from auxjepa.data.shards.shardset import ShardSet, lend
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import Shard
from auxjepa.files import write_json

LIST = "shards.json"


@contextmanager
def placed(folder: Path, name: str) -> Iterator[Path]:
    """The path of a manifest's file, ``folder / name``, or of a fetched copy, which stays as long as the block lasts.

    Raises:
        VideoError: when it can't be fetched. Errors that name the copy are given the file's own name.
    """
    path = Path(folder) / name
    opened = _opened(Path(folder))
    if opened is None:
        yield path
        return
    copy = None
    try:
        with opened.lend(name) as copy:
            yield copy
    except VideoError as error:
        if error.path != copy:
            raise
        raise type(error)(path, error.reason) from error
    except ShardError as error:
        raise VideoError(path, error.reason) from error


def write_list(found: ShardSet, folder: Path) -> None:
    """Make a folder one that :func:`placed` knows."""
    shards = [asdict(shard) | {"copy": shard.copy and str(shard.copy)} for shard in found.shards]
    content = {"format": "auxjepa-shards", "version": 1, "keep": found.keep, "shards": shards}
    if not (folder / LIST).exists() or json.loads((folder / LIST).read_text()) != content:
        write_json(folder / LIST, content)
    _opened.cache_clear()


@dataclass(frozen=True)
class _Rows:
    index: Index
    digests: dict[str, bytes]


class _Opened:
    """The shards of a folder, each one's index read when a member of it is first asked for."""

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / LIST).read_text())
        self.folder, self.root = folder, folder.parent.parent
        self.spill = Spill(self.root / "files", content["keep"])
        shards = [Shard(**one | {"copy": one["copy"] and Path(one["copy"])}) for one in content["shards"]]
        self.shards = {shard.label: shard for shard in shards}
        self.rows: dict[str, _Rows] = {}

    def lend(self, name: str) -> AbstractContextManager[Path]:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            label, member = "/".join(parts[:depth]), "/".join(parts[depth:])
            if label not in self.shards:
                continue
            rows = self._rows(label)
            row = rows.index.row(member)
            if row >= 0:
                start, size = int(rows.index.offset[row]), int(rows.index.bytes[row])
                digest = rows.digests.get(member, b"").hex()
                return lend(self.spill, self.shards[label], member, start, size, digest=digest)
        raise VideoError(self.folder / name, "there is no such sample in these shards")

    def _rows(self, label: str) -> _Rows:
        if label not in self.rows:
            shard = self.shards[label]
            index = load_index(index_file(shard, self.root))
            if index is None or index.id != shard.id:
                raise VideoError(self.folder / label, "the shard's index is gone or another one's: open it again")
            known = read_journal(self.root, shard)
            self.rows[label] = _Rows(index, {name: bytes.fromhex(one.hash) for name, one in known.items()})
        return self.rows[label]


@lru_cache(maxsize=64)
def _opened(folder: Path) -> _Opened | None:
    try:
        return _Opened(folder) if (folder / LIST).exists() else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(folder / LIST, "is damaged: open the shards again") from error
