"""An example of a manifest."""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.data.manifest.scan import Scanned


@dataclass(frozen=True, slots=True)
class Entry:
    """One example of a manifest: frames ``start`` to ``stop - 1`` of a readable file."""

    file: Scanned
    start: int
    stop: int

    @property
    def frames(self) -> int:
        """Number of frames of the example."""
        return self.stop - self.start

    @property
    def name(self) -> str:
        """The path, and the segment if the example isn't the whole file."""
        is_whole_file = self.frames == self.file.frames
        return self.file.path if is_whole_file else f"{self.file.path}[{self.start}:{self.stop}]"
