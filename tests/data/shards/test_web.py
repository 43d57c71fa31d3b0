"""Servers that point where they must not, send without end, lie about lengths, or take their time."""

from __future__ import annotations

import errno
import gzip
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auxjepa.data.shards import ShardError, index_shards, retries, storage
from auxjepa.data.shards.connect import Connections
from auxjepa.data.shards.storage import inspect_shard
from raw_server import answers, drips, endless, redirects, speaking

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(retries, "BACKOFF", 0.01)
    storage._open_filesystem.cache_clear()
    yield
    storage._open_filesystem.cache_clear()


def _refused(root: Path, url: str, line: str, **more: Any) -> str:
    with pytest.raises(ShardError, match=line) as error:
        index_shards(url, root, progress=False, **more)
    assert "\n" not in str(error.value)
    kept = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert not kept, kept
    return str(error.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/s.tar",
        "//127.0.0.1:{port}/s.tar",
        "http://localhost:{port}/s.tar",
        "http://2130706433:{port}/s.tar",
        "http://0x7f.1:{port}/s.tar",
        "http://0177.0.0.1:{port}/s.tar",
        "http://127.1:{port}/s.tar",
        "http://0.0.0.0:{port}/s.tar",
        "http://0:{port}/s.tar",
        "http://[::ffff:127.0.0.1]:{port}/s.tar",
        "http://[::ffff:7f00:1]:{port}/s.tar",
        "http://①②⑦.⓪.⓪.①:{port}/s.tar",
    ],
)
def test_no_redirection_reaches_another_service_of_this_machine(tmp_path: Path, target: str, status: int) -> None:
    tar = answers("HTTP/1.1 200 OK\nContent-Length: 1024\nConnection: close", bytes(1024))
    with speaking(tar) as inside, speaking(redirects(target.format(port=inside.port), status)) as server:
        _refused(tmp_path / "root", f"{server.url}/s.tar", "not followed|no web address|not a canonical IPv4 address")
    assert inside.heads == [] and len(server.heads) <= 8


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("http://169.254.169.254/latest/meta-data/", r"private address \(169\.254\.169\.254\)"),
        ("http://[fe80::1]/s.tar", "private address"),
        ("http://[fd00:ec2::254]/s.tar", "private address"),
        ("http://10.0.0.1/s.tar", "private address"),
        ("http://[64:ff9b::a9fe:a9fe]/s.tar", "private address"),
        ("http://[2002:7f00:1::1]/s.tar", "private address"),
        ("file:///etc/passwd", "no web address"),
        ("ftp://127.0.0.1/s.tar", "no web address"),
        ("gopher://127.0.0.1/s.tar", "no web address"),
        ("http://me:secret@127.0.0.1/", "that contains a name or password"),
        ("", "no web address"),
        ("/s.tar", "more than 5 redirections"),
    ],
)
def test_the_target_of_a_refused_redirection_is_named(tmp_path: Path, target: str, line: str) -> None:
    begun = time.monotonic()
    with speaking(redirects(target)) as server:
        assert "secret" not in _refused(tmp_path / "root", f"{server.url}/s.tar", line)
    assert time.monotonic() - begun < 10  # nothing was connected to, else the silence of the network would count


def test_the_last_hop_of_several_is_judged_too(tmp_path: Path) -> None:
    with speaking(answers("HTTP/1.1 200 OK\nContent-Length: 0")) as inside:

        def speak(connection: socket.socket, head: bytes) -> None:
            location = "/two" if b"/s.tar" in head else "/three" if b"/two" in head else f"{inside.url}/s.tar"
            redirects(location)(connection, head)

        with speaking(speak) as server:
            _refused(tmp_path / "root", f"{server.url}/s.tar", "private address")
        assert inside.heads == [] and len(server.heads) == 3


def test_a_private_server_that_the_user_named_is_read(tmp_path: Path, make_tar: Make) -> None:
    data = make_tar(tmp_path / "s.tar", [("a.mp4", b"1")]).read_bytes()

    def speak(connection: socket.socket, head: bytes) -> None:
        whole = f"HTTP/1.1 200 OK\nContent-Length: {len(data)}\nConnection: close"
        (redirects("/there.tar") if b"/s.tar" in head else answers(whole, data))(connection, head)

    for host in ("127.0.0.1", "::1"):
        with speaking(speak, host) as server:
            assert index_shards(f"{server.url}/s.tar", tmp_path / host, progress=False).read_bytes(0) == b"1"
    with speaking(speak) as server:
        named = f"http://localhost:{server.port}/s.tar"
        assert index_shards(named, tmp_path / "name", progress=False).read_bytes(0) == b"1"


