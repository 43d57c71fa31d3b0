from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.shards import retries, shardset, storage
from auxjepa.data.shards.errors import NoRangesError, ShardError
from auxjepa.data.shards.index import open_index
from auxjepa.data.shards.shardset import index_shards
from auxjepa.data.shards.storage import inspect_shard

DATA = bytes(range(256)) * 40
Make = Callable[..., Path]


def _served(server: Any) -> Any:
    (server.folder / "s.tar").write_bytes(DATA)
    return inspect_shard(f"{server.url}/s.tar", "s.tar")


def _fail(times: int, how: str | int, method: str = "GET") -> Callable[[str, int], str | int | None]:
    left = [times]

    def fault(asked: str, start: int) -> str | int | None:
        if asked != method or left[0] <= 0:
            return None
        left[0] -= 1
        return how

    return fault


def test_ranges_are_read_in_pieces(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shard = _served(server)
    assert (shard.bytes, shard.mark) == (len(DATA), '"one"')
    monkeypatch.setattr(storage, "PIECE", 1000)
    server.requests.clear()
    assert shard.read(100, 2600) == DATA[100:2600]
    assert [asked for _, asked in server.requests] == ["bytes=100-1099", "bytes=1100-2099", "bytes=2100-2599"]


@pytest.mark.parametrize("how", [500, 503, 429, "cut", "short"])
def test_passing_errors_are_retried_a_few_times(server: Any, how: str | int) -> None:
    shard = _served(server)
    server.fault = _fail(3, how)
    assert shard.read(10, 5000) == DATA[10:5000]
    server.fault = _fail(99, how)
    server.requests.clear()
    with pytest.raises(ShardError, match=r"^http://[^ ]*/s.tar: .*\(4 tries\)$"):
        shard.read(10, 5000)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("how", "why"), [(404, "no such shard"), (403, "access is denied"), (401, "access is denied"), (400, "answers 400")]
)
def test_final_errors_are_reported_immediately(server: Any, how: int, why: str) -> None:
    shard = _served(server)
    server.fault = lambda method, start: how
    server.requests.clear()
    with pytest.raises(ShardError, match=why):
        shard.read(0, 100)
    assert len(server.requests) == 1
    with pytest.raises(ShardError, match=why):
        inspect_shard(f"{server.url}/s.tar?X-Amz-Signature=secret", "s.tar")


def test_a_range_outside_the_file_is_an_error(server: Any) -> None:
    shard = _served(server)
    server.fault = lambda method, start: 416 if method == "GET" else None
    with pytest.raises(ShardError, match="the server sent 0 bytes instead of 90"):
        shard.read(10, 100)


def test_a_silent_server_is_refused(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "SILENCE", 0.2)
    monkeypatch.setattr(retries, "TRIES", 2)
    shard = _served(server)
    server.fault = lambda method, start: "silent"
    begin = time.monotonic()
    with pytest.raises(ShardError, match="silent or too slow"):
        shard.read(0, 100)
    assert time.monotonic() - begin < 1.4


def test_an_unreachable_server(server: Any) -> None:
    with pytest.raises(ShardError, match=r"s\.tar: .*\(4 tries\)"):
        inspect_shard("http://127.0.0.1:9/s.tar", "s.tar")


def test_a_server_without_head_gets_another_request(server: Any) -> None:
    server.fault = lambda method, start: 405 if method == "HEAD" else None
    assert _served(server).bytes == len(DATA)


