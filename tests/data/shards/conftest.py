"""Shards to read, and a server with switchable faults to read them from."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from auxjepa.data.shards import retries, storage


def tar(path: Path, members: list[tuple[str, bytes]], form: int = tarfile.PAX_FORMAT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=form) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@dataclass
class Server:
    """What the handler serves and how it fails: ``fault`` is asked with (method, first byte wanted)."""

    folder: Path
    url: str = ""
    ranges: bool = True
    length: bool = True
    etag: str | None = '"one"'
    fault: Callable[[str, int], str | int | None] = lambda method, start: None
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    sent: int = 0


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20

        def log_message(self, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            asked = self.headers.get("Range")
            server.requests.append((self.command, asked))
            file = server.folder / self.path.partition("?")[0].lstrip("/")
            start = int(asked.split("=")[1].split("-")[0]) if asked else 0
            fault = server.fault(self.command, start)
            if isinstance(fault, int) or not file.is_file():
                self.send_response(fault if isinstance(fault, int) else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if fault == "silent":
                time.sleep(1.5)
            data = file.read_bytes()
            total = len(data)
            partial = asked is not None and server.ranges
            if partial:
                data = data[start : int(asked.split("-")[1]) + 1]
            self.send_response(206 if partial else 200)
            if partial:
                self.send_header("Content-Range", f"bytes {start}-{start + len(data) - 1}/{total}")
            if server.etag:
                self.send_header("ETag", server.etag)
            if fault == "short":
                data = data[: len(data) // 2]
            if server.length:
                self.send_header("Content-Length", str(len(data)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            if body:
                if fault == "cut":
                    data = data[: len(data) // 2]
                    self.close_connection = True
                try:
                    self.wfile.write(data)
                except OSError:  # the client has had enough
                    self.close_connection = True
                server.sent += len(data)

    return Handler


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(retries, "BACKOFF", 0.01)
    storage._open_filesystem.cache_clear()
    folder = tmp_path / "served"
    folder.mkdir()
    serving = Server(folder)
    web = ThreadingHTTPServer(("127.0.0.1", 0), _handler(serving))
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    serving.url = f"http://127.0.0.1:{web.server_address[1]}"
    yield serving
    web.shutdown()
    web.server_close()
    thread.join()
    storage._open_filesystem.cache_clear()


@pytest.fixture
def make_tar() -> Callable[..., Path]:
    return tar


@pytest.fixture
def samples(videos: dict[str, Path]) -> list[tuple[str, bytes]]:
    """Three samples of two videos and a picture, with labels and captions."""
    picture = _png()
    return [
        ("a/one.mp4", videos["bframes"].read_bytes()),
        ("a/one.cls", b"3\n"),
        ("a/one.txt", b"a wave"),
        ("a/two.json", json.dumps({"action": "fall", "caption": ["it falls", "down"], "url": "x"}).encode()),
        ("a/two.webm", videos["vp9"].read_bytes()),
        ("b/three.cls", b"7"),
        ("b/three.png", picture),
    ]


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 10, 10)).save(out, "png")
    return out.getvalue()
