"""Where shards lie: how large they are, and ranges of their bytes, from this machine, over HTTP or from S3.

Everything remote goes through fsspec, imported on first use. A process opens file systems of its own (their threads and
sockets don't survive a fork). A range is read in pieces, each with a time limit and a few tries, so that nothing hangs,
and whatever comes is compared with what was asked for.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from auxjepa.data.errors import ManifestError
from auxjepa.data.shards.urls import is_local, shown

T = TypeVar("T")

PIECE = 16 << 20
"""Bytes of one request."""
TRIES = 4
BACKOFF = 0.5
"""Seconds before the second try, twice as many before every further one."""
SILENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
PATIENCE = 300.0
"""Seconds that one request may take altogether."""


class ShardError(ManifestError):
    """A shard that can't be reached or read."""

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.reason}"  # a Path would swallow one of a URL's slashes


class NoRangesError(ShardError):
    """The server gives whole files only."""


@dataclass(frozen=True)
class Shard:
    """A tar archive as it was found.

    Args:
        url: see :func:`auxjepa.data.shards.urls.expand`. label: its short name. bytes: size, -1 where the server
            doesn't say. mark: ETag or time of change.
        copy: a local copy, for servers that give whole files only.
    """

    url: str
    label: str
    bytes: int
    mark: str
    copy: Path | None = None

    @property
    def place(self) -> str:
        """Hash of the address, 16 hex digits."""
        return hashlib.blake2b(self.url.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()

    @property
    def id(self) -> str:
        """Hash of address, size and mark, 16 hex digits: another one is another archive."""
        content = f"{self.url}\n{self.bytes}\n{self.mark}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    def read(self, start: int, stop: int) -> bytes:
        """Bytes ``start … stop - 1``, exactly as many.

        Raises:
            ShardError: when they can't be had. NoRangesError: from servers that give whole files only.
        """
        if self.copy is not None or is_local(self.url):
            return _read_local(self.copy or Path(self.url), self.url, start, stop)
        pieces = [_piece(self, at, min(stop, at + PIECE)) for at in range(start, stop, PIECE)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def look(url: str, label: str) -> Shard:
    """Find out a shard's size and mark.

    Raises:
        ShardError: when there is none, or it can't be reached.
    """
    if is_local(url):
        try:
            stat = Path(url).stat()
            if not Path(url).is_file():
                raise ShardError(url, "a shard must be a file")
        except OSError as error:
            raise ShardError(url, _local_reason(error)) from None
        return Shard(url, label, stat.st_size, str(stat.st_mtime_ns))
    found = attempt(url, lambda: _filesystem(url).info(url))
    if found.get("type") == "directory":
        raise ShardError(shown(url), "is a folder: name its shards, as {000..127}.tar")
    mark = found.get("ETag") or found.get("Last-Modified") or found.get("LastModified") or ""
    size = found.get("size")
    return Shard(url, label, -1 if size is None else int(size), str(mark))


def download(shard: Shard, file: Path) -> None:
    """Stream a whole shard into a file, which appears when it is complete.

    Raises:
        ShardError: when it can't be had whole.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        attempt(shard.url, lambda: _stream(shard, partial))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def attempt(url: str, call: Callable[[], T]) -> T:
    """What ``call`` gives, tried again with growing pauses where that may help.

    Raises:
        ShardError: when it doesn't.
    """
    for tries in range(1, TRIES + 1):
        try:
            return call()
        except ShardError:
            raise
        except Exception as error:  # whatever fsspec's back ends raise: each has a hierarchy of its own
            if isinstance(error, ValueError) and "range requests" in str(error):
                raise NoRangesError(shown(url), "the server gives whole files only") from error
            why, hopeless = _judge(error)
            if hopeless or tries == TRIES:
                after = "" if hopeless else f" ({TRIES} tries)"
                raise ShardError(shown(url), why + after) from error
            time.sleep(BACKOFF * 2 ** (tries - 1))
    raise AssertionError


def _read_local(path: Path, url: str, start: int, stop: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(stop - start)
    except OSError as error:
        raise ShardError(shown(url), _local_reason(error)) from None
    if len(data) < stop - start:
        raise ShardError(
            shown(url), f"bytes {start:,} to {stop:,} were asked for, the file ends at {start + len(data):,}"
        )
    return data


def _piece(shard: Shard, start: int, stop: int) -> bytes:
    def call() -> bytes:
        files = _filesystem(shard.url)
        if shard.url.startswith("s3:"):
            data = files.cat_file(shard.url, start=start, end=stop)
        else:  # as a file, which notices a server that ignores the range and sends everything
            with files.open(shard.url, "rb", block_size=PIECE, cache_type="none", size=shard.bytes) as file:
                file.seek(start)
                data = file.read(stop - start)
        if len(data) != stop - start:
            raise OSError(f"{len(data):,} bytes came where {stop - start:,} were asked for")
        return data

    return attempt(shard.url, call)


def _stream(shard: Shard, partial: Path) -> None:
    size = shard.bytes if shard.bytes >= 0 else None
    with (
        _filesystem(shard.url, patience=None).open(shard.url, "rb", block_size=0, size=size) as source,
        partial.open("wb") as out,
    ):
        while data := source.read(1 << 20):
            out.write(data)
        if size is not None and out.tell() != size:
            raise OSError(f"{out.tell():,} bytes came, the server announced {size:,}")


def _filesystem(url: str, patience: float | None = PATIENCE) -> Any:
    return _open_filesystem("s3" if url.startswith("s3:") else "http", os.getpid(), patience)


@lru_cache(maxsize=8)
def _open_filesystem(kind: str, pid: int, patience: float | None) -> Any:
    """The file system of a process; ``pid`` keeps a forked one from using its parent's."""
    try:
        import aiohttp
        import fsspec

        if kind == "http":
            timeout = aiohttp.ClientTimeout(total=patience, sock_connect=SILENCE, sock_read=SILENCE)
            # A compressed answer would have other offsets than the archive.
            headers = {"Accept-Encoding": "identity"}
            return fsspec.filesystem(
                "http", skip_instance_cache=True, client_kwargs={"timeout": timeout, "headers": headers}
            )
        limits = {"connect_timeout": SILENCE, "read_timeout": SILENCE, "retries": {"max_attempts": 0}}
        files = fsspec.filesystem("s3", skip_instance_cache=True, config_kwargs=limits, use_listings_cache=False)
        files.retries = 1  # trying again is done here, the same for all
        return files
    except ImportError as error:
        raise ShardError(f"{kind}://", f"needs {error.name}: pip install 'auxjepa[remote]'") from None


def _judge(error: BaseException) -> tuple[str, bool]:
    """What happened, for people, and whether trying again is pointless."""
    answer = getattr(error, "response", None)  # of botocore's errors
    status = getattr(error, "status", None)
    if isinstance(answer, dict):
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", status)
    if status is None and isinstance(error, OSError) and error.__cause__ is not None:
        return _judge(error.__cause__)  # fsspec reports every failed HEAD and GET as a file not found
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return "there is no such shard (404)", True
    if isinstance(error, PermissionError) or status in (401, 403):
        return f"access is denied ({status or 403}): are credentials set, and may they read it?", True
    if type(error).__name__ == "NoCredentialsError":
        return "no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or FSSPEC_S3_ANON=true", True
    if isinstance(status, int):
        return f"the server answers {status}", 400 <= status < 500 and status not in (408, 425, 429)
    if isinstance(error, TimeoutError):
        return f"the server is silent or too slow (limits: {SILENCE:g} s without a byte, {PATIENCE:g} s in all)", False
    what = " ".join(str(error).split())
    return f"cannot be read: {what or type(error).__name__}", not _passing(error)


def _passing(error: BaseException) -> bool:
    """Whether an error comes from the network, and may be gone in a moment."""
    names = {each.__module__.partition(".")[0] for each in type(error).__mro__}
    return isinstance(error, OSError) or bool(names & {"aiohttp", "botocore", "aiobotocore", "fsspec"})


def _local_reason(error: OSError) -> str:
    return "there is no such shard" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
