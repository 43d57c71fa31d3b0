"""Pages, tables and figures that show finished evidence: it formats and draws.

Nothing here computes a statistic or decides anything: that belongs to :mod:`auxjepa.evidence`. Imports no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auxjepa.evidence.score_tables.reading_options import ReadingOptions

__all__ = ["build", "build_from_table"]


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


def build_from_table(
    table: Path, out: Path | None = None, options: ReadingOptions | None = None, command: str = ""
) -> tuple[Path, list[str]]:
    """Write the report of a table of scores that another program wrote.

    Args:
        table: CSV, TSV, Parquet, JSON-lines or JSON file.
        out: folder of the report; ``NAME-report`` next to the table when unset.
        options: settings for what the table does not say.
        command: the command of the user, for the page.

    Returns:
        The page's path, and how the table was read: one line each.

    Raises:
        TableError: if the table is invalid.
        ConfigError: if the folder holds other files.
    """
    from auxjepa.evidence.score_tables import default_folder, read_scores, write_folder
    from auxjepa.evidence.score_tables.score_folder import check_folder

    folder = default_folder(table) if out is None else out
    check_folder(folder)
    scores = read_scores(table, options)
    return build(write_folder(scores, folder, command)), scores.notes
