"""Limit the time of a whole exchange with a server. The HTTP client can only limit single reads."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any


class Watch:
    """Shuts the connections of a client if an exchange takes too long, even if the server keeps sending.

    Each request must get ``trace``, through which the watch learns the client's sockets.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """Record the socket of a new connection; the extension ``trace`` of httpx.

        Args:
            event: name of the event.
            about: data of the event.
        """
        if event.endswith("connect_tcp.complete"):
            new = about["return_value"].get_extra_info("socket")
            sockets = [*self._sockets, new] if isinstance(new, socket.socket) else self._sockets
            self._sockets = [open_socket for open_socket in sockets if open_socket.fileno() >= 0]

    @contextmanager
    def __call__(self, seconds: float | int) -> Iterator[None]:
        """Limit the time of the exchange in the block.

        Args:
            seconds: largest number of seconds.

        Raises:
            TimeoutError: the block took longer; it replaces any other result of the block.
        """
        late: list[bool] = []

        def shut() -> None:
            late.append(True)
            for connection in self._sockets:
                with suppress(OSError):
                    # For an encrypted socket this shuts the connection below it.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

        timer = Timer(max(seconds, 0.05), shut) if seconds < math.inf else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        except Exception as error:
            if late:
                raise TimeoutError from error
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if late:
            raise TimeoutError  # a shut connection can look like the end of an answer
