"""The table of docs/evidence/horizons.md is that of its rows."""

from __future__ import annotations

from pathlib import Path

from docs.evidence.horizons import table


def test_the_page_has_the_table_of_the_rows() -> None:
    page = Path(__file__).parents[2] / "docs" / "evidence" / "horizons.md"
    assert table() in page.read_text()
