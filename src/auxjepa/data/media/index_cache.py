"""Keeps the frame indices of the files that a process read last."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from auxjepa.data.media.frame_index import FrameIndex

Version = tuple[int, int]
"""Bytes and modification time (nanoseconds) of a file. If they differ, the file has changed."""


class FrameIndexCache:
    """Frame indices by the path and version of the file. The least recently used ones are dropped.

    Args:
        limit: bytes of all indices in their stored form.
    """

    def __init__(self, limit: int = 32 << 20) -> None:
        self.limit, self.nbytes = limit, 0
        self._stored: OrderedDict[Path, tuple[Version, bytes]] = OrderedDict()

    def get(self, path: Path, version: Version) -> FrameIndex | None:
        """Return the index of a file, or None if the cache has none of this version."""
        stored = self._stored.get(path)
        if stored is None or stored[0] != version:
            return None
        self._stored.move_to_end(path)
        return FrameIndex.from_bytes(stored[1])

    def put(self, path: Path, version: Version, index: FrameIndex) -> None:
        """Keep the index of a file. It replaces that of another version."""
        _, replaced = self._stored.pop(path, (version, b""))
        self._stored[path] = (version, index.to_bytes())
        self.nbytes += len(self._stored[path][1]) - len(replaced)
        while self.nbytes > self.limit:
            self.nbytes -= len(self._stored.popitem(last=False)[1][1])
