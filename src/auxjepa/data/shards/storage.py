"""Where shards lie: how large they are, and ranges of their bytes, from this machine, over HTTP or from S3.

What is remote goes through :mod:`auxjepa.data.shards.web` and :mod:`auxjepa.data.shards.s3`, imported on first use. A
process opens connections of its own (their threads and sockets don't survive a fork). A range is read in pieces, each
with a time limit and a few tries, so that nothing hangs, and whatever comes is compared with what was asked for.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from auxjepa.addresses import AddressError, NoHostError
from auxjepa.bounded import DamagedError, TooLargeError
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.urls import is_local, shown
from auxjepa.data.space import readable, room
from auxjepa.files import disk_full, renaming_into

if TYPE_CHECKING:
    from auxjepa.data.shards.s3 import S3
    from auxjepa.data.shards.web import Web

T = TypeVar("T")

PIECE = 16 << 20
"""Bytes of one request."""
WHOLE = 32_000_000_000
"""Bytes of a shard that is downloaded whole, at most, unless the user says otherwise."""
TRIES = 4
BACKOFF = 0.5
"""Seconds before the second try, twice as many before every further one."""
SILENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
PATIENCE = 300.0
"""Seconds that one request may take altogether."""


@dataclass(frozen=True)
class Shard:
    """A tar archive as it was found.

    Args:
        url: see :func:`auxjepa.data.shards.urls.expand`.
        label: its short name.
        bytes: size, -1 where the server doesn't say.
        mark: ETag or time of change.
        copy: a local copy, for servers that give whole files only.
        public: the server had public addresses only when it was looked at, so that it must have them still.
    """

    url: str
    label: str
    bytes: int
    mark: str
    copy: Path | None = None
    public: bool = False

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
            ShardError: when they can't be had.
            NoRangesError: from servers that give whole files only.
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
    files = _filesystem(url)
    seen = attempt(url, lambda: files.look(url))
    return Shard(url, label, seen.bytes, seen.mark, public=files.rule.was_public)


def download(shard: Shard, file: Path, most: int = WHOLE) -> None:
    """Stream a whole shard into a file, which appears when it is complete.

    Args:
        most: bytes of the shard.

    Raises:
        ShardError: when it can't be had whole, is larger than ``most`` or than the room on the disk.
    """
    try:
        with renaming_into(file) as partial:
            _fits(shard, file.parent, shard.bytes, most)
            attempt(shard.url, lambda: _stream(shard, partial, most))
    except OSError as error:
        raise ShardError(shown(shard.url), _unwritable(file.parent, error)) from error


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
        except Exception as error:  # whatever the back ends raise: each has a hierarchy of its own
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
        data = _filesystem(shard.url, shard.public).ranged(shard.url, start, stop)
        if len(data) != stop - start:
            raise OSError(f"{len(data):,} bytes came where {stop - start:,} were asked for")
        return data

    return attempt(shard.url, call)


def _stream(shard: Shard, partial: Path, most: int) -> None:
    size, free = 0, room(partial.parent)
    files: Any = _filesystem(shard.url, shard.public)
    with partial.open("wb") as out:
        try:
            for data in files.stream(shard.url, most if shard.bytes < 0 else shard.bytes):
                size += len(data)
                if size > free:
                    raise ShardError(shown(shard.url), f"{readable(size)} came, and no more fit in {partial.parent}")
                try:
                    out.write(data)
                except OSError as error:  # of this disk, not of the network
                    raise ShardError(shown(shard.url), _unwritable(partial.parent, error)) from error
        except TooLargeError as error:
            announced = f"sends more than the {shard.bytes:,} bytes that it announced"
            raise ShardError(shown(shard.url), announced if shard.bytes >= 0 else _limit(most)) from error
    if 0 <= shard.bytes != size:
        raise OSError(f"{size:,} bytes came, the server announced {shard.bytes:,}")


def _fits(shard: Shard, folder: Path, size: int, most: int) -> None:
    if size > most:
        raise ShardError(shown(shard.url), f"it has {readable(size)}: {_limit(most)}")
    if size > room(folder):
        raise ShardError(shown(shard.url), f"it has {readable(size)}, and {readable(room(folder))} fit in {folder}")


def _limit(most: int) -> str:
    return f"no more than {readable(most)} are downloaded (data.shard_limit)"


def _unwritable(folder: Path, error: OSError) -> str:
    full = f"the disk of {folder} is full; choose another data.root"
    return full if disk_full(error) else f"cannot be written to {folder}: {error.strerror}"


def _filesystem(url: str, was_public: bool = False) -> Any:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ShardError(shown(url), "is no web address") from None
    origin = "s3" if parts.scheme == "s3" else f"{parts.scheme}://{parts.netloc}"
    return _open_filesystem(origin, os.getpid(), was_public)


@lru_cache(maxsize=32)
def _open_filesystem(origin: str, pid: int, was_public: bool) -> Web | S3:
    """A process's connections to a server; ``pid`` keeps a forked one from using its parent's."""
    kind = origin.partition(":")[0]
    try:
        if kind == "s3":
            from auxjepa.data.shards.s3 import S3

            return S3(silence=SILENCE, patience=PATIENCE)
        from auxjepa.data.shards.web import Web

        return Web(origin, was_public=was_public, silence=SILENCE, patience=PATIENCE, piece=PIECE)
    except ImportError as error:
        raise ShardError(f"{kind}://", f"needs {error.name}: pip install 'auxjepa[remote]'") from None
    except AddressError as error:
        raise ShardError(shown(origin), str(error)) from None


def _judge(error: BaseException) -> tuple[str, bool]:
    """What happened, for people, and whether trying again is pointless."""
    refused = _cause(error, AddressError)
    if refused is not None:
        return str(refused), not isinstance(refused, NoHostError)
    if isinstance(error, TooLargeError | DamagedError):
        return str(error), isinstance(error, TooLargeError)
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


def _cause(error: BaseException, kind: type[T]) -> T | None:
    """The error of a kind that is behind another one."""
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None or isinstance(seen, kind):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _passing(error: BaseException) -> bool:
    """Whether an error comes from the network, and may be gone in a moment."""
    names = {each.__module__.partition(".")[0] for each in type(error).__mro__}
    return isinstance(error, OSError) or bool(names & {"aiohttp", "botocore", "aiobotocore", "fsspec"})


def _local_reason(error: OSError) -> str:
    return "there is no such shard" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
