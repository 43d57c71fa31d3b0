"""Downloads reach the public internet only."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from auxjepa_review.search.sources.client import Client, SourceError
from auxjepa_review.search.sources.public import Public, public
from loopback import Clock, Reply, serve


def names(**records: str) -> Any:
    """Return a name server with these names: their IP addresses, separated by spaces."""

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        if host.replace(".", "_") not in records:
            raise socket.gaierror(-2, "unknown")
        return [(0, 0, 0, "", (number, port)) for number in records[host.replace(".", "_")].split()]

    return resolve


@pytest.mark.parametrize(
    ("number", "open_"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("junk", False),
    ],
)
def test_addresses_of_the_public_internet_also_wrapped_ones(number: str, open_: bool):
    assert public(number) is open_


def test_the_connection_goes_to_the_checked_ip_address_and_names_the_host():
    rule = Public(resolve=names(a_org="8.8.8.8 2606:4700::1111", six_org="2606:4700::1111"))
    pinned = rule.pinned("https://a.org/x?q=1#part")
    assert pinned.url == "https://8.8.8.8:443/x?q=1"
    assert pinned.headers == {"Host": "a.org"} and pinned.extensions == {"sni_hostname": "a.org"}
    pinned = rule.pinned("http://six.org:8080")
    assert pinned.url == "http://[2606:4700::1111]:8080/" and pinned.headers == {"Host": "six.org:8080"}


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://in.org/", r"in\.org: leads to a private address \(10\.0\.0\.1\)"),
        ("http://both.org/", r"private address \(192\.168\.0\.1\)"),
        ("http://127.0.0.1/", r"private address \(127\.0\.0\.1\)"),
        ("http://localhost/", r"private address"),
        ("http://2130706433/", r"private address \(127\.0\.0\.1\)"),
        ("http://0x7f.1/", r"private address \(127\.0\.0\.1\)"),
        ("http://[::ffff:127.0.0.1]/", r"private address"),
        ("http://none.org/", r"none\.org: no such host"),
        ("file:///etc/passwd", r"no web address"),
        ("gopher://a.org/", r"no web address"),
        ("http:///x", r"no web address"),
        ("http://[::1", r"no web address"),
        ("http://a.org:port/", r"no web address"),
        ("https://me:secret@a.org/", r"a\.org: an address with a name or password"),
        (f"http://{'a' * 70}.org/", r"no web address"),
    ],
)
def test_everything_else_is_refused_in_one_line(url: str, line: str):
    numbers = names(in_org="10.0.0.1", both_org="8.8.8.8 192.168.0.1", a_org="8.8.8.8")

    def resolve(host: str, port: int, **more: Any) -> Any:
        is_listed = host.endswith(".org")
        return numbers(host, port) if is_listed else socket.getaddrinfo(host, port, **more)

    with pytest.raises(SourceError, match=line) as error:
        Public(resolve=resolve).pinned(url)
    assert "\n" not in str(error.value) and "secret" not in str(error.value)


def test_an_address_on_this_machine_is_allowed_only_with_its_configured_port():
    rule = Public(own=("http://127.0.0.1:8000", "https://10.0.0.1", "http://mirror.org"))
    assert rule.pinned("http://127.0.0.1:8000/pdf/1").url == "http://127.0.0.1:8000/pdf/1"
    for url in ("http://127.0.0.1:8001/", "http://127.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(SourceError, match="private address"):
            rule.pinned(url)


def test_a_redirection_is_checked_like_an_address():
    clock = Clock()
    with serve(Reply(b"secret")) as inside, serve(Reply(status=302, headers={"Location": f"{inside.url}/"})) as server:
        refused = pytest.raises(SourceError, match=r"leads to a private address \(127\.0\.0\.1\)")
        with Client(clock=clock, sleep=clock.sleep, anywhere=Public(own=(server.url,))) as http, refused:
            http.get(server.url, {}, bytes)
        assert not inside.requests
        with Client(clock=clock, sleep=clock.sleep, anywhere=Public(own=(server.url, inside.url))) as http:
            assert http.get(server.url, {}, bytes).content == b"secret"


def test_the_request_goes_to_the_ip_address_with_the_hosts_name():
    clock = Clock()
    with serve(Reply(b"here")) as server:
        port = int(server.url.rpartition(":")[2])

        class Lenient(Public):
            def _number(self, host: str, port: int) -> str:
                assert host == "paper.example"
                return "127.0.0.1"

        with Client(clock=clock, sleep=clock.sleep, anywhere=Lenient()) as http:
            assert http.get(f"http://paper.example:{port}/a?b=c", {}, bytes).content == b"here"
        request = server.requests[0]
        assert request.headers["Host"] == f"paper.example:{port}"
        assert (request.path, request.params) == ("/a", {"b": "c"})
