"""Out of distribution: drops, effective robustness and rank stability as tables, clean against shifted as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from auxjepa.evidence.aggregate import Estimate
from auxjepa.evidence.folder import Study, current
from auxjepa.evidence.robustness import ALL, Line, Robustness, robustness
from auxjepa.evidence.verdicts import bracket, signed
from auxjepa.report.plots import series
from auxjepa.report.results import CONTROLS, Results
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
DASH = "–"
STEPS = 40


def collect(study: Study) -> list[Robustness]:
    """One record for each benchmark whose scores have conditions; none in a study without such benchmarks."""
    return robustness(current(study, []), study.reference)


def rows(found: Sequence[Robustness], results: Results) -> list[list[str]]:
    """One row a variant and benchmark (columns: ``HEAD``)."""
    titles = _titles(results)
    table = []
    for one in found:
        for line in one.lines:
            effect = line.drop_effect
            apart = DASH if effect is None else signed(effect.mean)
            apart += f" {bracket(effect.interval)}" if effect and effect.interval else ""
            table.append(
                [
                    _name(line),
                    titles.get((one.regime, one.benchmark), one.benchmark),
                    _plain(line.clean),
                    _plain(line.shifted),
                    _plain(line.drop) + ("" if line.above_chance else " (clean at chance)"),
                    apart,
                    _signed(line.effective),
                ]
            )
    return table


def kinds_head(one: Robustness) -> tuple[str, ...]:
    """Names of the columns of :func:`kinds`."""
    return ("kind", *(_name(line) for line in one.lines), "rank stability (tau)")


def kinds(one: Robustness) -> list[list[str]]:
    """One row a kind: every variant's mean accuracy, and whether the variants keep their ranks."""
    stability = {s.kind: s for s in one.stability}
    table = [["clean", *(f"{line.clean.value:.1f}" for line in one.lines), DASH]]
    for kind in one.kinds:
        found = stability.get(kind)
        tau = DASH if found is None or found.tau is None else signed(found.tau, 2)
        tau += f" {bracket(found.interval, 2)}" if found and found.tau is not None and found.interval else ""
        means = [f"{line.kinds[kind]:.1f}" if kind in line.kinds else DASH for line in one.lines]
        table.append(["all conditions" if kind == ALL else kind, *means, tau])
    return table


def tables(found: Sequence[Robustness], results: Results) -> list[tuple[str, tuple[str, ...], list[list[str]]]]:
    """Title, head and rows of the table of kinds of each benchmark."""
    titles = _titles(results)
    return [(titles.get((one.regime, one.benchmark), one.benchmark), kinds_head(one), kinds(one)) for one in found]


def figures(found: Sequence[Robustness], results: Results) -> list[Markup]:
    """Clean against shifted accuracy of every encoder, with the line that effective robustness is measured from."""
    titles, colours = _titles(results), series(results)
    return [
        _figure(k, one, titles.get((one.regime, one.benchmark), one.benchmark), colours) for k, one in enumerate(found)
    ]


def _figure(k: int, one: Robustness, title: str, colours: Mapping[str, int]) -> Markup:
    every = [point for line in one.lines for point in line.points]
    said = "; ".join(f"{_name(line)} {line.clean.value:.1f} and {line.shifted.value:.1f}" for line in one.lines)
    words = f"Accuracy in percent, on clean clips first, then under shift: {said}."
    if one.fit is not None:
        words += f" The line's slope on logits is {one.fit.slope:.2f}."
    draw = Drawing(440, 370, f"robustness-{k}", f"{title}: under shift against clean", words)
    draw.text(0, 12, title, "strong", room=436)
    x, y = Scale([a for a, _ in every], 40, 296), Scale([b for _, b in every], 324, 48)
    draw.axes(x, y, "clean, % correct →", "↑ under shift, % correct")
    low, high = max(x.low, y.low), min(x.high, y.high)
    if low < high:
        draw.line(x(low), y(low), x(high), y(high), "rule", stroke_dasharray="2 3")
    if one.fit is not None:
        steps = [x.low + (x.high - x.low) * step / STEPS for step in range(STEPS + 1)]
        curve = [(a, one.fit.expected(a)) for a in steps if a > 0]
        draw.polyline([(x(a), y(b)) for a, b in curve if y.low <= b <= y.high], "front", "5 4")
    places = spread([y(line.shifted.value) for line in one.lines], 15, 54, 322)
    for line, place in zip(one.lines, places, strict=True):
        colour = colours.get(line.name, 0)
        tone = "control" if line.control else f"s{colour % SERIES}"
        cx, cy = x(line.clean.value), y(line.shifted.value)
        draw.line(cx, cy, 306, place, "leader")
        for a, b in line.points if len(line.points) > 1 else ():
            draw.add("circle", cx=x(a), cy=y(b), r=2.0, class_=f"seed {tone}")
        draw.mark(3 if line.control else colour, cx, cy, f"{'hollow' if line.control else 'mark'} {tone}", 5.5)
        draw.text(309, place + 4, _name(line), "quiet" if line.control else "", room=130)
    return draw.render()


def _titles(results: Results) -> dict[tuple[str, str], str]:
    return {(column.regime, column.benchmark): column.title for column in results.columns}


def _name(line: Line) -> str:
    return CONTROLS.get(line.control, line.name) if line.control else line.name


def _plain(estimate: Estimate) -> str:
    text = f"{estimate.value:.1f}" + (
        f" [{estimate.interval[0]:.1f}, {estimate.interval[1]:.1f}]" if estimate.interval else ""
    )
    return text.replace("-", "\N{MINUS SIGN}")


def _signed(estimate: Estimate | None) -> str:
    if estimate is None:
        return DASH
    return signed(estimate.value) + (f" {bracket(estimate.interval)}" if estimate.interval else "")