@pytest.mark.parametrize("what", ["ranges", "length"])
def test_a_server_without_ranges_gives_one_download_and_a_message(
    server: Any, tmp_path: Path, make_tar: Make, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    big = os.urandom(600_000)
    make_tar(server.folder / "s.tar", [("a.mp4", big), ("b.mp4", b"second")])
    setattr(server, what, False)
    url = f"{server.url}/s.tar"
    if what == "ranges":
        with pytest.raises(NoRangesError, match="whole files only"):
            inspect_shard(url, "s.tar").read(100, 200)
    server.fault = _fail(1, "cut") if what == "ranges" else server.fault
    shards = index_shards(url, tmp_path / "root", progress=True)
    output = capsys.readouterr().err
    assert "all of it is downloaded to" in output and output.count("downloaded") == 1
    assert shards.read_bytes(0) == big and shards.read_bytes(1) == b"second"
    server.sent = 0
    again = index_shards(url, tmp_path / "root", progress=True)
    assert again.read_bytes(0) == big and "downloaded" not in capsys.readouterr().err
    assert server.sent == 0 or what == "length"  # without HEAD's length, the answer to a GET is looked at
    assert len(list((tmp_path / "root" / "shards" / "whole").iterdir())) == 1


def test_an_incomplete_download_leaves_no_file(server: Any, tmp_path: Path, make_tar: Make) -> None:
    make_tar(server.folder / "s.tar", [("a.mp4", os.urandom(600_000))])
    server.ranges = False
    server.fault = _fail(99, "cut")
    with pytest.raises(ShardError, match="4 tries"):
        index_shards(f"{server.url}/s.tar", tmp_path / "root", progress=False)
    assert not list((tmp_path / "root").rglob("*.tar*")) and not list((tmp_path / "root").rglob("*.npz"))


def test_large_members_are_skipped_not_read(server: Any, tmp_path: Path, make_tar: Make) -> None:
    make_tar(server.folder / "s.tar", [(f"{n}.mp4", bytes(3_000_000)) for n in range(4)])
    _, index = open_index(inspect_shard(f"{server.url}/s.tar", "s.tar"), tmp_path)
    assert len(index) == 4 and index.defects == []
    assert server.sent < 2_000_000


def test_another_etag_is_another_shard(
    server: Any, tmp_path: Path, make_tar: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    make_tar(server.folder / "s.tar", [("a.mp4", b"1")])
    assert list(index_shards(f"{server.url}/s.tar", tmp_path).names) == ["a.mp4"]
    make_tar(server.folder / "s.tar", [("b.mp4", b"1")])  # as many bytes
    server.etag = '"two"'
    capsys.readouterr()
    assert list(index_shards(f"{server.url}/s.tar", tmp_path).names) == ["b.mp4"]
    assert "it has changed, so it is indexed again" in capsys.readouterr().err


def test_a_forked_process_opens_separate_connections(server: Any) -> None:
    shard = _served(server)
    assert shard.read(0, 10) == DATA[:10]
    child = os.fork()
    if child == 0:
        os._exit(0 if shard.read(10, 20) == DATA[10:20] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_local_shards_need_no_fsspec_and_remote_shards_name_the_package(tmp_path: Path, make_tar: Make) -> None:
    path = make_tar(tmp_path / "s.tar", [("a.mp4", b"1")])
    code = f"""
import sys
for name in ("fsspec", "aiohttp", "s3fs"):
    sys.modules[name] = None
from pathlib import Path
from auxjepa.data.shards import ShardError, index_shards
print(index_shards({str(path)!r}, Path({str(tmp_path)!r}), progress=False).read_bytes(0))
for url in ("http://h/a.tar", "s3://b/a.tar"):
    try:
        index_shards(url, Path({str(tmp_path)!r}), progress=False)
    except ShardError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "b'1'"
    assert done.stdout.count("pip install 'auxjepa[remote]'") == 2, done.stdout


@pytest.mark.parametrize("name", ["missing.tar", "."])
def test_a_path_that_is_no_shard(tmp_path: Path, name: str) -> None:
    with pytest.raises((ShardError, ValueError), match=r"no (such )?shard"):
        index_shards(str(tmp_path / name), tmp_path / "root", progress=False)


def test_a_shard_that_shrank_after_it_was_indexed(tmp_path: Path, make_tar: Make) -> None:
    path = make_tar(tmp_path / "s.tar", [("a.mp4", bytes(5000))])
    shards = index_shards(str(path), tmp_path / "root", progress=False)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ShardError, match="the file ends at 1,000"), shards.open(0):
        pass
    assert shardset.PIECE > 5000
