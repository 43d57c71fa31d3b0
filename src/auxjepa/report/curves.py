"""Figures of training: losses, collapse measures, and where a step's time goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from auxjepa.evidence.artifacts import Curve, Run, finite
from auxjepa.evidence.verdicts import count
from auxjepa.report.svg import DASHES, Drawing, Scale

POINTS = 100  # a curve is averaged in so many stretches of steps: more would not be seen
MOST_TOLD = 8
SHARES = ("data", "masks", "teacher", "student", "predictor", "objectives", "backward", "optimiser", "other")
COLLAPSE = {
    "std/teacher": "Teacher: std per channel",
    "std/student": "Student: std per channel",
    "rank/teacher": "Teacher: effective rank",
    "rank/student": "Student: effective rank",
}


def losses(runs: Sequence[Run], colours: dict[str, int]) -> list[Markup]:
    """Small panels: the total loss, every unweighted term, the gradient norm."""
    terms = sorted({key for run in runs for key in run.curves if key.startswith("terms/")})
    titles = {"loss": "Total loss"} | {t: f"Term: {t.removeprefix('terms/')}" for t in terms}
    return _panels(runs, colours, titles | {"grad_norm": "Gradient norm"}, zero=False)


def collapse(runs: Sequence[Run], colours: dict[str, int]) -> list[Markup]:
    """Small panels: spread and effective rank of teacher and student features."""
    return _panels(runs, colours, COLLAPSE, zero=True)


def _panels(runs: Sequence[Run], colours: dict[str, int], titles: dict[str, str], zero: bool) -> list[Markup]:
    panels = []
    for key, title in titles.items():
        lines = {}
        for variant in colours:
            curves = [run.curves[key] for run in runs if run.variant == variant and key in run.curves]
            if curves:
                lines[variant] = _summary(curves)
        if lines:
            panels.append(_panel(f"curve-{key.replace('/', '-')}", title, lines, colours, zero))
    return panels


def _summary(curves: list[Curve]) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, "P 3"]]:
    """Steps, and minimum, median and maximum over seeds, of curves averaged in stretches."""
    last = max(steps[-1] for steps, _ in curves)
    shortest = min(len(steps) for steps, _ in curves)
    edges = np.linspace(0, last, max(2, min(POINTS, shortest) + 1))
    stretches = len(edges) - 1
    means = np.full((len(curves), stretches), np.nan)
    for mean, (steps, values) in zip(means, curves, strict=True):
        where = np.clip(np.searchsorted(edges, steps, side="left") - 1, 0, stretches - 1)
        count = np.bincount(where, minlength=stretches)
        np.divide(np.bincount(where, values, stretches), count, out=mean, where=count > 0)
    kept = ~np.isnan(means).all(axis=0)
    bands = np.nanmin(means[:, kept], 0), np.nanmedian(means[:, kept], 0), np.nanmax(means[:, kept], 0)
    return (edges[1:] + edges[:-1])[kept] / 2, np.stack(bands, axis=1)


def _panel(name: str, title: str, lines: dict, colours: dict[str, int], zero: bool) -> Markup:
    ends = "; ".join(f"{v} {b[0, 1]:.3g} to {b[-1, 1]:.3g}" for v, (_, b) in lines.items())
    draw = Drawing(330, 216, _safe(name), title, f"Median over seeds, first to last: {ends}.")
    values = [float(v) for _, b in lines.values() for v in b.ravel()]
    steps = [float(v) for s, _ in lines.values() for v in s]
    x = Scale([0.0, *steps], 42, 322, pad=0.0)
    y = Scale(values, 170, 30, zero=zero)
    draw.axes(x, y, "step", "", y_ticks=4)
    draw.text(0, 14, title, "strong", room=326)
    for variant, (at, bands) in lines.items():
        tone = f"s{colours[variant] % 8}"
        points = [[(x(float(s)), y(float(v))) for s, v in zip(at, bands[:, i], strict=True)] for i in range(3)]
        draw.band(points[2], points[0], f"band {tone}")
        draw.polyline(points[1], f"curve {tone}", DASHES[colours[variant] % len(DASHES)])
    return draw.render()


def shares(runs: Sequence[Run], colours: dict[str, int]) -> Markup | None:
    """Stacked bars: the share of a step's time per part, mean over the runs of a variant."""
    rows = []
    for variant in colours:
        parts = [mean_of(runs, variant, partial(share_of, part=part)) or 0.0 for part in SHARES]
        if sum(parts) > 0:
            rows.append((variant, [100 * p / sum(parts) for p in parts]))
    shown = [i for i in range(len(SHARES)) if any(parts[i] for _, parts in rows)]
    if not rows:
        return None
    said = "; ".join(f"{v}: " + ", ".join(f"{SHARES[i]} {ps[i]:.0f} %" for i in shown) for v, ps in rows)
    draw = Drawing(760, 34 + 30 * len(rows), "shares", "Share of step time", f"{said}.")
    for place, i in enumerate(shown):
        left = 130 + 630 / len(shown) * place
        draw.add("rect", x=left, y=4, width=10, height=10, class_=f"part p{i}")
        draw.text(left + 14, 13, SHARES[i], "tick")
    for j, (variant, parts) in enumerate(rows):
        top, left = 28.0 + 30 * j, 130.0
        draw.text(0, top + 15, variant, room=124)
        for i in shown:
            width = 6.3 * parts[i]
            draw.add("rect", x=left, y=top, width=max(width - 1, 0.0), height=22, class_=f"part p{i}")
            if parts[i] >= 6:
                draw.text(left + width / 2, top + 15, f"{parts[i]:.0f} %", f"inside p{i}", "middle")
            left += width
    return draw.render()


def mean_of(runs: Sequence[Run], variant: str, read: Callable[[Run], float | None]) -> float | None:
    """Mean of a number over the runs of a variant that have it."""
    values = [v for v in (read(run) for run in runs if run.variant == variant) if v is not None]
    return sum(values) / len(values) if values else None


def share_of(run: Run, part: str) -> float | None:
    """A run's share of step time, where it was measured; "other" is what has no name in ``SHARES``."""
    measured = run.summary.get("shares")
    if not isinstance(measured, dict):
        return None
    if part == "other":
        return sum((finite(share) or 0.0 for name, share in measured.items() if name not in SHARES[:-1]), 0.0)
    return finite(measured.get(part))


def describe(runs: Sequence[Run]) -> str:
    """How many runs, and how many of them are not healthy: by seed, or counted where a seed has several regimes."""
    ill = [run for run in runs if run.summary.get("verdict") in ("shrinking", "collapsed")]
    if not ill:
        return f"All {count(len(runs), 'run')} ended healthy." if runs else ""
    kinds: dict[tuple[str, str], list[str]] = {}
    for run in ill:
        kinds.setdefault((run.variant, run.summary["verdict"]), []).append(str(run.seed))
    if len({(run.variant, run.seed) for run in runs}) < len(runs):
        of = Counter(run.variant for run in runs)
        told = [f"{name} in {len(seeds)} of {of[name]} ({how})" for (name, how), seeds in kinds.items()]
    else:
        told = [f"{name} seed{'s'[: len(s) - 1]} {', '.join(s)} ({how})" for (name, how), s in kinds.items()]
    named = "; ".join(told[:MOST_TOLD]) + (
        f"; and {len(told) - MOST_TOLD} more, in Cost" if len(told) > MOST_TOLD else ""
    )
    return f"{len(ill)} of {count(len(runs), 'run')} did not stay healthy: {named}."


def _safe(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}" for c in name)
