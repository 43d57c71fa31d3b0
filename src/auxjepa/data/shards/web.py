"""Files over HTTP: how large they are, ranges of them, and all of them in pieces.

Redirections are followed here, hop by hop, each within the rule of :mod:`auxjepa.addresses`. No answer may be longer
than what was asked for, and none may take its time: a piece has a number of seconds, a silent server a smaller one.
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
from auxjepa.data.shards.urls import shown

T = TypeVar("T")

HOPS = 5
"""Redirections of one request that are followed."""
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Seen:
    """What a server says of a file: bytes, -1 where it doesn't say; ETag or time of change, "" for neither."""

    bytes: int
    mark: str


class Web:
    """One server, and those that it redirects to. Requests may come from several threads.

    Args:
        url: the address that the user named; its host may be a private one.
        was_public: see ``Rule``.
        silence: seconds without a byte after which a connection is given up.
        patience: seconds for an answer, and for each of its pieces.
        piece: bytes of a whole file that may take ``patience``.
    """

    def __init__(self, url: str, *, was_public: bool, silence: float, patience: float, piece: int) -> None:
        self.rule = Rule([_place(url)], was_public=was_public)
        self._loop = get_loop()
        self._session: aiohttp.ClientSession | None = None
        self._silence, self._patience, self._piece = silence, patience, piece

    def look(self, url: str) -> Seen:
        """Size and mark of a file. A server that doesn't answer to HEAD is asked with GET, whose body isn't read."""
        return wait(self._loop, self._look(url))

    def ranged(self, url: str, start: int, stop: int) -> bytes:
        """Bytes ``start … stop - 1``, fewer where the file ends before.

        Raises:
            NoRangesError: when the server sends the whole file.
            OSError: when it sends more than was asked for.
        """
        return wait(self._loop, self._ranged(url, start, stop))

    def stream(self, url: str, most: int) -> Iterator[bytes]:
        """The whole file, unpacked where the server packed it.

        Raises:
            TooLargeError: behind byte ``most``.
            TimeoutError: when a piece takes too long.
            OSError: when it breaks off.
        """
        answers = self._answer("GET", url, {})
        answer = wait(self._loop, answers.__aenter__())
        try:
            answer.raise_for_status()
            body, since, begun = Body(answer.headers.get("Content-Encoding", ""), most), 0, self._loop.time()
            while raw := wait(self._loop, answer.content.readany()):
                since += len(raw)
                if self._loop.time() - begun > self._patience:
                    raise TimeoutError
                if since >= self._piece:
                    since, begun = 0, self._loop.time()
                yield body.take(raw)
            body.end()
        finally:
            wait(self._loop, answers.__aexit__(None, None, None))

    async def _look(self, url: str) -> Seen:
        try:
            seen = await self._headers("HEAD", url)
            if seen.bytes >= 0:
                return seen
        except (OSError, aiohttp.ClientError):
            pass  # GET tells more
        return await self._headers("GET", url)

    async def _headers(self, method: str, url: str) -> Seen:
        async with self._answer(method, url, {}) as answer:
            answer.raise_for_status()
            size = -1 if _packed(answer) else _length(answer)  # of a packed file it says nothing
            return Seen(size, answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")

    async def _ranged(self, url: str, start: int, stop: int) -> bytes:
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        async with asyncio.timeout(self._patience), self._answer("GET", url, headers) as answer:
            if answer.status == 416:
                return b""
            answer.raise_for_status()
            if answer.status != 206 or _packed(answer):
                raise NoRangesError(shown(url), "the server gives whole files only")
            came = answer.headers.get("Content-Range", "")
            if came and not came.startswith(f"bytes {start}-"):
                raise OSError(f"{came[:80]} came where the bytes from {start:,} on were asked for")
            parts, size = [], 0
            while raw := await answer.content.readany():
                parts.append(raw)
                size += len(raw)
                if size > stop - start:
                    raise OSError(f"more than the {stop - start:,} bytes came that were asked for")
            return b"".join(parts)

    @asynccontextmanager
    async def _answer(self, method: str, url: str, headers: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._opened()
        for _ in range(HOPS + 1):
            host, port = _place(url)
            if is_number(host):  # it isn't resolved when it is connected to
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
        raise AddressError(f"{host_and_port(url)[0]}: goes in circles (more than {HOPS} redirections)")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=None, sock_connect=self._silence, sock_read=self._silence)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(**Connections(self.rule).arguments),
                timeout=limits,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},  # a packed answer would have other offsets than the file
            )
            weakref.finalize(self, _close, self._loop, self._session, os.getpid())
        return self._session


def wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that runs in the thread of another loop."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


def _place(url: str) -> tuple[str, int]:
    """Host and port of an address, the host as aiohttp connects to it."""
    host_and_port(url)
    try:
        parts = URL(url)
    except ValueError:
        raise AddressError(f"{url[:120]!r} is no web address") from None
    host = parts.host or ""
    return host if is_number(host) else parts.raw_host or "", parts.port or 0


def _packed(answer: aiohttp.ClientResponse) -> bool:
    return Body(answer.headers.get("Content-Encoding", ""), 0).packed


def _length(answer: aiohttp.ClientResponse) -> int:
    """Bytes of the body as the server announces them, -1 where it doesn't."""
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else -1


def _close(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession, pid: int) -> None:
    if os.getpid() != pid or not loop.is_running():  # a forked process has neither the loop's thread nor the sockets
        return
    closing, here = asyncio.run_coroutine_threadsafe(session.close(), loop), None
    with suppress(RuntimeError):
        here = asyncio.get_running_loop()
    if here is not loop:  # the loop's own thread would wait for itself
        with suppress(Exception):
            closing.result(1)
