"""Read files over HTTP: their size, ranges of their bytes, and complete files in pieces.

Redirections are followed here one by one, each within the rule of :mod:`auxjepa.addresses`. An answer that is longer
than the request is refused. A piece has a time limit, and a server that sends nothing has a shorter one.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from fsspec.asyn import get_loop
from yarl import URL

from auxjepa.addresses import AddressError, Rule, host_and_port, is_number, redirected
from auxjepa.bounded import Body
from auxjepa.data.shards.connect import Connections
from auxjepa.data.shards.errors import NoRangesError
from auxjepa.data.shards.urls import redact_url

T = TypeVar("T")

HOPS = 5
"""Largest number of redirections of one request."""
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class RemoteFile:
    """Size and mark of a file on a server.

    Args:
        bytes: size; -1 if the server doesn't announce it.
        mark: ETag or modification time; "" if the server sends neither.
    """

    bytes: int
    mark: str


class Web:
    """Reader of files on one server and the servers that it redirects to. It may be used from several threads.

    Args:
        url: address that the user named; its host may be private.
        was_public: see ``Rule``.
        silence: seconds without a byte after which a connection is closed.
        patience: seconds for an answer, and for each piece of a file.
        piece: bytes of a piece.
    """

    def __init__(self, url: str, *, was_public: bool, silence: float, patience: float, piece: int) -> None:
        self.rule = Rule([_host_and_port(url)], was_public=was_public)
        self._loop = get_loop()
        self._session: aiohttp.ClientSession | None = None
        self._silence, self._patience, self._piece = silence, patience, piece

    def inspect(self, url: str) -> RemoteFile:
        """Return size and mark of a file. If a server doesn't answer HEAD, GET is sent and its body isn't read."""
        return wait(self._loop, self._inspect(url))

    def ranged(self, url: str, start: int, stop: int) -> bytes:
        """Return the bytes ``start … stop - 1``, fewer if the file ends earlier.

        Args:
            url: address of the file.
            start: first byte.
            stop: byte after the last byte.

        Raises:
            NoRangesError: if the server sends the complete file.
            OSError: if it sends more bytes than requested.
        """
        return wait(self._loop, self._ranged(url, start, stop))

    def stream(self, url: str, most: int) -> Iterator[bytes]:
        """Yield the complete file in parts. A file that the server compressed for transfer is decompressed.

        Args:
            url: address of the file.
            most: largest number of bytes.

        Raises:
            TooLargeError: if there are more than ``most`` bytes.
            TimeoutError: if a piece takes too long.
            OSError: if the connection ends early.
        """
        answers = self._answer("GET", url, {})
        answer = wait(self._loop, answers.__aenter__())
        try:
            answer.raise_for_status()
            body, received, start = Body(answer.headers.get("Content-Encoding", ""), most), 0, self._loop.time()
            while raw := wait(self._loop, answer.content.readany()):
                received += len(raw)
                if self._loop.time() - start > self._patience:
                    raise TimeoutError
                if received >= self._piece:
                    received, start = 0, self._loop.time()
                yield body.take(raw)
            body.end()
        finally:
            wait(self._loop, answers.__aexit__(None, None, None))

    async def _inspect(self, url: str) -> RemoteFile:
        try:
            file = await self._headers("HEAD", url)
            if file.bytes >= 0:
                return file
        except (OSError, aiohttp.ClientError):
            pass  # some servers answer only GET
        return await self._headers("GET", url)

    async def _headers(self, method: str, url: str) -> RemoteFile:
        async with self._answer(method, url, {}) as answer:
            answer.raise_for_status()
            size = -1 if _is_compressed(answer) else _length(answer)  # the length of a compressed file is unknown
            return RemoteFile(size, answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")

    async def _ranged(self, url: str, start: int, stop: int) -> bytes:
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        async with asyncio.timeout(self._patience), self._answer("GET", url, headers) as answer:
            if answer.status == 416:
                return b""
            answer.raise_for_status()
            if answer.status != 206 or _is_compressed(answer):
                raise NoRangesError(redact_url(url), "the server sends whole files only")
            sent = answer.headers.get("Content-Range", "")
            if sent and not sent.startswith(f"bytes {start}-"):
                raise OSError(f"the server sent {sent[:80]} instead of the bytes from {start:,} to {stop - 1:,}")
            parts, size = [], 0
            while raw := await answer.content.readany():
                parts.append(raw)
                size += len(raw)
                if size > stop - start:
                    raise OSError(f"the server sent more than the {stop - start:,} requested bytes")
            return b"".join(parts)

    @asynccontextmanager
    async def _answer(self, method: str, url: str, headers: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._open_session()
        for _ in range(HOPS + 1):
            host, port = _host_and_port(url)
            if is_number(host):  # a connection to an IP address skips the resolver
                self.rule.numbers(host, port)
            async with asyncio.timeout(self._patience):
                answer = await session.request(method, url, headers=headers, allow_redirects=False)
            try:
                if answer.status not in _REDIRECTIONS:
                    yield answer
                    return
                url = redirected(url, answer.headers.get("Location", ""))
            finally:
                answer.close() if not answer.content.at_eof() else answer.release()
        raise AddressError(f"{host_and_port(url)[0]}: more than {HOPS} redirections")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=None, sock_connect=self._silence, sock_read=self._silence)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(**Connections(self.rule).arguments),
                timeout=limits,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},  # a compressed answer has other offsets than the file
            )
            weakref.finalize(self, _close, self._loop, self._session, os.getpid())
        return self._session


def wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the thread of an event loop and return its result.

    Args:
        loop: event loop of another thread.
        work: the coroutine.
    """
    return asyncio.run_coroutine_threadsafe(work, loop).result()


def _host_and_port(url: str) -> tuple[str, int]:
    """Return host and port of an address, with the spelling of the host that aiohttp connects to."""
    host_and_port(url)
    try:
        parts = URL(url)
    except ValueError:
        raise AddressError(f"{url[:120]!r} is no web address") from None
    host = parts.host or ""
    return host if is_number(host) else parts.raw_host or "", parts.port or 0


def _is_compressed(answer: aiohttp.ClientResponse) -> bool:
    return Body(answer.headers.get("Content-Encoding", ""), 0).packed


def _length(answer: aiohttp.ClientResponse) -> int:
    """Return the size of the body that the server announces, -1 if it announces none."""
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else -1


def _close(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession, pid: int) -> None:
    if os.getpid() != pid or not loop.is_running():  # a forked process has neither the loop's thread nor the sockets
        return
    closing, running = asyncio.run_coroutine_threadsafe(session.close(), loop), None
    with suppress(RuntimeError):
        running = asyncio.get_running_loop()
    if running is not loop:  # otherwise the loop's thread waits for itself
        with suppress(Exception):
            closing.result(1)
