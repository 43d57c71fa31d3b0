"""Draw the reliability diagram: the share of true claims among those with a similar probability."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import auxjepa.report
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.report.svg import Drawing, Scale
from auxjepa_review.verify.cases import Case

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 470, 52, 18, 40, 96
CSS = Path(auxjepa.report.__file__).parent / "templates" / "report.css"
BINS = 5


class Bin(NamedTuple):
    """Claims with similar probabilities."""

    mean_probability: float
    true: int
    n: int


def bins(of: Sequence[Case], p: Callable[[Case], float], count: int = BINS) -> list[Bin]:
    """Return the cases in equal bins of probability, without empty bins.

    Args:
        of: cases.
        p: probability of a case.
        count: number of bins.
    """
    by_bin: dict[int, list[Case]] = {}
    for case in of:
        by_bin.setdefault(min(count - 1, int(count * p(case))), []).append(case)
    return [Bin(fmean(map(p, cs)), sum(bool(c.true) for c in cs), len(cs)) for _, cs in sorted(by_bin.items())]


def reliability(read: Sequence[Case], written: Sequence[Case], held_out: Mapping[str, float]) -> str:
    """Return the diagram as a separate file, in the colours of the report for light and dark pages.

    Args:
        read: cases of the documents' rows.
        written: cases of the written sentences.
        held_out: held-out probabilities, by place.
    """
    statements = list({c.statement: c for c in read if c.true is not None}.values())
    texts = [c for c in written if c.true is not None]
    series = [
        ("ours, written sentences", 1, 1, bins(texts, lambda c: held_out[c.place])),
        ("ours, statements of the documents", 3, 0, bins(statements, lambda c: held_out[c.place])),
        (
            "the documents' own confidence, rows",
            2,
            2,
            bins([c for c in read if c.true is not None], lambda c: c.confidence or 0),
        ),
    ]
    description = "; ".join(
        f"{name}: " + ", ".join(f"{100 * b.true / b.n:.0f} % of {b.n} at {b.mean_probability:.2f}" for b in series_bins)
        for name, _, _, series_bins in series
    )
    draw = Drawing(WIDTH, HEIGHT, "reliability", "Reliability of probabilities, claims held out", description)
    x = Scale([0, 1], LEFT, WIDTH - RIGHT, pad=0.02)
    y = Scale([0, 1], HEIGHT - BOTTOM, TOP, pad=0.02)
    draw.axes(x, y, "probability given", "share that is true")
    draw.line(x(0), y(0), x(1), y(1), "leader", stroke_dasharray="4 4")
    for shift, (name, colour, shape, series_bins) in enumerate(series):
        tone = f"s{colour}"
        for b in series_bins:
            low, high = wilson(b.true / b.n, b.n)
            at = x(b.mean_probability) + 8 * (shift - 1)
            draw.line(at, y(low), at, y(high), f"whisker thin {tone}")
            draw.mark(shape, at, y(b.true / b.n), f"mark {tone}", 5.5)
            side, anchor = (-9, "end") if shift == 0 else (9, "start")
            draw.text(at + side, y(b.true / b.n) + 4, str(b.n), "quiet", anchor)
        row = HEIGHT - BOTTOM + 50 + 18 * shift - 4
        draw.mark(shape, LEFT + 8, row - 4, f"mark {tone}", 5.5)
        draw.text(LEFT + 20, row, name, "quiet")
    return _standalone(str(draw.render()))


def _standalone(svg: str) -> str:
    """Return the picture as a separate file, which includes the report's colours."""
    css = CSS.read_text(encoding="utf-8")
    roots = re.findall(
        r"^:root \{.*?^\}|^@media \(prefers-color-scheme: dark\) \{.*?^\}", css, re.DOTALL | re.MULTILINE
    )
    start = css.index("/* Figures")
    figures = css[start : css.index(".control", start)]
    style = "\n".join([*roots[:2], figures, "svg { background: var(--paper); }"])
    head, _, after_head = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{style}</style>{after_head}\n'
