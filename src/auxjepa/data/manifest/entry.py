"""An example of a manifest."""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.data.manifest.scan import Scanned


@dataclass(frozen=True, slots=True)
class Entry:
    """One example of a manifest: frames ``start … stop - 1`` of a sound file."""

    file: Scanned
    start: int
    stop: int

    @property
    def frames(self) -> int:
        """How many frames the example has."""
        return self.stop - self.start

    @property
    def name(self) -> str:
        """The path, with the segment where it isn't the whole file."""
        whole = self.frames == self.file.frames
        return self.file.path if whole else f"{self.file.path}[{self.start}:{self.stop}]"
