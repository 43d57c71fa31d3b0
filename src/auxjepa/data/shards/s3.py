"""Read objects of S3 through s3fs, only from the endpoint in the user's settings and only up to a size limit.

aiobotocore follows every HTTP redirection and reads every answer completely. S3 needs neither, so both are limited.
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
from auxjepa.data.shards.urls import redact_url
from auxjepa.data.shards.web import RemoteFile, wait

T = TypeVar("T")

ANSWER = 16 << 20
"""Largest size in bytes of an answer that is not an object, such as an error or a list."""
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn")


class S3:
    """Reader of the buckets at the endpoint in the user's settings.

    Args:
        silence: seconds without a byte after which a connection is closed.
        patience: seconds for a complete request.
    """

    def __init__(self, *, silence: float, patience: float) -> None:
        self.rule, self._patience = _Endpoint(), patience
        limits: dict[str, Any] = {"connect_timeout": silence, "read_timeout": silence, "retries": {"max_attempts": 0}}
        limits |= {"connector_args": Connections(self.rule).arguments, "http_session_cls": _Session}
        self._files = filesystem("s3", skip_instance_cache=True, config_kwargs=limits, use_listings_cache=False)
        self._files.retries = 1  # the caller repeats requests, in the same way for all servers
        self.rule.open(self._files.connect().meta.endpoint_url)

    def inspect(self, url: str) -> RemoteFile:
        """Return size and mark of an object.

        Args:
            url: address of the object.

        Raises:
            ShardError: if the address is a folder.
        """
        about = self._within(self._files._info(url))
        if about.get("type") == "directory":
            raise ShardError(redact_url(url), "is a folder: name its shards, for example {000..127}.tar")
        size = about.get("size")
        return RemoteFile(-1 if size is None else int(size), str(about.get("ETag") or about.get("LastModified") or ""))

    def ranged(self, url: str, start: int, stop: int) -> bytes:
        """Return the bytes ``start … stop - 1``, fewer if the object ends earlier.

        Args:
            url: address of the object.
            start: first byte.
            stop: byte after the last byte.

        Raises:
            TooLargeError: if the server sends more bytes than requested.
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
    """Allows the endpoint, the hosts of its buckets, the user's proxies, and other hosts of Amazon for Amazon's S3."""

    def __init__(self) -> None:
        super().__init__()
        self._host, self._port = "", 0
        self._proxies: set[tuple[str, int]] = set()

    def open(self, endpoint: str) -> None:
        """Set the address of the endpoint."""
        self._host, self._port = host_and_port(endpoint)
        self._proxies = {host_and_port(url) for name, url in getproxies().items() if name in ("http", "https")}
        for host, port in [(self._host, self._port), *self._proxies]:
            if is_number(host):  # a connection to an IP address skips the resolver
                self.numbers(host, port)

    def is_named(self, host: str, port: int) -> bool:
        """Check whether the user's settings name this host and port."""
        here = host == self._host or host.endswith(f".{self._host}")
        return (here and port == self._port) or (host, port) in self._proxies

    def numbers(self, host: str, port: int) -> list[str]:
        """Return the IP addresses of a host, like `Rule`. Only other regions of Amazon are allowed as other hosts.

        Args:
            host: host name.
            port: port number.

        Raises:
            AddressError: if the host is not allowed.
        """
        is_region = self._host.endswith(_AMAZON) and host.endswith(_AMAZON) and port == self._port
        if not self.is_named(host, port) and not is_region:
            raise AddressError(f"{self._host}: points elsewhere ({host}); not followed")
        return super().numbers(host, port)


class _Session(AIOHTTPSession):
    async def send(self, request: Any) -> AioAWSResponse:
        """Send a request and return the answer. The body of an answer that is not an object has a size limit."""
        # As a stream, the body isn't read before its size is limited.
        stream, request.stream_output = request.stream_output, True
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
