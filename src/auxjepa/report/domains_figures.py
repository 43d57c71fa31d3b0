"""Figures of the section on several regimes: mean ranks and worst domains of all encoders."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auxjepa.evidence.analyses.domains import Domains, Standing
from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.wording import (
    format_count,
    format_estimate,
    format_number,
    format_signed,
    format_signed_estimate,
)
from auxjepa.report.svg import SERIES, Drawing, Scale

ROW = 30
"""Height of a line of a figure, in pixels."""


def figures(domains: Domains, colours: dict[str, int]) -> list[Markup]:
    """Return mean ranks and worst domains of all encoders, with their intervals.

    Args:
        domains: results of several regimes.
        colours: index of every variant.
    """
    if not domains.standings:
        return []
    order = sorted(domains.standings, key=lambda s: s.rank.value)
    seeds = format_count(len(domains.seeds), "seed")
    subtitle = f"1 is best of {len(order)} · {format_count(len(domains.benchmarks), 'benchmark')}, {seeds}"
    drawn = [_dots("domains-rank", "Mean rank", subtitle, [(s, s.rank) for s in order], colours, 2, False)]
    with_worst = [(s, s.worst) for s in order if s.worst is not None]
    if with_worst:
        subtitle = f"points over the random-init encoder · mean of {seeds}"
        drawn.append(_dots("domains-worst", "Worst domain", subtitle, with_worst, colours, 1, True))
    return drawn


def _dots(
    name: str,
    title: str,
    subtitle: str,
    entries: Sequence[tuple[Standing, Estimate]],
    colours: dict[str, int],
    digits: int,
    zero: bool,
) -> Markup:
    """Draw one line an encoder: the mean and its interval."""
    numbers = "; ".join(
        f"{s.encoder.name} {format_signed_estimate(e) if zero else format_estimate(e, digits)}" for s, e in entries
    )
    bottom = 44 + ROW * len(entries)
    draw = Drawing(520, bottom + 30, name, title, f"{title}, {subtitle}: {numbers}.")
    x = Scale([v for _, e in entries for v in (e.value, *(e.interval or ()))], 208, 462, zero=zero)
    draw.text(0, 14, title, "strong", room=516)
    draw.text(0, 31, subtitle, "quiet", room=516)
    draw.vertical_grid(x, bottom)
    if zero:
        draw.line(x(0.0), 38, x(0.0), bottom + 3, "zero")
    for j, (standing, estimate) in enumerate(entries):
        colour, y = colours.get(standing.encoder.variant, 0), 44 + ROW * (j + 0.5)
        draw.text(0, y + 4, standing.encoder.name, room=200)
        if estimate.interval:
            draw.line(x(estimate.interval[0]), y, x(estimate.interval[1]), y, f"whisker s{colour % SERIES}")
        draw.mark(colour, x(estimate.value), y, f"hollow s{colour % SERIES}")
        value = format_signed(estimate.value, digits) if zero else format_number(estimate.value, digits)
        draw.text(518, y + 4, value, "value", "end")
    return draw.render()
