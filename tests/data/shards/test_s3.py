"""Shards in S3: moto's server on loopback speaks its API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auxjepa.data.shards import ShardError, index_shards, open_shards, retries, storage
from raw_server import answers, endless, redirects, speaking

Make = Callable[..., Path]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import boto3
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in [name for name in os.environ if name.startswith(("AWS_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(retries, "BACKOFF", 0.01)
    storage._open_filesystem.cache_clear()
    client = boto3.client("s3")
    client.create_bucket(Bucket="videos")
    yield client
    client.close()
    storage._open_filesystem.cache_clear()
    server.stop()


def test_shards_in_a_bucket(
    bucket: Any, tmp_path: Path, make_tar: Make, samples: list[tuple[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        path = make_tar(tmp_path / f"{number}.tar", samples)
        bucket.upload_file(str(path), "videos", f"train set/{number:03d}.tar")
    url = "s3://videos/train set/{000..001}.tar"
    manifest = open_shards(url, tmp_path / "root", workers=1, progress=False)
    local = open_shards([str(tmp_path / "0.tar")], tmp_path / "root", workers=1, progress=False)
    assert [e.name for e in manifest.entries][2:4] == ["000.tar/b/three.png", "001.tar/a/one.mp4"]
    assert [e.file.hash for e in manifest.entries] == [e.file.hash for e in local.entries] * 2
    monkeypatch.setattr(storage, "PIECE", 1000)
    shards = index_shards(url, tmp_path / "root", progress=False)
    assert shards.read_bytes(3) == samples[0][1]
    before = shards.shards[0].mark
    bucket.upload_file(str(make_tar(tmp_path / "new.tar", samples[:1])), "videos", "train set/000.tar")
    changed = index_shards(url, tmp_path / "root", progress=False)
    assert len(changed) == 4 and changed.shards[0].mark != before
    with pytest.raises(ShardError, match="answers 416"):
        shards.read_bytes(2)  # it ends earlier now
    bucket.delete_object(Bucket="videos", Key="train set/000.tar")
    with pytest.raises(ShardError, match="no such shard"):
        shards.read_bytes(0)


@pytest.mark.parametrize("url", ["s3://videos/none.tar", "s3://nowhere/none.tar"])
def test_a_missing_object_gives_one_line(bucket: Any, tmp_path: Path, url: str) -> None:
    with pytest.raises(ShardError, match=rf"^{url}: there is no such shard"):
        index_shards(url, tmp_path, progress=False)


def test_missing_credentials_are_named(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    storage._open_filesystem.cache_clear()
    with pytest.raises(ShardError, match="no S3 credentials: set AWS_ACCESS_KEY_ID"):
        index_shards("s3://videos/none.tar", tmp_path, progress=False)


def test_an_unreachable_server_is_refused(bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    storage._open_filesystem.cache_clear()
    with pytest.raises(ShardError, match=r"\(4 tries\)"):
        index_shards("s3://videos/none.tar", tmp_path, progress=False)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Sets the endpoint that the user's settings name."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(retries, "BACKOFF", 0.01)

    def point(endpoint: str) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        storage._open_filesystem.cache_clear()

    yield point
    storage._open_filesystem.cache_clear()


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_bucket_leads_to_no_other_service(
    settings: Callable[[str], None], tmp_path: Path, status: int, host: str
) -> None:
    with speaking(answers("HTTP/1.1 200 OK\nContent-Length: 1024\nConnection: close", bytes(1024))) as inside:
        with speaking(redirects(f"http://{host}:{inside.port}/videos/s.tar", status)) as server:
            settings(server.url)
            with pytest.raises(ShardError, match=r"not followed|cannot be read|the server answers") as error:
                index_shards("s3://videos/s.tar", tmp_path / "root", progress=False)
        assert "\n" not in str(error.value)
        assert server.heads and inside.heads == []


@pytest.mark.parametrize("what", ["object", "error"])
def test_an_endless_object_or_error_is_refused(settings: Callable[[str], None], tmp_path: Path, what: str) -> None:
    status = "206 Partial Content" if what == "object" else "400 Bad Request"
    head = f"HTTP/1.1 {status}\nConnection: close\nContent-Type: application/xml"
    with speaking(endless(head, 'HTTP/1.1 200 OK\nETag: "x"\nContent-Length: 1024\nConnection: close')) as server:
        settings(server.url)
        with pytest.raises(ShardError, match=r"an answer of more than [0-9,]+ bytes|the server answers 400"):
            index_shards("s3://videos/s.tar", tmp_path / "root", progress=False)
        assert server.methods.count("GET") == 1
