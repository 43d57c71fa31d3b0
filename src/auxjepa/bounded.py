"""The body of an answer within a size: what a server announces, sends or packs is never trusted."""

from __future__ import annotations

import zlib

CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class TooLargeError(Exception):
    """A body of more bytes than allowed."""


class DamagedError(Exception):
    """A packed body that can't be unpacked."""


class Body:
    """Takes the pieces of a body and gives them back unpacked.

    Args:
        coding: of the answer's header Content-Encoding.
        most: bytes of the whole body, unpacked.

    Raises:
        DamagedError: for a coding that isn't in ``CODINGS``.
    """

    def __init__(self, coding: str, most: int) -> None:
        coding = coding.strip().lower()
        if coding not in CODINGS:
            raise DamagedError(f"an answer in {coding[:40]!r}, which wasn't asked for")
        self.packed, self.size, self._most = coding not in CODINGS[:2], 0, most
        self._unpack = zlib.decompressobj(wbits=47) if self.packed else None  # gzip and zlib alike

    def take(self, raw: bytes) -> bytes:
        """The next piece unpacked; more than one byte beyond the limit is never unpacked.

        Raises:
            TooLargeError: when the body goes beyond the limit.
            DamagedError: when it can't be unpacked.
        """
        try:
            piece = self._unpack.decompress(raw, self._most - self.size + 1) if self._unpack else raw
        except zlib.error:
            raise DamagedError("a damaged answer (gzip)") from None
        self.size += len(piece)
        if self.size > self._most:
            raise TooLargeError(f"an answer of more than {self._most:,} bytes")
        return piece

    def end(self) -> None:
        """Raise DamagedError where a packed body ends too early."""
        if self._unpack is not None and not self._unpack.eof:
            raise DamagedError("a damaged answer (gzip)")
