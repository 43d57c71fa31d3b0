"""The report of a study folder, as one self-contained page and as Markdown. Imports no torch."""

from __future__ import annotations

from pathlib import Path


def build(folder: Path) -> Path:
    """Write ``folder/report.html``, ``folder/report.md`` and ``folder/export/`` (atomically); return the page's path.

    Whatever the folder lacks (a killed study) is said in the report.

    Raises:
        FileNotFoundError: when the folder doesn't exist.
    """
    from auxjepa.report.html import build as build_page

    return build_page(folder)
