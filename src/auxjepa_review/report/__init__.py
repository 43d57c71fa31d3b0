"""Write the report of a review as HTML, Markdown, LaTeX and JSON.

The room turns a finished outcome into sections and formats them. It searches, compares and judges nothing.
"""

from __future__ import annotations

from pathlib import Path

from auxjepa.files import write_text
from auxjepa_review.outcome import Outcome
from auxjepa_review.report import html, markdown, tex
from auxjepa_review.report.contents import sections

__all__ = ["build", "sections"]


def build(outcome: Outcome, folder: Path) -> Path:
    """Write review.html, .md, .tex, .bib and .json into a folder, and return the path of the page.

    Each file is written whole or not at all. protocol.json is written if the outcome has a protocol.

    Args:
        outcome: the review.
        folder: folder of the report.
    """
    page, contents = folder / "review.html", sections(outcome)
    write_text(page, html.render(outcome, contents))
    write_text(folder / "review.md", markdown.render(outcome, contents))
    write_text(folder / "review.tex", tex.render(outcome, contents))
    write_text(folder / "review.bib", tex.bib(outcome))
    write_text(folder / "review.json", outcome.json_text() + "\n")
    if outcome.protocol is not None:
        outcome.protocol.write(folder / "protocol.json")
    return page
