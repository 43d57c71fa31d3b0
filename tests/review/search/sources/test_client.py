"""The HTTP client: rates, retries, deadlines, bounded answers and the cache."""

from __future__ import annotations

import errno
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from auxjepa.config import ConfigError
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError
from loopback import Clock, Reply, refused, serve

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = Reply(b'{"a": 1}')


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(clock: Clock, **more: Any) -> Client:
    return Client(clock=clock, sleep=clock.sleep, now=lambda: NOON, **more)


def fails(line: str) -> Any:
    return pytest.raises(SourceError, match=line)


def fetch(http: Client, url: str, **more: Any) -> Any:
    return http.get(f"{url}/works", {"q": "a b&c"}, json.loads, **more)


def test_an_answer_is_read_and_the_request_is_polite(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AUXJEPA_MAILTO", "me@example.org")
    with serve(GOOD) as server, client(clock) as http:
        answer = fetch(http, server.url, headers={"x-api-key": "secret"})
    assert answer.content == {"a": 1} and answer.date == NOON and not answer.cached
    request = server.requests[0]
    assert request.path == "/works" and request.params == {"q": "a b&c"}
    assert (
        request.headers["User-Agent"].startswith("auxjepa/")
        and "mailto:me@example.org" in request.headers["User-Agent"]
    )
    assert request.headers["x-api-key"] == "secret"


@pytest.mark.parametrize("wrong", ["me", "me@home", "a@b.org\r\nX-Evil: 1", "a b@c.org"])
def test_an_invalid_address_is_refused(wrong: str):
    with pytest.raises(ConfigError, match="no e-mail address"):
        Client(mailto=wrong)


def test_requests_to_a_host_keep_their_distance(clock: Clock):
    with serve(GOOD) as server, serve(GOOD) as second, client(clock) as http:
        for _ in range(3):
            fetch(http, server.url, interval=3.0)
        fetch(http, second.url, interval=3.0)  # another host needn't wait
    assert clock.slept == [3.0, 3.0]


def test_429_waits_for_the_time_in_the_header(clock: Clock):
    busy = Reply(status=429, headers={"Retry-After": "7"})
    with serve(busy, GOOD) as server, client(clock) as http:
        assert fetch(http, server.url, interval=0.0).content == {"a": 1}
    assert clock.slept == [7.0] and len(server.requests) == 2


def test_retry_after_may_be_a_date(clock: Clock):
    busy = Reply(status=503, headers={"Retry-After": format_datetime(NOON + timedelta(seconds=90), usegmt=True)})
    with serve(busy, GOOD) as server, client(clock) as http:
        fetch(http, server.url, interval=0.0)
    assert clock.slept == [90.0]


def test_500_is_tried_again_with_longer_waits(clock: Clock):
    with (
        serve(Reply(status=500)) as server,
        client(clock) as http,
        fails(r"HTTP 500 Internal Server Error \(tried 4 times\)"),
    ):
        fetch(http, server.url, interval=0.0)
    assert clock.slept == [2.0, 4.0, 8.0] and len(server.requests) == 4


@pytest.mark.parametrize("after", ["3600", "junk", ""])
def test_a_wait_beyond_the_deadline_is_not_begun(clock: Clock, after: str):
    with (
        serve(Reply(status=429, headers={"Retry-After": after})) as server,
        client(clock, deadline=1.5) as http,
        fails(r"HTTP 429 Too Many Requests; another try in .* would miss the deadline"),
    ):
        fetch(http, server.url)
    assert clock.slept == [] and len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_tried_again(clock: Clock, status: int):
    with serve(Reply(status=status)) as server, client(clock) as http, fails(rf"HTTP {status}"):
        fetch(http, server.url)
    assert len(server.requests) == 1


def test_a_malformed_answer_is_requested_again_and_reported_in_one_line(clock: Clock, tmp_path: Path):
    with (
        serve(Reply(b"<html>\nRate exceeded.")) as server,
        client(clock, cache=Cache(tmp_path)) as http,
        fails(r"a malformed answer: ") as error,
    ):
        fetch(http, server.url)
    assert len(server.requests) == 4 and "\n" not in str(error.value) and not list(tmp_path.iterdir())


def test_deeply_nested_json_is_malformed_and_no_crash(clock: Clock):
    with serve(Reply(b"[" * 200_000)) as server, client(clock, tries=1) as http, fails(r"malformed"):
        fetch(http, server.url)


def test_an_oversized_answer_is_refused_plain_and_packed(clock: Clock):
    packed = gzip.compress(b" " * 3_000_000)
    assert len(packed) < 10_000
    for reply in (Reply(b" " * 200_001), Reply(packed, headers={"Content-Encoding": "gzip"})):
        with (
            serve(reply) as server,
            client(clock, max_bytes=200_000) as http,
            fails(r"an answer of more than 200,000 bytes"),
        ):
            fetch(http, server.url)
        assert len(server.requests) == 1


def test_a_packed_answer_is_unpacked_and_a_damaged_one_reported(clock: Clock):
    packed = gzip.compress(GOOD.body)
    with serve(Reply(packed, headers={"Content-Encoding": "gzip"})) as server, client(clock) as http:
        assert fetch(http, server.url).content == {"a": 1}
    for broken in (packed[:-9], b"no gzip"):
        with (
            serve(Reply(broken, headers={"Content-Encoding": "gzip"})) as server,
            client(clock, tries=1) as http,
            fails(r"damaged answer \(gzip\)"),
        ):
            fetch(http, server.url)
    with (
        serve(Reply(b"x", headers={"Content-Encoding": "br"})) as server,
        client(clock) as http,
        fails(r"'br', which the request does not accept"),
    ):
        fetch(http, server.url)


def test_an_incomplete_answer_is_requested_again(clock: Clock):
    with serve(Reply(b'{"a"', cut=True), GOOD) as server, client(clock) as http:
        assert fetch(http, server.url).content == {"a": 1}


def test_redirections_stay_on_the_host(clock: Clock):
    with serve(Reply(status=301, headers={"Location": "/moved?q=1"}), GOOD) as server, client(clock) as http:
        assert fetch(http, server.url).content == {"a": 1}
        assert server.requests[1].path == "/moved" and server.requests[1].params == {"q": "1"}
    with serve(GOOD) as second, serve(Reply(status=302, headers={"Location": f"{second.url}/steal"})) as server:
        with client(clock) as http, fails(r"points elsewhere .* not followed"):
            fetch(http, server.url, headers={"x-api-key": "secret"})
        assert not second.requests
    with (
        serve(Reply(status=302, headers={"Location": "/round"})) as server,
        client(clock) as http,
        fails(r"in circles"),
    ):
        fetch(http, server.url)


@pytest.mark.parametrize("location", ["http://[::1", "//[", "http://a:b/", "ftp://x.org/", "\x01"])
def test_a_redirection_that_is_no_address_is_a_line(clock: Clock, location: str):
    with (
        serve(Reply(status=302, headers={"Location": location})) as server,
        client(clock, tries=1) as http,
        fails(r"."),
    ):
        fetch(http, server.url)


def test_a_wait_longer_than_one_answer_may_take_is_not_begun(clock: Clock):
    busy = Reply(status=429, headers={"Retry-After": "100"})
    with serve(busy) as server, client(clock, each=60) as http, fails(r"another try in 100 s"):
        fetch(http, server.url)
    assert clock.slept == []


def test_a_refused_connection_is_reported_soon(clock: Clock):
    with client(clock) as http, fails(r"can't be reached .*\(tried 2 times\)"):
        fetch(http, refused())
    assert sum(clock.slept) < 5


def test_a_silent_server_ends_with_the_timeout(clock: Clock):
    with serve(Reply(b"{}", drip=0.6)) as server, client(clock, timeout=0.2, tries=1) as http:
        start = time.monotonic()
        with fails(r"no answer within 0.2 s"):
            fetch(http, server.url)
        assert time.monotonic() - start < 2


def test_a_server_that_drips_ends_with_the_deadline():
    with serve(Reply(b" " * 1000, drip=0.05)) as server, Client(timeout=5.0, deadline=0.3) as http:
        start = time.monotonic()
        with fails(r"the deadline of 0.3 s is over"):
            fetch(http, server.url)
        assert time.monotonic() - start < 2
        with fails(r"deadline"):  # it holds for all requests together
            fetch(http, server.url)
    assert len(server.requests) == 1


def test_a_cached_answer_is_not_requested_again(clock: Clock, tmp_path: Path):
    with serve(GOOD) as server:
        with client(clock, cache=Cache(tmp_path)) as http:
            fetch(http, server.url)
        later = Client(cache=Cache(tmp_path), now=lambda: NOON + timedelta(days=400))
        answer = fetch(later, server.url)
    assert answer.cached and answer.date == NOON and answer.content == {"a": 1} and len(server.requests) == 1
    stored = next(tmp_path.iterdir()).read_bytes()
    assert b"secret" not in stored and stored.endswith(GOOD.body)


def test_an_old_answer_is_requested_again(clock: Clock, tmp_path: Path):
    cache = Cache(tmp_path, max_age=timedelta(days=7))
    with serve(GOOD) as server:
        for days, requests in ((0, 1), (6, 1), (8, 2), (9, 2)):
            later = NOON + timedelta(days=days)
            with Client(cache=cache, now=lambda later=later: later, clock=clock, sleep=clock.sleep) as http:
                fetch(http, server.url)
            assert len(server.requests) == requests


@pytest.mark.parametrize("damage", [b"", b"{}\nx", b"no json\n{}", b"cut"])
def test_a_damaged_file_of_the_cache_counts_as_absent(clock: Clock, tmp_path: Path, damage: bytes):
    with serve(GOOD) as server, client(clock, cache=Cache(tmp_path)) as http:
        fetch(http, server.url)
        file = next(tmp_path.iterdir())
        file.write_bytes(file.read_bytes()[:-1] if damage == b"cut" else damage)
        assert not fetch(http, server.url).cached
        assert fetch(http, server.url).cached
    assert len(server.requests) == 2


def test_a_full_disk_costs_the_copy_and_not_the_answer(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("auxjepa.files.write_bytes", full)
    with serve(GOOD) as server, client(clock, cache=Cache(tmp_path)) as http:
        assert fetch(http, server.url).content == {"a": 1}
    assert not list(tmp_path.iterdir())
