"""Read files (PDF, HTML, Markdown, text) into documents with repaired text, within limits.

The room also reads a document's own record, references and table of claims. It does not interpret sentences: that is
the task of `claims`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa_review.reading.corpus import Corpus, RefusedFile, read_corpus, read_file
    from auxjepa_review.reading.limits import Limits, UnreadableError

__all__ = [
    "Corpus",
    "Limits",
    "RefusedFile",
    "UnreadableError",
    "read_corpus",
    "read_file",
]

_MODULES = {
    "auxjepa_review.reading.corpus": ("Corpus", "RefusedFile", "read_corpus", "read_file"),
    "auxjepa_review.reading.limits": ("Limits", "UnreadableError"),
}
"""Module: its public names. They are imported on first use, because the child process does not need them."""

__getattr__ = import_on_use(__name__, _MODULES)
