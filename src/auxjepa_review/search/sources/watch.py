"""A time limit on a whole exchange with a server, which its client can only put on single reads."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any


class Watch:
    """Shuts the connections of a client when an exchange takes too long, however busily the server drips.

    ``trace`` is to be given to each request: from it the watch knows of the client's sockets.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """Notes the socket of a new connection; the extension ``trace`` of httpx."""
        if event.endswith("connect_tcp.complete"):
            made = about["return_value"].get_extra_info("socket")
            every = [*self._sockets, made] if isinstance(made, socket.socket) else self._sockets
            self._sockets = [one for one in every if one.fileno() >= 0]

    @contextmanager
    def __call__(self, seconds: float | int) -> Iterator[None]:
        """Limit what is exchanged in the block.

        Raises:
            TimeoutError: in place of whatever came of the block, when it took longer.
        """
        late: list[bool] = []

        def shut() -> None:
            late.append(True)
            for one in self._sockets:
                with suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)  # of an encrypted one the connection beneath it

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
            raise TimeoutError  # a connection that is shut may look like the end of an answer
