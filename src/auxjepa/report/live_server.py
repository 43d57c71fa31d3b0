"""Serves the page of a running study to browsers on this machine: one address, read-only, loopback only."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from auxjepa.config import ConfigError
from auxjepa.report.live_page import LivePage

LOOPBACK = "127.0.0.1"
PATHS = ("/", "/report.html")
"""Paths that show the page; there is nothing else."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


class LiveServer(ThreadingHTTPServer):
    """A server of one page, on the loopback interface.

    Args:
        folder: the study folder.
        port: port; a free one when 0.
        every: seconds between two refreshes.

    Raises:
        ConfigError: if the port cannot be used.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int = 0, every: float = 10.0) -> None:
        self.page, self.every = LivePage(folder, every), every
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise ConfigError(
                f"port {port} of {LOOPBACK}: {error.strerror or error}; choose another --port, or 0 for a free one"
            ) from None

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore connections that a browser has closed."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the page; refuses everything else."""

    server: LiveServer  # type: ignore[assignment]
    timeout = 10
    server_version, sys_version = "auxjepa", ""

    def do_GET(self) -> None:
        """Send the page."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send the headers of the page."""
        self._answer(with_body=False)

    def _refuse_method(self) -> None:
        self._send(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is allowed.\n", "text/plain", True)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _refuse_method

    def _answer(self, with_body: bool) -> None:
        # A page of another site could otherwise reach this one under a name that leads to 127.0.0.1.
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in (LOOPBACK, "localhost"):
            self._send(HTTPStatus.FORBIDDEN, "Only this machine can read the page.\n", "text/plain", with_body)
        elif self.path.partition("?")[0] not in PATHS:
            self._send(HTTPStatus.NOT_FOUND, "There is only one page here: /\n", "text/plain", with_body)
        else:
            try:
                page = self.server.page.text()
            except Exception as error:
                line = " ".join(str(error).split())
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, f"{line}\n", "text/plain", with_body)
            else:
                self._send(HTTPStatus.OK, page, "text/html", with_body)

    def _send(self, status: HTTPStatus, text: str, kind: str, with_body: bool) -> None:
        body = text.encode("utf-8", "backslashreplace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        if status in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR):
            self.send_header("Refresh", f"{max(1, round(self.server.every))}")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for a request."""
