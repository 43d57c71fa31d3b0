"""Figures of the search of recipes: expected best validation objective against budget, one panel a variant."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from auxjepa.evidence.analyses.tuning_results import TuningResults, VariantTuning
from auxjepa.evidence.statistics.tuning_records import ExpectedBest
from auxjepa.report.svg import DASHES, SERIES, Drawing, Scale


def curve_panels(results: TuningResults, colours: Mapping[str, int]) -> list[Markup]:
    """Return one panel for each variant with a curve; all panels have the same axes.

    The grey line in a panel is the curve of the reference. The horizontal line is the study's own recipe.

    Args:
        results: results of the search.
        colours: index of every variant with scores.
    """
    shown = [(record, record.curve) for record in results.variants if record.curve is not None]
    if not shown:
        return []
    reference = next((curve for record, curve in shown if record.variant == results.reference), None)
    bases = [record.base_objective for record, _ in shown if record.base_objective is not None]
    x = Scale([0, *(curve.trials[-1] for _, curve in shown)], 46, 322, pad=0.0)
    y = Scale([*(v for _, c in shown for side in (c.mean, c.low, c.high) for v in side), *bases], 170, 34)
    index = {record.variant: colours.get(record.variant, len(colours) + i) for i, (record, _) in enumerate(shown)}
    return [
        _panel(record, curve, None if record.variant == results.reference else reference, index[record.variant], x, y)
        for record, curve in shown
    ]


def _panel(
    record: VariantTuning, curve: ExpectedBest, reference: ExpectedBest | None, colour: int, x: Scale, y: Scale
) -> Markup:
    tone = f"s{colour % SERIES}"
    band = f" (95 % interval {curve.low[-1]:.3f} to {curve.high[-1]:.3f})" if curve.has_interval else ""
    base = "" if record.base_objective is None else f"; the study's own recipe has {record.base_objective:.3f}"
    about = (
        f"Expected best validation objective: {curve.mean[0]:.3f} with 1 recipe, {curve.mean[-1]:.3f} with "
        f"{len(curve.trials)} recipes{band}{base}."
    )
    steps = curve.steps[0]
    draw = Drawing(330, 216, f"tuning-{record.variant}", record.variant, about)
    draw.axes(x, y, f"recipes of {steps:,} steps", "", y_ticks=4)
    draw.text(0, 14, record.variant, "strong", room=326)
    if record.base_objective is not None:
        draw.line(x.start, y(record.base_objective), x.end, y(record.base_objective), "rule", stroke_dasharray="2 3")
    if reference is not None:
        draw.polyline(_points(reference, reference.mean, x, y), "curve control")
    if curve.has_interval:
        draw.band(_points(curve, curve.high, x, y), _points(curve, curve.low, x, y), f"band {tone}")
    draw.polyline(_points(curve, curve.mean, x, y), f"curve {tone}", DASHES[colour % len(DASHES)])
    return draw.render()


def _points(curve: ExpectedBest, values: tuple[float, ...], x: Scale, y: Scale) -> list[tuple[float, float]]:
    return [(x(n), y(value)) for n, value in zip(curve.trials, values, strict=True)]
