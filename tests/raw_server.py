"""A server that says what a test wants, byte by byte: endless, slow, lying and redirecting ones."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Speak = Callable[[socket.socket, bytes], None]
"""Given the connection and the head of a request."""


class RawServer:
    """Listens on loopback. ``heads``: of the requests that came, in order; ``sent``: bytes of all answers."""

    def __init__(self, speak: Speak, host: str = "127.0.0.1") -> None:
        self._speak, self.heads, self._lock = speak, [], threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        with connection, suppress(OSError):
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            with self._lock:
                self.heads.append(head)
            self._speak(connection, head)

    @property
    def methods(self) -> list[str]:
        """HEAD or GET of each request."""
        return [head.split()[0].decode() for head in self.heads]

    def close(self) -> None:
        """Stop listening."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def speaking(speak: Speak, host: str = "127.0.0.1") -> Iterator[RawServer]:
    """A server for the length of a with block."""
    server = RawServer(speak, host)
    try:
        yield server
    finally:
        server.close()


def answers(head: str, body: bytes = b"", *, of_head: str | None = None) -> Speak:
    """One answer to everything; ``of_head`` is the head for the method HEAD, where it is another one."""

    def speak(connection: socket.socket, request: bytes) -> None:
        asked = request.startswith(b"HEAD")
        text = of_head if asked and of_head is not None else head
        connection.sendall(text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + (b"" if asked else body))

    return speak


def redirects(location: str, status: int = 302) -> Speak:
    """Sends everybody elsewhere."""
    return answers(f"HTTP/1.1 {status} Found\nLocation: {location}\nContent-Length: 0\nConnection: close")


def endless(head: str, of_head: str, piece: bytes = b"x" * 65536, pause: float = 0.0) -> Speak:
    """A body without end, as long as somebody reads it."""

    def speak(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"HEAD"):
            connection.sendall(of_head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            return
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return speak


def drips(head: str, pause: float) -> Speak:
    """The head itself comes a byte at a time, and never ends."""

    def speak(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        while True:
            time.sleep(pause)
            connection.sendall(b"X")

    return speak
