"""Where a download may lead: the public internet only, whatever a record, a redirection or a name server says.

An address is resolved here, every answer is judged, and the connection goes to the one that was judged: a name that
leads elsewhere the next time is of no use.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from auxjepa.literature.sources.errors import SourceError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[..., Iterable[Any]]


@dataclass(frozen=True)
class Pinned:
    """An address with its host's number in place of the name, and what the request needs to name the host still."""

    url: str
    headers: dict[str, str]
    extensions: dict[str, Any]


@dataclass(frozen=True)
class Public:
    """The rule. ``own``: addresses that somebody configured; those on loopback are allowed, with their port only."""

    own: tuple[str, ...] = ()
    resolve: Resolve = socket.getaddrinfo

    def pinned(self, url: str) -> Pinned:
        """The address to connect to.

        Raises:
            SourceError: no web address, it carries a password, or it leads to a private or loopback address.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            raise SourceError(f"{url[:120]!r} is no web address") from None
        if not host or not port:
            raise SourceError(f"{url[:120]!r} is no web address (http, https)")
        if "@" in parts.netloc:
            raise SourceError(f"{host}: an address with a name or password in it; not followed")
        if self._configured(host, port):
            return Pinned(url, {}, {})
        try:
            host = host if ":" in host else host.encode("idna").decode("ascii")
        except UnicodeError:
            raise SourceError(f"{url[:120]!r} is no web address") from None
        number = self._number(host, port)
        plain = urlunsplit((parts.scheme, f"{_bracketed(number)}:{port}", parts.path or "/", parts.query, ""))
        named = _bracketed(host) + (f":{port}" if parts.port else "")
        return Pinned(plain, {"Host": named}, {"sni_hostname": host} if parts.scheme == "https" else {})

    def _number(self, host: str, port: int) -> str:
        try:
            found = [str(entry[4][0]) for entry in self.resolve(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise SourceError(f"{host}: no such host")
        for number in found:
            if not public(number):
                raise SourceError(f"{host}: leads to a private address ({number}); not followed")
        return found[0]

    def _configured(self, host: str, port: int) -> bool:
        for base in self.own:
            parts = urlsplit(base)
            if (parts.hostname, parts.port or {"http": 80}.get(parts.scheme, 443)) == (host, port):
                return host == "localhost" or _loopback(host)
        return False


def public(number: str) -> bool:
    """Whether an IP address is one of the public internet, also where it is wrapped in another one."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [one for one in wrapped if one is not None]
        if inner:
            return all(public(str(one)) for one in inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
