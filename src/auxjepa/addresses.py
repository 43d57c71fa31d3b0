"""Addresses that a request may reach: the public internet, and hosts that the user named.

A server, a record or a name server can point to any address, also to services of this machine or of its network.
Therefore every hop of a request is checked by the IP addresses of its host, and a client connects to an IP address that
was checked. A name server that gives another answer the next time has no effect.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., Iterable[Any]]
PORTS = {"http": 80, "https": 443}
"""Schemes that requests follow, with their default ports."""

_UNICAST = ipaddress.ip_network("2000::/3")  # IPv6 addresses of the public internet
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TEREDO = ipaddress.ip_network("2001::/32")
_METADATA = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32")))
# Networks that `ipaddress` of Python 3.11 wrongly treats as global: protocols, relays of 6to4, documentation.
_SPECIAL = (*_METADATA, *map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class AddressError(Exception):
    """An address that must not be reached; the message is one line for people."""


class NoHostError(AddressError):
    """A name that no name server resolves, perhaps only for a moment."""


class Rule:
    """Check of the hosts of one request, hop by hop.

    Args:
        named: hosts and ports that the user named; only their IP addresses may be private, at these ports.
        was_public: whether the named hosts had public IP addresses before; they must still have them.
        resolve: used instead of ``socket.getaddrinfo``.
    """

    def __init__(
        self, named: Iterable[tuple[str, int]] = (), *, was_public: bool = False, resolve: Resolve | None = None
    ) -> None:
        self.was_public = was_public
        self._named, self._resolve = tuple(named), resolve
        self._private: set[tuple[str, int]] = set()  # IP addresses and ports of named hosts

    def numbers(self, host: str, port: int) -> list[str]:
        """Return the IP addresses that a client may connect to, in the order of the name server's answer.

        Raises:
            AddressError: if there is no such host, or one of its IP addresses must not be reached.
        """
        numbers = resolved(host, port, self._resolve)
        private = [number for number in numbers if not public(number)]
        if self.is_named(host, port):
            if not private:
                self.was_public = True
            elif self.was_public:
                raise AddressError(f"{host}: led to the public internet before, now to {private[0]}; not followed")
            elif not is_number(host):
                numbers = [number for number in numbers if not _serves_host(number)]
                if not numbers:
                    raise AddressError(f"{host}: leads to a link-local address ({private[0]}); not followed")
            self._private.update((number, port) for number in numbers if not public(number))
        for number in numbers:
            self.judge(host, number, port)
        return numbers

    def judge(self, host: str, number: str, port: int) -> None:
        """Check that a client may connect to an IP address.

        Args:
            host: name of the host, for the message.
            number: its IP address.
            port: port of the connection.

        Raises:
            AddressError: if it is private and doesn't belong to a host that the user named.
        """
        if not public(number) and (number, port) not in self._private:
            raise AddressError(f"{host}: leads to a private address ({number}); not followed")

    def is_named(self, host: str, port: int) -> bool:
        """Check whether the user named this host and port."""
        return (host, port) in self._named


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host and the port of a web address.

    Raises:
        AddressError: if it isn't an address of http or https.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise AddressError(f"{url[:120]!r} is no web address") from None
    if not host or not port or parts.scheme not in PORTS:
        raise AddressError(f"{url[:120]!r} is no web address (http, https)")
    return host, port


def is_number(host: str) -> bool:
    """Check whether a host is an IP address, which clients reach without a name server."""
    return _address(host) is not None


def redirected(url: str, location: str) -> str:
    """Return the address to which ``url`` redirects.

    Args:
        url: address of the request.
        location: address in the answer, absolute or relative.

    Raises:
        AddressError: if it isn't a web address, contains a password, or changes from https to http.
    """
    old = urlsplit(url).hostname or ""
    try:
        new = urlsplit(urljoin(url, location))
        host, _ = host_and_port(new.geturl() if location else "")
    except (ValueError, AddressError):
        raise AddressError(f"{old}: redirects to {location[:120]!r}, no web address; not followed") from None
    if "@" in new.netloc and new.netloc != urlsplit(url).netloc:
        raise AddressError(f"{old}: redirects to an address that contains a name or password ({host}); not followed")
    if urlsplit(url).scheme == "https" and new.scheme != "https":
        raise AddressError(f"{old}: redirects from https to http ({host}); not followed")
    return new.geturl()


def resolved(host: str, port: int, resolve: Resolve | None = None) -> list[str]:
    """Return the IP addresses of a host, each once.

    Raises:
        NoHostError: if there is none.
    """
    try:
        answer = (resolve or socket.getaddrinfo)(host, port, type=socket.SOCK_STREAM)
        numbers = list(dict.fromkeys(str(entry[4][0]) for entry in answer))
    except (OSError, UnicodeError):
        numbers = []
    if not numbers:
        raise NoHostError(f"{host}: no such host")
    return numbers


def public(number: str) -> bool:
    """Check whether an IP address belongs to the public internet; so must each address that it embeds."""
    address = _address(number)
    if address is None or not _unicast(address):
        return False
    return all(_unicast(embedded) for embedded in _embedded(address))


def _unicast(address: Address) -> bool:
    """Check whether an address, without those it embeds, belongs to a host of the public internet."""
    if any(address in network for network in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address in _NAT64 or address in _TEREDO:
            return True  # the addresses that it embeds decide
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: Address) -> list[Address]:
    """Return the IPv4 addresses that an IPv6 address embeds."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    low = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    inner += [low] if address in _NAT64 or int(address) >> 32 & 0xFFFF_FFFF in _ISATAP else []
    return [embedded for embedded in inner if embedded is not None]


def _serves_host(number: str) -> bool:
    """Check whether an address reaches the host's own link or its cloud's metadata service."""
    address = _address(number)
    addresses = [] if address is None else [address, *_embedded(address)]
    return any(each.is_link_local or any(each in network for network in _METADATA) for each in addresses)


def _address(number: str) -> Address | None:
    try:
        return ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return None
