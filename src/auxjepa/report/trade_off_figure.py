"""Figures of trade-offs: mean scores on two capabilities, with intervals and the Pareto front."""

from __future__ import annotations

from markupsafe import Markup

from auxjepa.evidence.analyses.trade_off import TradeOff
from auxjepa.evidence.study_folder.units import PERCENT
from auxjepa.evidence.wording import format_number, join_words
from auxjepa.report.svg import SERIES, Drawing, Scale, spread

MOST_NAMED = 20
"""Number of points whose labels fit next to the figure."""


def trade_off_figure(trade_off: TradeOff, colours: dict[str, int]) -> Markup:
    """Return mean scores on two capabilities with 95 % t intervals over seeds; controls are marked and labelled.

    If there are many variants, only the reference and the variants on the Pareto front have names and intervals.

    Args:
        trade_off: the points and the front.
        colours: index of every variant.
    """
    points, front, across, up = trade_off.points, trade_off.front, trade_off.across, trade_off.up
    means = "; ".join(
        f"{p.line.name} {format_number(p.across.value, trade_off.across_decimals)} and "
        f"{format_number(p.up.value, trade_off.up_decimals)}"
        for p in points
    )
    best = f". No other variant has higher means on both than {join_words(front)}" if front else ""
    labelled = [
        p for p in points if len(points) <= MOST_NAMED or p.line.control or p.line.reference or p.line.name in front
    ]
    faint = [p for p in points if p not in labelled]
    spans_x = [v for p in labelled for v in (*p.across_values, *p.across_ends)] + [p.across.value for p in faint]
    spans_y = [v for p in labelled for v in (*p.up_values, *p.up_ends)] + [p.up.value for p in faint]
    is_percent = trade_off.across_unit == trade_off.up_unit == PERCENT
    description = f"Mean scores{' in percent' if is_percent else ''}, {across} first, then {up}: {means}{best}."
    draw = Drawing(440, 380, f"tradeoff-{up}", f"{up} against {across}", description)
    x, y = Scale(spans_x, 40, 296), Scale(spans_y, 330, 34)
    draw.axes(x, y, f"{across}{_unit(trade_off.across_unit)} →", f"↑ {up}{_unit(trade_off.up_unit)}")
    if len(front) > 1:
        on_front = {p.line.name: (x(p.across.value), y(p.up.value)) for p in points}
        draw.polyline([on_front[name] for name in front], "front", "5 4")
    for p in faint:
        colour = colours[p.line.name]
        draw.mark(colour, x(p.across.value), y(p.up.value), f"mark faint s{colour % SERIES}", 4)
    label_positions = spread([y(p.up.value) for p in labelled], 15, 40, 328)
    for p, label_y in zip(labelled, label_positions, strict=True):
        tone = "control" if p.line.control else f"s{colours[p.line.name] % SERIES}"
        cx, cy = x(p.across.value), y(p.up.value)
        draw.line(cx, cy, 306, label_y, "leader")
        draw.line(x(p.across_ends[0]), cy, x(p.across_ends[1]), cy, f"whisker thin {tone}")
        draw.line(cx, y(p.up_ends[0]), cx, y(p.up_ends[1]), f"whisker thin {tone}")
        for a, b in p.seeds:
            draw.add("circle", cx=x(a), cy=y(b), r=2.0, class_=f"seed {tone}")
        shape = 3 if p.line.control else colours[p.line.name]
        draw.mark(shape, cx, cy, f"{'hollow' if p.line.control else 'mark'} {tone}", 5.5)
        draw.text(309, label_y + 4, p.line.name, "quiet" if p.line.control else "", room=130)
    return draw.render()


def _unit(unit: str) -> str:
    return ", % correct" if unit == PERCENT else f", {unit}" if unit else ""
