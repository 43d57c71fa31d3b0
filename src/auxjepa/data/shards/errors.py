"""What can be wrong with a shard."""

from __future__ import annotations

from auxjepa.data.errors import ManifestError


class ShardError(ManifestError):
    """A shard that can't be reached or read."""

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.reason}"  # a Path would swallow one of a URL's slashes


class NoRangesError(ShardError):
    """The server gives whole files only."""
