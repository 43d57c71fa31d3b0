"""The error of a database or a download."""

from __future__ import annotations


class SourceError(Exception):
    """A database gave no usable answer. The message is one line for users."""
