"""Restrict downloads to the public internet, for every address in a record, redirection or name server's answer.

:mod:`auxjepa.addresses` holds the rule. This module applies it to a request, which goes to the IP address that was
checked.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from auxjepa.addresses import AddressError, Resolve, Rule, host_and_port, public
from auxjepa_review.search.sources.errors import SourceError

__all__ = ["Pinned", "Public", "public"]


@dataclass(frozen=True)
class Pinned:
    """An address with the IP address of its host in place of the name, and the host's name for the request."""

    url: str
    headers: dict[str, str]
    extensions: dict[str, Any]


@dataclass(frozen=True)
class Public:
    """The rule for downloads. Addresses on loopback are allowed only if ``own`` lists them, with their port.

    Args:
        own: addresses that the user configured.
        resolve: function that looks up names; that of the system if None.
    """

    own: tuple[str, ...] = ()
    resolve: Resolve | None = None

    def pinned(self, url: str) -> Pinned:
        """Return the address to connect to.

        Raises:
            SourceError: it is no web address, it has a password, or it leads to a private or loopback address.
        """
        try:
            host, port = host_and_port(url)
            parts = urlsplit(url)
            if "@" in parts.netloc:
                raise SourceError(f"{host}: an address with a name or password in it; not followed")
            if self._configured(host, port):
                return Pinned(url, {}, {})
            try:
                host = host if ":" in host else host.encode("idna").decode("ascii")
            except UnicodeError:
                raise SourceError(f"{url[:120]!r} is no web address") from None
            number = self._number(host, port)
        except AddressError as error:
            raise SourceError(str(error)) from None
        plain = urlunsplit((parts.scheme, f"{_bracketed(number)}:{port}", parts.path or "/", parts.query, ""))
        named = _bracketed(host) + (f":{port}" if parts.port else "")
        return Pinned(plain, {"Host": named}, {"sni_hostname": host} if parts.scheme == "https" else {})

    def _number(self, host: str, port: int) -> str:
        return Rule(resolve=self.resolve).numbers(host, port)[0]

    def _configured(self, host: str, port: int) -> bool:
        for base in self.own:
            try:
                same = host_and_port(base) == (host, port)
            except AddressError:
                continue
            if same:
                return host == "localhost" or _loopback(host)
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
