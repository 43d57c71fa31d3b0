"""What a database, or a download, fails with."""

from __future__ import annotations


class SourceError(Exception):
    """A database that gave no usable answer; the message is one line for people."""