def test_the_connection_goes_to_the_address_that_was_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that says something else each time, as for an attack by rebinding."""
    asked: list[str] = []
    made: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *rest, **more)
        asked.append(host)
        number = "127.0.0.1" if len(asked) % 2 == 0 else "93.184.216.34"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    def make_socket(self: Connections, address: Any) -> socket.socket:
        made.append(address[4][0])
        if address[4][0] == "93.184.216.34":
            raise OSError(errno.EHOSTUNREACH, "no network here")
        return socket.socket(address[0], address[1], address[2])

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(Connections, "make_socket", make_socket)
    with speaking(answers("HTTP/1.1 200 OK\nContent-Length: 0")) as inside:
        with speaking(redirects(f"http://rebind.example:{inside.port}/s.tar")) as server:
            _refused(tmp_path / "root", f"{server.url}/s.tar", ".")
        assert inside.heads == [] and len(asked) >= 2
        assert made.count("93.184.216.34") == (len(asked) + 1) // 2
        # The user's own name is asked for a public number at first: a private one is no longer its.
        asked.clear()
        _refused(tmp_path / "other", f"http://rebind.example:{inside.port}/s.tar", "led to the public internet before")
        assert inside.heads == []


def test_a_name_with_several_addresses_needs_public_ones_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host != "both.example":
            return real(host, port, *rest, **more)
        numbers = ("93.184.216.34", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with speaking(answers("HTTP/1.1 200 OK\nContent-Length: 0")) as inside:
        with speaking(redirects(f"http://both.example:{inside.port}/s.tar")) as server:
            _refused(tmp_path / "root", f"{server.url}/s.tar", r"both\.example: leads to a private address")
        assert inside.heads == []


LATER = "HTTP/1.1 200 OK\nETag: x\nConnection: close"


def test_an_endless_body_meets_the_limit_without_a_retry(tmp_path: Path) -> None:
    with speaking(endless(LATER, LATER)) as server:
        _refused(
            tmp_path / "root",
            f"{server.url}/s.tar",
            r"^http://127\.0\.0\.1:\d+/s\.tar: no more than 5\.0 MB are downloaded \(data\.shard_limit\)$",
            limit=5_000_000,
        )
        assert server.methods == ["HEAD", "GET", "GET"]  # what is it; how long; all of it, once


def test_a_compressed_bomb_meets_the_limit(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(100_000_000))
    head = f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(bomb)}\nConnection: close"
    with speaking(answers(head, bomb)) as server:
        _refused(tmp_path / "root", f"{server.url}/s.tar", r"data\.shard_limit", limit=1_000_000)


def test_a_shard_that_the_server_compresses_is_decompressed(tmp_path: Path, make_tar: Make) -> None:
    packed = gzip.compress(make_tar(tmp_path / "s.tar", [("a.mp4", b"1")]).read_bytes())
    head = f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(packed)}\nConnection: close"
    with speaking(answers(head, packed)) as server:
        assert index_shards(f"{server.url}/s.tar", tmp_path / "root", progress=False).read_bytes(0) == b"1"


def test_the_announced_size_is_checked_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 900 * 10**12
    head = f"HTTP/1.1 200 OK\nContent-Length: {size}\nConnection: close"
    whole = f"HTTP/1.1 200 OK\nContent-Length: {size}\nConnection: close"
    with speaking(endless(whole, head)) as server:
        # Its ranges are ignored, so that all of it would have to be downloaded.
        line = r"it has 900\.0 TB: no more than 32\.0 GB are downloaded \(data\.shard_limit\)"
        monkeypatch.setattr("auxjepa.data.shards.index._REMOTE_BLOCK", 512)
        _refused(tmp_path / "root", f"{server.url}/s.tar", "no tar archive|" + line)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10_000_000, total=20_000_000))
    with speaking(endless(LATER, LATER)) as server:
        line = r"9\.\d MB, and \d\.\d MB fit in "
        _refused(tmp_path / "other", f"{server.url}/s.tar", line)
        assert server.methods.count("GET") == 2


def test_an_endless_range_is_refused_without_using_memory(tmp_path: Path) -> None:
    part = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-511/1024\nConnection: close"
    with speaking(endless(part, "HTTP/1.1 200 OK\nContent-Length: 1024\nConnection: close")) as server:
        shard = inspect_shard(f"{server.url}/s.tar", "s.tar")
        with pytest.raises(ShardError, match=r"the server sent more than the 512 requested bytes \(4 tries\)"):
            shard.read(0, 512)
    other = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 512-1023/1024\nContent-Length: 512\nConnection: close"
    with speaking(answers(other, bytes(512), of_head="HTTP/1.1 200 OK\nContent-Length: 1024")) as server:
        shard = inspect_shard(f"{server.url}/s.tar", "s.tar")
        with pytest.raises(ShardError, match=r"the server sent bytes 512-1023/1024 instead of the bytes from 0 to"):
            shard.read(0, 512)


@pytest.mark.parametrize("how", ["head", "body", "range"])
def test_a_slow_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(retries, "PATIENCE", 0.5)
    monkeypatch.setattr(retries, "TRIES", 1)
    announced = "HTTP/1.1 200 OK\nContent-Length: 1024\nConnection: close"
    speak = {
        "head": drips("HTTP/1.1 200 OK", 0.05),
        "body": endless(LATER, LATER, b"x", 0.05),
        "range": endless("HTTP/1.1 206 Partial Content\nContent-Length: 512", announced, b"x", 0.05),
    }[how]
    begun = time.monotonic()
    with speaking(speak) as server:
        _refused(tmp_path / "root", f"{server.url}/s.tar", "the server is silent or too slow")
    assert time.monotonic() - begun < 20


def test_a_full_disk_is_reported_immediately_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def open_(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        file = real(self, mode, *rest, **more)
        if not self.name.endswith(".partial"):
            return file

        class Full:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def write(self, data: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        return Full()

    monkeypatch.setattr(Path, "open", open_)
    with speaking(endless(LATER, LATER)) as server:
        _refused(tmp_path / "root", f"{server.url}/s.tar", r"the disk of .*whole is full; choose another data\.root")
        assert server.methods.count("GET") == 2


def test_partial_files_of_a_killed_download_are_removed(tmp_path: Path, make_tar: Make) -> None:
    data = make_tar(tmp_path / "s.tar", [("a.mp4", b"1")]).read_bytes()
    with speaking(answers(LATER, data)) as server:
        url = f"{server.url}/s.tar"
        whole = tmp_path / "root" / "shards" / "whole"
        whole.mkdir(parents=True)
        left = whole / f".{inspect_shard(url, 's.tar').address_hash}-0123.tar.1.partial"
        left.write_bytes(b"half")
        index_shards(url, tmp_path / "root", progress=False)
        assert [path.suffix for path in whole.iterdir()] == [".tar"]


NAMESPACE = """
import sys, threading
from pathlib import Path
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from auxjepa.data.shards import ShardError, index_shards
reached = []

