"""Pages, tables and figures that show finished evidence: it formats and draws.

Nothing here computes a statistic or decides anything: that belongs to :mod:`auxjepa.evidence`. Imports no torch.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["build"]


def build(folder: Path) -> Path:
    """Write ``report.html``, ``report.md`` and ``export/`` into a folder, atomically, and return the page's path.

    The folder is a study folder, or any folder with a ``rows.jsonl``. The report names what is missing.

    Args:
        folder: the folder.

    Raises:
        FileNotFoundError: when the folder does not exist.
    """
    from auxjepa.evidence.study_evidence import collect_evidence
    from auxjepa.report.html import write

    return write(collect_evidence(folder), folder)
