"""Give access to the files of a manifest: in its folder, or fetched from its shards while they are in use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from auxjepa.data.errors import DataError, VideoError
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.index import ShardIndex, index_file, load_index
from auxjepa.data.shards.journal import read_journal
from auxjepa.data.shards.shardset import ShardSet, lend_member
from auxjepa.data.shards.spill import Spill
from auxjepa.data.shards.storage import Shard
from auxjepa.files import write_json

LIST = "shards.json"


@contextmanager
def local_file(folder: Path, name: str) -> Iterator[Path]:
    """Yield the path of a manifest's file: ``folder / name``, or a copy that exists until the block ends.

    Args:
        folder: folder of the manifest.
        name: path of the file in the manifest.

    Raises:
        VideoError: if the file can't be fetched. An error about the copy is raised with the name of the file.
    """
    path = Path(folder) / name
    shards = _open_folder(Path(folder))
    if shards is None:
        yield path
        return
    copy = None
    try:
        with shards.lend(name) as copy:
            yield copy
    except VideoError as error:
        if error.path != copy:
            raise
        raise type(error)(path, error.reason) from error
    except ShardError as error:
        raise VideoError(path, error.reason) from error


def write_shard_list(shard_set: ShardSet, folder: Path) -> None:
    """Write the list of a set's shards into the manifest's folder, so that :func:`local_file` fetches its files."""
    shards = [asdict(shard) | {"copy": shard.copy and str(shard.copy)} for shard in shard_set.shards]
    content = {"format": "auxjepa-shards", "version": 1, "keep": shard_set.keep, "shards": shards}
    if not (folder / LIST).exists() or json.loads((folder / LIST).read_text()) != content:
        write_json(folder / LIST, content)
    _open_folder.cache_clear()


@dataclass(frozen=True)
class _Contents:
    """Index of a shard, and the hash of each scanned member by name."""

    index: ShardIndex
    digests: dict[str, bytes]


class _ShardFolder:
    """The shards of a manifest. The index of a shard is read when its first member is needed.

    Args:
        folder: folder of the manifest.
    """

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / LIST).read_text())
        self.folder, self.root = folder, folder.parent.parent
        self.spill = Spill(self.root / "files", content["keep"])
        shards = [Shard(**entry | {"copy": entry["copy"] and Path(entry["copy"])}) for entry in content["shards"]]
        self.shards = {shard.label: shard for shard in shards}
        self.contents: dict[str, _Contents] = {}

    def lend(self, name: str) -> AbstractContextManager[Path]:
        """Return a local file with the bytes of a member, ``SHARD/MEMBER``.

        Raises:
            VideoError: if there is no such member, or the shard's index is missing.
        """
        parts = name.split("/")
        for depth in range(1, len(parts)):
            label, member = "/".join(parts[:depth]), "/".join(parts[depth:])
            if label not in self.shards:
                continue
            contents = self._read_contents(label)
            row = contents.index.row(member)
            if row >= 0:
                start, size = int(contents.index.offset[row]), int(contents.index.bytes[row])
                digest = contents.digests.get(member, b"").hex()
                return lend_member(self.spill, self.shards[label], member, start, size, digest=digest)
        raise VideoError(self.folder / name, "there is no such sample in these shards")

    def _read_contents(self, label: str) -> _Contents:
        if label not in self.contents:
            shard = self.shards[label]
            index = load_index(index_file(shard, self.root))
            if index is None or index.id != shard.id:
                why = "the shard's index is missing or belongs to another archive: open the shards again"
                raise VideoError(self.folder / label, why)
            journal = read_journal(self.root, shard)
            digests = {name: bytes.fromhex(member.hash) for name, member in journal.items()}
            self.contents[label] = _Contents(index, digests)
        return self.contents[label]


@lru_cache(maxsize=64)
def _open_folder(folder: Path) -> _ShardFolder | None:
    """Return the shards of a manifest's folder; None if its files are in the folder.

    Raises:
        DataError: if the list of shards is damaged.
    """
    try:
        return _ShardFolder(folder) if (folder / LIST).exists() else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(folder / LIST, "is damaged: open the shards again") from error