class Public(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", "http://" + self.path[1:] + "/s.tar")
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_GET
    def log_message(self, *_): pass

class Inside(BaseHTTPRequestHandler):
    def do_GET(self):
        reached.append(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", "1024")
        self.end_headers()
    do_HEAD = do_GET
    def log_message(self, *_): pass

for host, port, handler in (("93.184.216.34", 80, Public), ("169.254.169.254", 80, Inside), ("127.0.0.1", 80, Inside)):
    server = ThreadingHTTPServer((host, port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
for target in ("169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "127.0.0.1", "0.0.0.0"):
    try:
        index_shards(f"http://93.184.216.34/{target}", Path(sys.argv[1]), progress=False)
        print("followed", target)
    except ShardError as error:
        print("refused", error)
print("reached", len(reached))
"""


def test_a_public_server_reaches_nothing_private(tmp_path: Path) -> None:
    """In a network of its own, where numbers of the public internet and of a cloud's metadata lie on loopback."""
    links = ("link set lo up", "addr add 93.184.216.34/32 dev lo", "addr add 169.254.169.254/32 dev lo")
    commands = " && ".join(f"ip {link}" for link in links)
    inner = f'{commands} && exec "{sys.executable}" -c "$0" "{tmp_path}"'
    try:
        done = subprocess.run(
            ["unshare", "-rn", "sh", "-c", inner, NAMESPACE], capture_output=True, text=True, timeout=120, check=False
        )
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if "reached" not in done.stdout and any(word in done.stderr for word in ("unshare", "RTNETLINK", "ip:")):
        pytest.skip(f"no network namespace here: {done.stderr.strip()[:80]}")
    lines = done.stdout.splitlines()
    assert lines[-1] == "reached 0", done.stdout + done.stderr
    assert len(lines) == 7 and all(line.startswith("refused") for line in lines[:-1]), done.stdout
