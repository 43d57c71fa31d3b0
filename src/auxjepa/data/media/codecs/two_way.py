"""Orders pictures that others refer to (I, P), and pictures that refer to two of them (B): the order of MPEG-1, -2 and
-4.
"""

from __future__ import annotations


class TwoWay:
    """Turns the order stored into the order shown. A picture that others refer to is shown when the next one of these
    is stored.
    """

    def __init__(self) -> None:
        self._anchors = self._stored = 0

    def place(self, kind: str | None) -> int | None:
        """Return the place of the next picture in the order shown; None for another kind, and for a B without two
        references.
        """
        self._stored += 1
        if kind in ("I", "P"):
            self._anchors += 1
            return (self._anchors << 40) + (1 << 39)
        return (self._anchors << 40) + self._stored if kind == "B" and self._anchors > 1 else None
