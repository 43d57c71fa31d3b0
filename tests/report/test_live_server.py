"""The server of one page: loopback only, GET only, one address."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.report.live_server import LiveServer


@pytest.fixture(scope="session")
def server(study: Path) -> Iterator[LiveServer]:
    with LiveServer(study, 0, 600.0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: LiveServer, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def test_the_page_and_nothing_else(server: LiveServer, study: Path) -> None:
    before = {path.name for path in study.iterdir()}
    response, text = ask(server, "/")
    assert response.status == 200 and "planned scores are present" in text and "AuxJEPA study report" in text
    assert response.headers["Refresh"] == "600" and response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert ask(server, "/report.html?x=1")[0].status == 200
    secrets = ("/rows.jsonl", "/runs/", "/../study.yaml", "/%2e%2e/etc/passwd", "//etc/passwd", "/report.html/..", "/.")
    for path in (*secrets, "*", "/favicon.ico"):
        response, text = ask(server, path)
        assert response.status == 404 and len(text) < 60 and "Refresh" not in response.headers, path
    assert {path.name for path in study.iterdir()} == before, "nothing is written"


def test_only_get(server: LiveServer) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert ask(server, "/", method)[0].status == 405
    response, text = ask(server, "/", "HEAD")
    assert response.status == 200 and text == "" and int(response.headers["Content-Length"]) > 1000


def test_loopback_only(server: LiveServer) -> None:
    assert server.server_address[0] == "127.0.0.1" and server.address == f"http://127.0.0.1:{server.server_port}/"
    assert ask(server, "/", Host="evil.example")[0].status == 403, "another name may lead to 127.0.0.1"
    assert ask(server, "/", Host=f"localhost:{server.server_port}")[0].status == 200


def test_a_port_that_is_in_use_is_one_line(server: LiveServer, study: Path) -> None:
    with pytest.raises(ConfigError, match="choose another --port"):
        LiveServer(study, server.server_port)


def test_a_folder_that_disappears_is_one_line(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "gone") as server:
        threading.Thread(target=server.handle_request).start()
        response, text = ask(server, "/")
    assert response.status == 500 and text.count("\n") == 1 and "no such study folder" in text
