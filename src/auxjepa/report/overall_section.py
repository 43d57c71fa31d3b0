"""The section on all benchmarks together: aggregates as a table, performance profiles as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from auxjepa.evidence.analyses.overall import TAUS, Overall
from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.records import Estimate
from auxjepa.evidence.wording import DASH, MINUS, format_percent
from auxjepa.lists import shorten_list
from auxjepa.report.svg import DASHES, SERIES, Drawing, Scale


def head(results: Results) -> tuple[str, ...]:
    """Return the names of the columns of :func:`rows`.

    Args:
        results: the table of results.
    """
    fronts = (f"on the front, {across} and {up}" for across, up in results.axes)
    return ("variant", "runs", "IQM", "IQM, difference", "optimality gap", "P(better)", *fronts)


def excluded(results: Results) -> str:
    """Return a sentence on the benchmarks that are not part of the aggregates; empty where all are.

    Args:
        results: the table of results.
    """
    names = results.unnormalised
    if not names or not results.has_shares:
        return ""
    return f"Not included, because chance or the largest score is not known: {shorten_list(names, 8)}."


def rows(records: Sequence[Overall]) -> list[list[str]]:
    """Return one row a variant, in normalised units: chance is 0, all correct is 1.

    Args:
        records: one record a variant.
    """
    return [
        [
            record.name,
            f"{record.seeds} × {record.benchmarks}",
            _format(record.iqm),
            _format(record.paired_iqm, sign=True),
            _format(record.gap),
            _format(record.improvement),
            *(DASH if share is None else format_percent(share) for share in record.front_shares),
        ]
        for record in records
    ]


def profiles(records: Sequence[Overall], colours: dict[str, int]) -> Markup | None:
    """Return performance profiles: the share of runs above each normalised score, with a band over seeds.

    Args:
        records: one record a variant; None is returned without a record.
        colours: index of every variant.
    """
    if not records:
        return None
    quarter = TAUS.index(0.25)
    shares = "; ".join(f"{record.name} {100 * record.profile.share[quarter]:.0f} %" for record in records)
    title = "Performance profiles"
    draw = Drawing(560, 330, "profiles", title, f"Share of runs above a normalised score of 0.25: {shares}.")
    x, y = Scale([TAUS[0], TAUS[-1]], 40, 545, pad=0), Scale([0.0, 100.0], 280, 34, pad=0)
    draw.axes(x, y, "normalised score (0: chance, 1: all correct) →", "↑ runs above it, %")
    for record in records:
        tone, profile = f"s{colours[record.name] % SERIES}", record.profile
        if profile.low and profile.high:
            upper, lower = (
                [(x(t), y(100 * v)) for t, v in zip(TAUS, side, strict=True)] for side in (profile.high, profile.low)
            )
            draw.band(upper, lower, f"band {tone}")
        points = [(x(t), y(100 * v)) for t, v in zip(TAUS, profile.share, strict=True)]
        steps = [points[0], *(q for (_, b), (c, d) in pairwise(points) for q in ((c, b), (c, d)))]
        draw.polyline(steps, f"curve {tone}", DASHES[colours[record.name] % SERIES])
    return draw.render()


def _format(estimate: Estimate | None, sign: bool = False) -> str:
    if estimate is None:
        return DASH
    form = "{:+.3f}" if sign else "{:.3f}"
    text = form.format(estimate.value)
    if estimate.interval:
        text += f" [{form.format(estimate.interval[0])}, {form.format(estimate.interval[1])}]"
    return text.replace("-", MINUS)
