"""Figures of training: losses, collapse measures, and the share of step time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from auxjepa.evidence.analyses.training import STEP_PARTS, CurveBand
from auxjepa.report.svg import DASHES, Drawing, Scale

Curves = Mapping[str, Mapping[str, CurveBand]]
"""Key of the metric: variant: minimum, median and maximum over seeds."""
COLLAPSE = {
    "std/teacher": "Teacher: std per channel",
    "std/student": "Student: std per channel",
    "rank/teacher": "Teacher: effective rank",
    "rank/student": "Student: effective rank",
}


def losses(curves: Curves, colours: dict[str, int]) -> list[Markup]:
    """Return small panels of the total loss, every unweighted term and the gradient norm.

    Args:
        curves: training curves over seeds.
        colours: index of every variant.
    """
    terms = sorted(key for key in curves if key.startswith("terms/"))
    titles = {"loss": "Total loss"} | {t: f"Term: {t.removeprefix('terms/')}" for t in terms}
    return _panels(curves, colours, titles | {"grad_norm": "Gradient norm"}, zero=False)


def collapse(curves: Curves, colours: dict[str, int]) -> list[Markup]:
    """Return small panels of spread and effective rank of teacher and student features.

    Args:
        curves: training curves over seeds.
        colours: index of every variant.
    """
    return _panels(curves, colours, COLLAPSE, zero=True)


def shares(rows: Mapping[str, Sequence[float]]) -> Markup | None:
    """Return stacked bars of the share of a step's time per part; None where no run measured it.

    Args:
        rows: percentages by part (:data:`~auxjepa.evidence.analyses.training.STEP_PARTS`), by variant.
    """
    if not rows:
        return None
    shown = [i for i in range(len(STEP_PARTS)) if any(parts[i] for parts in rows.values())]
    numbers = "; ".join(
        f"{name}: " + ", ".join(f"{STEP_PARTS[i]} {parts[i]:.0f} %" for i in shown) for name, parts in rows.items()
    )
    draw = Drawing(760, 34 + 30 * len(rows), "shares", "Share of step time", f"{numbers}.")
    for k, i in enumerate(shown):
        left = 130 + 630 / len(shown) * k
        draw.add("rect", x=left, y=4, width=10, height=10, class_=f"part p{i}")
        draw.text(left + 14, 13, STEP_PARTS[i], "tick")
    for j, (name, parts) in enumerate(rows.items()):
        top, left = 28.0 + 30 * j, 130.0
        draw.text(0, top + 15, name, room=124)
        for i in shown:
            width = 6.3 * parts[i]
            draw.add("rect", x=left, y=top, width=max(width - 1, 0.0), height=22, class_=f"part p{i}")
            if parts[i] >= 6:
                draw.text(left + width / 2, top + 15, f"{parts[i]:.0f} %", f"inside p{i}", "middle")
            left += width
    return draw.render()


def _panels(curves: Curves, colours: dict[str, int], titles: dict[str, str], zero: bool) -> list[Markup]:
    return [
        _panel(f"curve-{key.replace('/', '-')}", title, curves[key], colours, zero)
        for key, title in titles.items()
        if curves.get(key)
    ]


def _panel(name: str, title: str, bands: Mapping[str, CurveBand], colours: dict[str, int], zero: bool) -> Markup:
    ends = "; ".join(f"{v} {band.median[0]:.3g} to {band.median[-1]:.3g}" for v, band in bands.items())
    draw = Drawing(330, 216, _as_id(name), title, f"Median over seeds, first to last: {ends}.")
    values = [v for band in bands.values() for side in (band.low, band.median, band.high) for v in side]
    steps = [s for band in bands.values() for s in band.steps]
    x = Scale([0.0, *steps], 42, 322, pad=0.0)
    y = Scale(values, 170, 30, zero=zero)
    draw.axes(x, y, "step", "", y_ticks=4)
    draw.text(0, 14, title, "strong", room=326)
    for variant, band in bands.items():
        tone = f"s{colours[variant] % 8}"
        low, median, high = (
            [(x(s), y(v)) for s, v in zip(band.steps, side, strict=True)] for side in (band.low, band.median, band.high)
        )
        draw.band(high, low, f"band {tone}")
        draw.polyline(median, f"curve {tone}", DASHES[colours[variant] % len(DASHES)])
    return draw.render()


def _as_id(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}" for c in name)
