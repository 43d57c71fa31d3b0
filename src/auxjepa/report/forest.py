"""Forest plots: paired differences with their intervals and single seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.wording import difference_unit, format_effect, format_signed
from auxjepa.report.series import series_index
from auxjepa.report.svg import SERIES, Drawing, Scale

ROW = 34
"""Height of a line of a forest plot, in pixels."""


@dataclass(frozen=True)
class ForestLine:
    """One line of a forest plot.

    Args:
        label: text of the line.
        effect: the difference.
        solid: whether a corrected test decided it; else the mark is hollow.
        tone: CSS class of its colour.
        shape: index of its marker.
    """

    label: str
    effect: Effect
    solid: bool
    tone: str
    shape: int


def forest(results: Results, i: int) -> Markup | None:
    """Return the paired differences from the reference in one column; None where nothing is compared.

    Args:
        results: the table of results.
        i: index of the column.
    """
    column = results.columns[i]
    reference = results.reference.name if results.reference else ""
    colours = series_index(results)
    lines = []
    for line in results.lines:
        effect = line.cells[i].effect
        if effect is None:
            continue
        tone = "control" if line.control else f"s{colours[line.name] % SERIES}"
        shape = 0 if line.control else colours[line.name]
        lines.append(ForestLine(line.name, effect, line.cells[i].decided, tone, shape))
    unit = difference_unit(column.unit)
    kind = "" if column.capability == column.title else f"{column.capability} · "
    subtitle = f"{kind}{unit}{', ' if unit else ''}variant minus {reference}"
    title = f"{column.title}: difference from {reference}"
    return forest_plot(f"forest-{i}", column.title, subtitle, title, lines, unit, column.decimals)


def forest_plot(
    name: str,
    head: str,
    subtitle: str,
    title: str,
    lines: Sequence[ForestLine],
    unit: str = "points",
    decimals: int = 1,
) -> Markup | None:
    """Return a forest plot with mean, 95 % t interval and single seeds of every line; None without a line.

    Args:
        name: id of the figure on the page.
        head: heading of the figure.
        subtitle: text below the heading.
        title: title for screen readers.
        lines: the lines.
        unit: unit of the differences; empty where it is not known.
        decimals: number of decimals of the differences.
    """
    if not lines:
        return None
    numbers, spans = [], [0.0]
    for line in lines:
        spans += [*line.effect.differences, *(line.effect.interval or ())]
        numbers.append(f"{line.label} {format_effect(line.effect, decimals)}")
    bottom = 44 + ROW * len(lines)
    draw = Drawing(
        430, bottom + 30, name, title, f"Mean paired differences{f' in {unit}' if unit else ''}. {'; '.join(numbers)}."
    )
    x = Scale(spans, 130, 368, zero=True)
    draw.text(0, 14, head, "strong", room=426)
    draw.text(0, 31, subtitle, "quiet", room=426)
    draw.vertical_grid(x, bottom)
    draw.line(x(0.0), 38, x(0.0), bottom + 3, "zero")
    for j, line in enumerate(lines):
        effect, y = line.effect, 44 + ROW * (j + 0.5)
        draw.text(0, y + 4, line.label, "quiet" if line.tone == "control" else "", room=124)
        if effect.interval:
            draw.line(x(effect.interval[0]), y, x(effect.interval[1]), y, f"whisker {line.tone}")
        for value in effect.differences:
            draw.add("circle", cx=x(value), cy=y + 10, r=2.0, class_=f"seed {line.tone}")
        draw.mark(line.shape, x(effect.mean), y, f"{'mark' if line.solid else 'hollow'} {line.tone}")
        draw.text(428, y + 4, format_signed(effect.mean, decimals), "value", "end")
    return draw.render()
