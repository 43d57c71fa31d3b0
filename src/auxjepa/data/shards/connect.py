"""Limit the connections of aiohttp to the IP addresses that a rule allows."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from auxjepa.addresses import Rule


class Connections(AbstractResolver):
    """A resolver and socket factory that refuse addresses outside a rule.

    The rule judges an address twice: when its name is resolved, and when a socket is made for it. The second check
    covers hosts that are IP addresses, because these are not resolved.

    Args:
        rule: addresses that may be connected to.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of an aiohttp connector."""
        return {"resolver": self, "socket_factory": self.make_socket, "use_dns_cache": False}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the IP addresses of a host.

        Args:
            host: host name.
            port: port number.
            family: ignored; the addresses determine it.

        Raises:
            AddressError: if the host doesn't exist or the rule refuses it.
        """
        numbers = await asyncio.get_running_loop().run_in_executor(None, self.rule.numbers, host, port)
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(hostname=host, host=number, port=port, family=families[":" in number], proto=0, flags=0)
            for number in numbers
        ]

    def make_socket(self, address: Any) -> socket.socket:
        """Return a socket for an address.

        Args:
            address: a result of ``socket.getaddrinfo``.

        Raises:
            AddressError: if the rule refuses the address.
        """
        family, kind, protocol, _, (number, port, *_) = address
        self.rule.judge(str(number), str(number), int(port))
        return socket.socket(family=family, type=kind, proto=protocol)

    async def close(self) -> None:
        """Do nothing, because the resolver keeps nothing open."""
