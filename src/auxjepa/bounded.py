"""The body of a web answer, unpacked within a size limit, because a server can send or pack any number of bytes."""

from __future__ import annotations

import zlib

CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class TooLargeError(Exception):
    """A body with more bytes than the limit."""


class DamagedError(Exception):
    """A compressed body that can't be unpacked."""


class Body:
    """Unpacks a body piece by piece.

    Args:
        coding: value of the header Content-Encoding.
        most: largest size of the whole unpacked body, bytes.

    Raises:
        DamagedError: if the coding isn't in ``CODINGS``.
    """

    def __init__(self, coding: str, most: int) -> None:
        coding = coding.strip().lower()
        if coding not in CODINGS:
            raise DamagedError(f"an answer in the coding {coding[:40]!r}, which the request does not accept")
        self.packed, self.size, self._most = coding not in CODINGS[:2], 0, most
        self._unpack = zlib.decompressobj(wbits=47) if self.packed else None  # for gzip and zlib

    def take(self, raw: bytes) -> bytes:
        """Return the next piece, unpacked. At most one byte beyond the limit is unpacked.

        Raises:
            TooLargeError: if the body is larger than the limit.
            DamagedError: if it can't be unpacked.
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
        """Check that a compressed body is complete.

        Raises:
            DamagedError: if it ends too early.
        """
        if self._unpack is not None and not self._unpack.eof:
            raise DamagedError("a damaged answer (gzip)")
