"""Colour, marker and dash pattern of every variant, the same in all figures of a page."""

from __future__ import annotations

from markupsafe import Markup

from auxjepa.evidence.analyses.results import Results
from auxjepa.report.svg import DASHES, mark


def series_index(results: Results) -> dict[str, int]:
    """Return the index of colour, marker and dash pattern of every variant, in the order of the table.

    Args:
        results: the table of results.
    """
    return {line.name: i for i, line in enumerate(results.variants)}


def legend(colours: dict[str, int]) -> list[tuple[str, Markup]]:
    """Return name and sign (line with its dash pattern, and marker) of every variant.

    Args:
        colours: index of every variant.
    """
    signs = []
    for name, i in colours.items():
        tone = f"s{i % len(DASHES)}"
        line = f'<line x1="1" y1="8" x2="37" y2="8" class="curve {tone}" stroke-dasharray="{DASHES[i % len(DASHES)]}"/>'
        sign = f'<svg width="38" height="16" viewBox="0 0 38 16" aria-hidden="true">{line}'
        signs.append((name, Markup(f"{sign}{mark(i, 19, 8, f'mark {tone}')}</svg>")))
    return signs
