"""All benchmarks at once: interquartile means, probability of improvement, who is on the Pareto front, profiles."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from auxjepa.evidence import pareto
from auxjepa.evidence.aggregate import (
    ComparisonError,
    Estimate,
    Normalised,
    improvement,
    iqm,
    normalise,
    optimality_gap,
    paired_iqm,
    profile,
)
from auxjepa.report.plots import series
from auxjepa.report.results import Column, Line, Results
from auxjepa.report.svg import DASHES, SERIES, Drawing, Scale

DASH = "–"
TAUS = tuple(k / 40 for k in range(-4, 41))


def normalised(results: Results) -> dict[str, Normalised]:
    """Every variant with chance at 0 and 100 % at 1; one that lacks a benchmark on every seed is left out."""
    chance = {str(i): 100.0 / column.n_classes for i, column in enumerate(results.columns) if _share(column)}
    found = {}
    for line in results.variants:
        scores = {i: line.cells[int(i)].scores for i in chance}
        try:
            found[line.name] = normalise(scores, chance)
        except ComparisonError:
            continue
    return found


def _share(column: Column) -> bool:
    """Whether scores run from chance to 100 %; points of difference don't."""
    return column.n_classes > 1 and column.metric == "top1"


def head(results: Results) -> tuple[str, ...]:
    """Names of the columns of :func:`rows`."""
    others = (f"on the front, {across} and {up}" for across, up in results.axes)
    return ("variant", "runs", "IQM", "IQM, difference", "optimality gap", "P(better)", *others)


def rows(results: Results) -> list[list[str]]:
    """One row a variant; normalised units: chance is 0, all correct is 1."""
    known = normalised(results)
    reference = next((line.name for line in results.variants if line.reference), "")
    fronts = [_front(results, across, up) for across, up in results.axes]
    table = []
    for name, mine in known.items():
        against = known.get(reference) if name != reference else None
        paired = [DASH, DASH]
        if against is not None:
            with contextlib.suppress(ComparisonError):  # no seed in common
                paired = [_shown(paired_iqm(mine, against), sign=True), _shown(improvement(mine, against))]
        stable = [f"{100 * front[name]:.0f} %" if name in front else DASH for front in fronts]
        gap, runs = _shown(optimality_gap(mine)), f"{len(mine.seeds)} × {len(mine.benchmarks)}"
        table.append([name, runs, _shown(iqm(mine)), paired[0], gap, paired[1], *stable])
    return table


def _front(results: Results, across: str, up: str) -> dict[str, float]:
    """Share of resamples of the seeds in which each variant is on the front of two capabilities."""
    lines: Sequence[Line] = results.variants
    pairs = {line.name: (results.mean_over(line, across), results.mean_over(line, up)) for line in lines}
    return pareto.stability({name: pair for name, pair in pairs.items() if pair[0] and pair[1]})


def _shown(estimate: Estimate, sign: bool = False) -> str:
    form = "{:+.3f}" if sign else "{:.3f}"
    text = form.format(estimate.value)
    if estimate.interval:
        text += f" [{form.format(estimate.interval[0])}, {form.format(estimate.interval[1])}]"
    return text.replace("-", "\N{MINUS SIGN}")


def profiles(results: Results) -> Markup | None:
    """Performance profiles: share of runs above each normalised score, with a band over seeds."""
    known = normalised(results)
    if not known:
        return None
    colours = series(results)
    made = {name: profile(mine, TAUS) for name, mine in known.items()}
    said = "; ".join(f"{name} {100 * p.share[TAUS.index(0.25)]:.0f} %" for name, p in made.items())
    title = "Performance profiles"
    draw = Drawing(560, 330, "profiles", title, f"Share of runs above a normalised score of 0.25: {said}.")
    x, y = Scale([TAUS[0], TAUS[-1]], 40, 545, pad=0), Scale([0.0, 100.0], 280, 34, pad=0)
    draw.axes(x, y, "normalised score (0: chance, 1: all correct) →", "↑ runs above it, %")
    for name, p in made.items():
        tone = f"s{colours[name] % SERIES}"
        if p.low and p.high:
            upper, lower = ([(x(t), y(100 * v)) for t, v in zip(TAUS, side, strict=True)] for side in (p.high, p.low))
            draw.band(upper, lower, f"band {tone}")
        points = [(x(t), y(100 * v)) for t, v in zip(TAUS, p.share, strict=True)]
        steps = [points[0], *(q for (_, b), (c, d) in pairwise(points) for q in ((c, b), (c, d)))]
        draw.polyline(steps, f"curve {tone}", DASHES[colours[name] % SERIES])
    return draw.render()
