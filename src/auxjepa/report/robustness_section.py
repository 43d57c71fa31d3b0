"""The section on shifted clips: drops, effective robustness and rank stability as tables, and a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from auxjepa.evidence.analyses.control_labels import CONTROL_LABELS
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.analyses.robustness import ALL, Robustness, VariantRobustness
from auxjepa.evidence.wording import (
    DASH,
    format_effect,
    format_estimate,
    format_signed,
    format_signed_estimate,
    format_signed_interval,
)
from auxjepa.report.series import series_index
from auxjepa.report.svg import SERIES, Drawing, Scale, spread

HEAD = (
    "variant",
    "benchmark",
    "clean",
    "under shift",
    "relative drop, %",
    "drop, difference",
    "effective robustness",
)
STEPS = 40
"""Number of straight pieces of the fitted curve."""


def rows(records: Sequence[Robustness], results: Results) -> list[list[str]]:
    """Return one row a variant and benchmark (columns: ``HEAD``).

    Args:
        records: one record a benchmark.
        results: the table of results.
    """
    titles = _titles(results)
    return [
        [
            _name(line),
            _title(record, titles),
            format_estimate(line.clean),
            format_estimate(line.shifted),
            format_estimate(line.drop) + ("" if line.above_chance else " (clean at chance)"),
            DASH if line.drop_effect is None else format_effect(line.drop_effect),
            DASH if line.effective is None else format_signed_estimate(line.effective),
        ]
        for record in records
        for line in record.lines
    ]


def kind_tables(records: Sequence[Robustness], results: Results) -> list[tuple[str, tuple[str, ...], list[list[str]]]]:
    """Return title, heading and rows of the table of kinds of each benchmark.

    Args:
        records: one record a benchmark.
        results: the table of results.
    """
    titles = _titles(results)
    return [(_title(record, titles), kind_head(record), kind_rows(record)) for record in records]


def kind_head(record: Robustness) -> tuple[str, ...]:
    """Return the names of the columns of :func:`kind_rows`.

    Args:
        record: results on one benchmark.
    """
    return ("kind", *(_name(line) for line in record.lines), "rank stability (tau)")


def kind_rows(record: Robustness) -> list[list[str]]:
    """Return one row a kind of shift: the mean accuracy of every variant, and the rank stability.

    Args:
        record: results on one benchmark.
    """
    table = [["clean", *(f"{line.clean.value:.1f}" for line in record.lines), DASH]]
    for kind in record.kinds:
        means = [f"{line.kinds[kind]:.1f}" if kind in line.kinds else DASH for line in record.lines]
        table.append(["all conditions" if kind == ALL else kind, *means, _tau(record, kind)])
    return table


def figures(records: Sequence[Robustness], results: Results) -> list[Markup]:
    """Return clean against shifted accuracy of every encoder, with the line of effective robustness.

    Args:
        records: one record a benchmark.
        results: the table of results.
    """
    titles, colours = _titles(results), series_index(results)
    return [_figure(k, record, _title(record, titles), colours) for k, record in enumerate(records)]


def _figure(k: int, record: Robustness, title: str, colours: Mapping[str, int]) -> Markup:
    points = [point for line in record.lines for point in line.points]
    numbers = "; ".join(f"{_name(line)} {line.clean.value:.1f} and {line.shifted.value:.1f}" for line in record.lines)
    description = f"Accuracy in percent, on clean clips first, then under shift: {numbers}."
    if record.fit is not None:
        description += f" The line's slope on logits is {record.fit.slope:.2f}."
    draw = Drawing(440, 370, f"robustness-{k}", f"{title}: under shift against clean", description)
    draw.text(0, 12, title, "strong", room=436)
    x, y = Scale([a for a, _ in points], 40, 296), Scale([b for _, b in points], 324, 48)
    draw.axes(x, y, "clean, % correct →", "↑ under shift, % correct")
    low, high = max(x.low, y.low), min(x.high, y.high)
    if low < high:
        draw.line(x(low), y(low), x(high), y(high), "rule", stroke_dasharray="2 3")
    if record.fit is not None:
        steps = [x.low + (x.high - x.low) * step / STEPS for step in range(STEPS + 1)]
        curve = [(a, record.fit.expected(a)) for a in steps if a > 0]
        draw.polyline([(x(a), y(b)) for a, b in curve if y.low <= b <= y.high], "front", "5 4")
    label_positions = spread([y(line.shifted.value) for line in record.lines], 15, 54, 322)
    for line, label_y in zip(record.lines, label_positions, strict=True):
        colour = colours.get(line.name, 0)
        tone = "control" if line.control else f"s{colour % SERIES}"
        cx, cy = x(line.clean.value), y(line.shifted.value)
        draw.line(cx, cy, 306, label_y, "leader")
        for a, b in line.points if len(line.points) > 1 else ():
            draw.add("circle", cx=x(a), cy=y(b), r=2.0, class_=f"seed {tone}")
        draw.mark(3 if line.control else colour, cx, cy, f"{'hollow' if line.control else 'mark'} {tone}", 5.5)
        draw.text(309, label_y + 4, _name(line), "quiet" if line.control else "", room=130)
    return draw.render()


def _tau(record: Robustness, kind: str) -> str:
    stability = next((s for s in record.stability if s.kind == kind), None)
    if stability is None or stability.tau is None:
        return DASH
    interval = f" {format_signed_interval(stability.interval, 2)}" if stability.interval else ""
    return format_signed(stability.tau, 2) + interval


def _titles(results: Results) -> dict[tuple[str, str], str]:
    return {(column.regime, column.benchmark): column.title for column in results.columns}


def _title(record: Robustness, titles: dict[tuple[str, str], str]) -> str:
    return titles.get((record.regime, record.benchmark), record.benchmark)


def _name(line: VariantRobustness) -> str:
    return CONTROL_LABELS.get(line.control, line.name) if line.control else line.name
