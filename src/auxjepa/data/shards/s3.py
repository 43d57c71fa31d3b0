"""Objects of S3 through s3fs, kept to the endpoint that the user's own settings name, and within bounds.

aiobotocore would follow any redirection of HTTP, and read any answer whole; S3 needs neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.request import getproxies

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession
from fsspec import filesystem

from auxjepa.addresses import AddressError, Rule, host_and_port, is_number
from auxjepa.bounded import Body
from auxjepa.data.shards.connect import Connections
from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.urls import shown
from auxjepa.data.shards.web import Seen, wait

T = TypeVar("T")

ANSWER = 16 << 20
"""Bytes of an answer other than an object: an error, a list."""
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn")


class S3:
    """The buckets that the user's settings lead to.

    Args:
        silence: seconds without a byte after which a connection is given up.
        patience: seconds for a whole request.
    """

    def __init__(self, *, silence: float, patience: float) -> None:
        self.rule, self._patience = _Endpoint(), patience
        limits: dict[str, Any] = {"connect_timeout": silence, "read_timeout": silence, "retries": {"max_attempts": 0}}
        limits |= {"connector_args": Connections(self.rule).arguments, "http_session_cls": _Session}
        self._files = filesystem("s3", skip_instance_cache=True, config_kwargs=limits, use_listings_cache=False)
        self._files.retries = 1  # trying again is done by the caller, the same for all
        self.rule.open(self._files.connect().meta.endpoint_url)

    def look(self, url: str) -> Seen:
        """Size and mark of an object.

        Raises:
            ShardError: when there are objects below the address.
        """
        about = self._within(self._files._info(url))
        if about.get("type") == "directory":
            raise ShardError(shown(url), "is a folder: name its shards, as {000..127}.tar")
        size = about.get("size")
        return Seen(-1 if size is None else int(size), str(about.get("ETag") or about.get("LastModified") or ""))

    def ranged(self, url: str, start: int, stop: int) -> bytes:
        """Bytes ``start … stop - 1``, fewer where the object ends before.

        Raises:
            TooLargeError: when more come than were asked for.
        """
        return self._within(self._ranged(url, start, stop))

    def _within(self, work: Coroutine[Any, Any, T]) -> T:
        return wait(self._files.loop, asyncio.wait_for(work, self._patience))

    async def _ranged(self, url: str, start: int, stop: int) -> bytes:
        bucket, key, _ = self._files.split_path(url)
        answer = await self._files._call_s3("get_object", Bucket=bucket, Key=key, Range=f"bytes={start}-{stop - 1}")
        body, parts = Body("", stop - start), []
        try:
            while raw := await answer["Body"].read(1 << 20):
                parts.append(body.take(raw))
        finally:
            answer["Body"].close()
        return b"".join(parts)


class _Endpoint(Rule):
    """The endpoint, its buckets' own hosts, and the user's proxies may be anywhere; other hosts are Amazon's only."""

    def __init__(self) -> None:
        super().__init__()
        self._host, self._port = "", 0
        self._proxies: set[tuple[str, int]] = set()

    def open(self, endpoint: str) -> None:
        """Take the address that requests go to."""
        self._host, self._port = host_and_port(endpoint)
        self._proxies = {host_and_port(one) for name, one in getproxies().items() if name in ("http", "https")}
        for host, port in [(self._host, self._port), *self._proxies]:
            if is_number(host):  # it isn't resolved when it is connected to
                self.numbers(host, port)

    def is_named(self, host: str, port: int) -> bool:
        """Whether the user's settings lead to this host and port."""
        here = host == self._host or host.endswith(f".{self._host}")
        return (here and port == self._port) or (host, port) in self._proxies

    def numbers(self, host: str, port: int) -> list[str]:
        """As those of `Rule`; other hosts are refused, but for another region of Amazon's."""
        region = self._host.endswith(_AMAZON) and host.endswith(_AMAZON) and port == self._port
        if not self.is_named(host, port) and not region:
            raise AddressError(f"{self._host}: points elsewhere ({host}); not followed")
        return super().numbers(host, port)


class _Session(AIOHTTPSession):
    async def send(self, request: Any) -> AioAWSResponse:
        """The answer; the body of one that isn't an object is read within a bound."""
        stream, request.stream_output = request.stream_output, True  # so that it isn't read without one
        try:
            sent = await super().send(request)
        finally:
            request.stream_output = stream
        answer = _Answer(sent.url, sent.status_code, sent.headers, sent.raw)
        if not stream:
            await answer.content
        return answer


class _Answer(AioAWSResponse):
    async def _content_prop(self) -> bytes:
        if self._content is None:
            body, parts = Body("", ANSWER), []
            while raw := await self.raw.content.readany():
                parts.append(body.take(raw))
            self._content = b"".join(parts)
        return self._content
