"""The report of a review: one content (``contents``), written as HTML, Markdown, LaTeX and JSON."""

from __future__ import annotations

from pathlib import Path

from auxjepa.files import write_text
from auxjepa_review.outcome import Outcome
from auxjepa_review.report import html, markdown, tex
from auxjepa_review.report.contents import sections


def build(outcome: Outcome, folder: Path) -> Path:
    """Write review.html, .md, .tex, .bib, .json (and protocol.json) into ``folder``, each whole; return the page."""
    page, shown = folder / "review.html", sections(outcome)
    write_text(page, html.render(outcome, shown))
    write_text(folder / "review.md", markdown.render(outcome, shown))
    write_text(folder / "review.tex", tex.render(outcome, shown))
    write_text(folder / "review.bib", tex.bib(outcome))
    write_text(folder / "review.json", outcome.json_text() + "\n")
    if outcome.protocol is not None:
        outcome.protocol.write(folder / "protocol.json")
    return page
