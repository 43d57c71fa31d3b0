"""Errors of shards."""

from __future__ import annotations

from auxjepa.data.errors import ManifestError


class ShardError(ManifestError):
    """A shard can't be reached or read."""

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.reason}"  # a Path would remove one of a URL's slashes


class NoRangesError(ShardError):
    """The server sends only complete files and no ranges of bytes."""
