"""Read the size of shards and ranges of their bytes, from this machine, over HTTP or from S3.

Remote shards are read through :mod:`auxjepa.data.shards.web` and :mod:`auxjepa.data.shards.s3`, which are imported on
first use. Each process opens separate connections, because threads and sockets don't survive a fork. A range is read in
pieces. Each piece has a time limit and a few tries (:mod:`auxjepa.data.shards.retries`), and its size is checked.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auxjepa.addresses import AddressError
from auxjepa.bounded import TooLargeError
from auxjepa.data.shards import retries
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.urls import is_local, redact_url
from auxjepa.data.space import readable, room
from auxjepa.files import disk_full, renaming_into

if TYPE_CHECKING:
    from auxjepa.data.shards.s3 import S3
    from auxjepa.data.shards.web import Web

PIECE = 16 << 20
"""Bytes of one request."""
DOWNLOAD_LIMIT = 32_000_000_000
"""Largest size in bytes of a shard that is downloaded completely, unless the user sets another limit."""


@dataclass(frozen=True)
class Shard:
    """A tar archive at an address.

    Args:
        url: address, see :func:`auxjepa.data.shards.urls.expand`.
        label: short name.
        bytes: size; -1 if the server doesn't announce it.
        mark: ETag or modification time.
        copy: path of a local copy, for servers that send only complete files.
        public: whether the server had only public addresses when the shard was inspected. Such a server may not have a
            private address later.
    """

    url: str
    label: str
    bytes: int
    mark: str
    copy: Path | None = None
    public: bool = False

    @property
    def address_hash(self) -> str:
        """Hash of the address, 16 hex digits; a part of file names."""
        return hashlib.blake2b(self.url.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()

    @property
    def id(self) -> str:
        """Hash of address, size and mark, 16 hex digits. A changed archive has another id."""
        content = f"{self.url}\n{self.bytes}\n{self.mark}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes ``start … stop - 1``.

        Args:
            start: first byte.
            stop: byte after the last byte.

        Raises:
            ShardError: if not all of them can be read.
            NoRangesError: if the server sends only complete files.
        """
        if self.copy is not None or is_local(self.url):
            return _read_local(self.copy or Path(self.url), self.url, start, stop)
        pieces = [_read_piece(self, first, min(stop, first + PIECE)) for first in range(start, stop, PIECE)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def inspect_shard(url: str, label: str) -> Shard:
    """Return a shard with its size and mark.

    Args:
        url: address of the shard.
        label: short name of the shard.

    Raises:
        ShardError: if the shard doesn't exist or can't be reached.
    """
    if is_local(url):
        try:
            stat = Path(url).stat()
            if not Path(url).is_file():
                raise ShardError(url, "a shard must be a file")
        except OSError as error:
            raise ShardError(url, _local_reason(error)) from None
        return Shard(url, label, stat.st_size, str(stat.st_mtime_ns))
    files = _filesystem(url)
    remote = retries.retry(url, lambda: files.inspect(url))
    return Shard(url, label, remote.bytes, remote.mark, public=files.rule.was_public)


def download(shard: Shard, file: Path, most: int = DOWNLOAD_LIMIT) -> None:
    """Download a complete shard into a file. The file appears after it is complete.

    Args:
        shard: the shard.
        file: path of the file.
        most: largest size of the shard in bytes.

    Raises:
        ShardError: if the shard can't be read completely, or is larger than ``most`` or than the free disk space.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _check_size(shard, file.parent, most)
        with renaming_into(file) as partial:
            retries.retry(shard.url, lambda: _stream(shard, partial, most))
    except OSError as error:
        raise ShardError(redact_url(shard.url), _explain_write_error(file.parent, error)) from error


def _read_local(path: Path, url: str, start: int, stop: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(stop - start)
    except OSError as error:
        raise ShardError(redact_url(url), _local_reason(error)) from None
    if len(data) < stop - start:
        what = f"bytes {start:,} to {stop:,} can't be read: the file ends at {start + len(data):,}"
        raise ShardError(redact_url(url), what)
    return data


def _read_piece(shard: Shard, start: int, stop: int) -> bytes:
    def call() -> bytes:
        data = _filesystem(shard.url, shard.public).ranged(shard.url, start, stop)
        if len(data) != stop - start:
            raise OSError(f"the server sent {len(data):,} bytes instead of {stop - start:,}")
        return data

    return retries.retry(shard.url, call)


def _stream(shard: Shard, partial: Path, most: int) -> None:
    size, free = 0, room(partial.parent)
    files: Any = _filesystem(shard.url, shard.public)
    with partial.open("wb") as out:
        try:
            for data in files.stream(shard.url, most if shard.bytes < 0 else shard.bytes):
                size += len(data)
                if size > free:
                    what = f"it has more than {readable(size)}, and {readable(free)} fit in {partial.parent}"
                    raise ShardError(redact_url(shard.url), what)
                try:
                    out.write(data)
                except OSError as error:  # the disk failed and not the network, so a retry is useless
                    raise ShardError(redact_url(shard.url), _explain_write_error(partial.parent, error)) from error
        except TooLargeError as error:
            announced = f"the server sends more than the {shard.bytes:,} bytes that it announced"
            raise ShardError(redact_url(shard.url), announced if shard.bytes >= 0 else _explain_limit(most)) from error
    if 0 <= shard.bytes != size:
        raise OSError(f"the server sent {size:,} bytes but announced {shard.bytes:,}")


def _check_size(shard: Shard, folder: Path, most: int) -> None:
    """Check that a shard may be downloaded and fits on the disk.

    Raises:
        ShardError: if it is too large.
    """
    if shard.bytes > most:
        raise ShardError(redact_url(shard.url), f"it has {readable(shard.bytes)}: {_explain_limit(most)}")
    if shard.bytes > room(folder):
        what = f"it has {readable(shard.bytes)}, and {readable(room(folder))} fit in {folder}"
        raise ShardError(redact_url(shard.url), what)


def _explain_limit(most: int) -> str:
    return f"no more than {readable(most)} are downloaded (data.shard_limit)"


def _explain_write_error(folder: Path, error: OSError) -> str:
    full = f"the disk of {folder} is full; choose another data.root"
    return full if disk_full(error) else f"cannot be written to {folder}: {error.strerror}"


def _filesystem(url: str, was_public: bool = False) -> Any:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ShardError(redact_url(url), "is no web address") from None
    origin = "s3" if parts.scheme == "s3" else f"{parts.scheme}://{parts.netloc}"
    return _open_filesystem(origin, os.getpid(), was_public)


@lru_cache(maxsize=32)
def _open_filesystem(origin: str, pid: int, was_public: bool) -> Web | S3:
    """Return this process's connections to a server.

    Args:
        origin: scheme and host.
        pid: id of this process; the cache key of a forked process then differs from its parent's.
        was_public: see ``Rule``.
    """
    kind = origin.partition(":")[0]
    try:
        if kind == "s3":
            from auxjepa.data.shards.s3 import S3

            return S3(silence=retries.SILENCE, patience=retries.PATIENCE)
        from auxjepa.data.shards.web import Web

        limits = {"silence": retries.SILENCE, "patience": retries.PATIENCE}
        return Web(origin, was_public=was_public, **limits, piece=PIECE)
    except ImportError as error:
        raise ShardError(f"{kind}://", f"needs {error.name}: pip install 'auxjepa[remote]'") from None
    except AddressError as error:
        raise ShardError(redact_url(origin), str(error)) from None


def _local_reason(error: OSError) -> str:
    return "there is no such shard" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
