"""Connections of aiohttp that only go to numbers that a rule has judged."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from auxjepa.addresses import Rule


class Connections(AbstractResolver):
    """Resolves names by a rule, and judges each number again when a socket is made for it.

    The second judgement is for hosts that are written as numbers: these are never resolved.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    @property
    def arguments(self) -> dict[str, Any]:
        """What a connector of aiohttp takes."""
        return {"resolver": self, "socket_factory": self.make_socket, "use_dns_cache": False}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The numbers of a host.

        Raises:
            AddressError: when there is no such host, or it may not be connected to.
        """
        numbers = await asyncio.get_running_loop().run_in_executor(None, self.rule.numbers, host, port)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(hostname=host, host=number, port=port, family=families[":" in number], proto=0, flags=0)
            for number in numbers
        ]

    def make_socket(self, address: Any) -> socket.socket:
        """A socket for an address as ``socket.getaddrinfo`` gives it.

        Raises:
            AddressError: when it may not be connected to.
        """
        family, kind, protocol, _, (number, port, *_) = address
        self.rule.judge(str(number), str(number), int(port))
        return socket.socket(family=family, type=kind, proto=protocol)

    async def close(self) -> None:
        """Nothing is kept open."""
