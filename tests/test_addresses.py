"""What may be connected to: the public internet, and what the user named."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from auxjepa.addresses import AddressError, NoHostError, Rule, host_and_port, public, redirected


def name_server(*answers: str) -> Any:
    """Gives one answer after the other (numbers, parted by blanks), the last one again and again."""
    left = list(answers)

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if not answer:
            raise socket.gaierror(-2, "unknown")
        return [(0, 0, 0, "", (number, port)) for number in answer.split()]

    return resolve


PRIVATE = """
127.0.0.1 127.255.255.254 10.0.0.1 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1 100.100.100.200 0.0.0.0
0.1.2.3 224.0.0.1 240.0.0.1 255.255.255.255 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1
168.63.129.16 :: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 3fff::1 100::1 5f00::1
::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:a00:1::
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::808:808 2001:0:808:808::80ff:fffe
2001:470:1:2:0:5efe:10.0.0.1 2001:470:1:2:200:5efe:127.0.0.1 localhost 2130706433 0x7f.1
"""
PUBLIC = """
8.8.8.8 1.1.1.1 93.184.216.34 2606:4700::1111 2001:4860:4860::8888 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1
2001:470:1:2:0:5efe:8.8.8.8
"""


@pytest.mark.parametrize("number", PRIVATE.split())
def test_private_numbers_in_every_form(number: str) -> None:
    assert not public(number)


@pytest.mark.parametrize("number", PUBLIC.split())
def test_public_numbers(number: str) -> None:
    assert public(number)


def test_a_host_is_followed_only_where_all_its_numbers_are_public() -> None:
    assert Rule(resolve=name_server("8.8.8.8 2606:4700::1111")).numbers("a.org", 443) == ["8.8.8.8", "2606:4700::1111"]
    for numbers in ("127.0.0.1", "8.8.8.8 10.0.0.1", "2606:4700::1111 fe80::1", "::ffff:7f00:1"):
        with pytest.raises(AddressError, match=r"^a\.org: leads to a private address \(\S+\); not followed$"):
            Rule(resolve=name_server(numbers)).numbers("a.org", 443)
    with pytest.raises(NoHostError, match=r"a\.org: no such host"):
        Rule(resolve=name_server("")).numbers("a.org", 443)


def test_what_the_user_named_may_be_private_at_its_port_only() -> None:
    rule = Rule([("nas.local", 8000)], resolve=name_server("192.168.0.7"))
    assert rule.numbers("nas.local", 8000) == ["192.168.0.7"]
    rule.judge("nas.local", "192.168.0.7", 8000)
    for host, port in (("nas.local", 80), ("other.org", 22)):
        with pytest.raises(AddressError, match="private address"):
            rule.numbers(host, port)
    with pytest.raises(AddressError, match="private address"):
        rule.judge("nas.local", "192.168.0.8", 8000)


def test_a_named_host_that_was_public_stays_public() -> None:
    rule = Rule([("a.org", 80)], resolve=name_server("8.8.8.8", "8.8.4.4", "127.0.0.1"))
    assert rule.numbers("a.org", 80) == ["8.8.8.8"] and rule.was_public
    assert rule.numbers("a.org", 80) == ["8.8.4.4"]
    with pytest.raises(AddressError, match=r"led to the public internet before, now to 127\.0\.0\.1"):
        rule.numbers("a.org", 80)
    with pytest.raises(AddressError, match="before"):
        Rule([("a.org", 80)], was_public=True, resolve=name_server("10.0.0.1")).numbers("a.org", 80)


def test_a_name_never_leads_to_the_metadata_of_a_cloud_but_a_number_is_what_it_says() -> None:
    for number in ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"):
        with pytest.raises(AddressError, match="leads to a link-local address"):
            Rule([("a.org", 80)], resolve=name_server(number)).numbers("a.org", 80)
    both = Rule([("a.local", 80)], resolve=name_server("192.168.0.7 fe80::7"))
    assert both.numbers("a.local", 80) == ["192.168.0.7"]
    assert Rule([("169.254.7.7", 80)]).numbers("169.254.7.7", 80) == ["169.254.7.7"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
def test_other_spellings_of_numbers_are_judged_by_what_they_mean(host: str) -> None:
    with pytest.raises(AddressError, match=r"private address \((127\.0\.0\.1|0\.0\.0\.0)\)"):
        Rule().numbers(host, 80)


@pytest.mark.parametrize(
    ("url", "location", "line"),
    [
        ("https://a.org/x", "http://a.org/x", r"a\.org: redirects from https to http \(a\.org\)"),
        ("http://a.org/x", "file:///etc/passwd", r"a\.org: redirects to 'file:///etc/passwd'"),
        ("http://a.org/x", "ftp://b.org/", "no web address"),
        ("http://a.org/x", "gopher://b.org/", "no web address"),
        ("http://a.org/x", "", "no web address"),
        ("http://a.org/x", "http://[::1", "no web address"),
        ("http://a.org/x", "http://b.org:port/", "no web address"),
        ("http://a.org/x", "http://me:secret@b.org/", "that contains a name or password"),
    ],
)
def test_redirections_that_are_not_followed(url: str, location: str, line: str) -> None:
    with pytest.raises(AddressError, match=line) as error:
        redirected(url, location)
    assert "\n" not in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "location", "to"),
    [
        ("http://a.org/x", "https://b.org/y?z=1", "https://b.org/y?z=1"),
        ("https://a.org/x/1", "2", "https://a.org/x/2"),
        ("https://a.org/x/1", "/2", "https://a.org/2"),
        ("https://a.org/x/1", "//b.org/2", "https://b.org/2"),
        ("http://me:secret@a.org/x", "/y", "http://me:secret@a.org/y"),
    ],
)
def test_redirections_that_are_followed(url: str, location: str, to: str) -> None:
    assert redirected(url, location) == to


def test_the_place_of_an_address() -> None:
    assert host_and_port("http://A.org/x") == ("a.org", 80)
    assert host_and_port("https://[::1]:8443/") == ("::1", 8443)
    for url in ("a.org", "file:///x", "http:///x", "http://[::1", "http://a.org:70000/"):
        with pytest.raises(AddressError, match="no web address"):
            host_and_port(url)
