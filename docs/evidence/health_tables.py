"""Tables of the page health.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from health_judge import MEAN, Judged


def tables(judged: Judged, signals: Mapping[str, tuple[str, int]]) -> str:
    """Return the generated part of the page.

    Args:
        judged: the results.
        signals: meaning of each signal.
    """
    parts = [
        "**Failed runs.** Mean and sd of untrained encoders, and the limit up to which a run failed.",
        limits_table(judged),
        runs_table(judged),
        f"**Order.** AUROC of failure on the {MEAN} with its 95 % interval, its range over variants, and Spearman's "
        "correlation with the mean score within a variant and a number of steps. Chance is 0.5 and 0.",
        order_table(judged, signals),
        "**Order on each axis.** AUROC of failure.",
        axes_table(judged, signals),
        "**Alarms.** Thresholds are chosen without the variant that they judge.",
        rates_table(judged, signals, MEAN),
        "**Today's rule on each axis.**",
        today_table(judged),
    ]
    return "\n\n".join(parts) + "\n"


def limits_table(judged: Judged) -> str:
    body = []
    for (group, axis), one in sorted(judged.limits.items()):
        body.append((group, axis, one.encoders, f"{one.mean:.1f}", f"{one.sd:.1f}", f"{one.limit:.1f}"))
    return markdown(("clips", "axis", "untrained encoders", "mean", "sd", "limit"), body)


def runs_table(judged: Judged) -> str:
    runs, body = judged.runs, []
    for group in np.unique(runs.group):
        for variant in np.unique(runs.variant[runs.group == group]):
            for steps in np.unique(runs.steps[(runs.group == group) & (runs.variant == variant)]):
                rows = (runs.group == group) & (runs.variant == variant) & (runs.steps == steps)
                failed = [runs.failed[axis][rows] for axis in judged.axes]
                cells = ["" if np.isnan(one).all() else f"{np.nansum(one):.0f}" for one in failed]
                body.append((group, f"`{variant}`", steps, rows.sum(), *cells))
    return markdown(("clips", "variant", "steps", "runs", *(f"failed: {axis}" for axis in judged.axes)), body)


def order_table(judged: Judged, signals: Mapping[str, tuple[str, int]]) -> str:
    body = []
    for name in (*signals, "all signals"):
        one = judged.discrimination[name, MEAN]
        meaning = signals[name][0] if name in signals else "logistic regression, fitted on the other variants"
        spread = f"{min(one.by_variant):.2f} … {max(one.by_variant):.2f}" if one.by_variant else ""
        auroc = f"{one.auroc:.2f} [{one.low:.2f}, {one.high:.2f}]"
        correlation = f"{one.correlation:+.2f} [{one.correlation_low:+.2f}, {one.correlation_high:+.2f}]"
        body.append((name, meaning, auroc, spread, correlation))
    return markdown(("signal", "meaning", "AUROC", "by variant", "correlation"), body)


def axes_table(judged: Judged, signals: Mapping[str, tuple[str, int]]) -> str:
    names = (*signals, "all signals")
    body = [(n, *(f"{judged.discrimination[n, axis].auroc:.2f}" for axis in judged.axes)) for n in names]
    return markdown(("signal", *judged.axes), body)


def rates_table(judged: Judged, signals: Mapping[str, tuple[str, int]], axis: str) -> str:
    body = []
    for name in ("today", *signals, "all signals"):
        one = judged.rates[name, axis]
        thresholds = f"{min(one.thresholds):.3g} … {max(one.thresholds):.3g}" if one.thresholds else ""
        body.append((name, thresholds, percent(one.false_alarm), percent(one.miss), percent(one.precision)))
    return markdown(("alarm", "thresholds", "false alarms", "misses", "alarms that are right"), body)


def today_table(judged: Judged) -> str:
    body = []
    for axis in judged.axes:
        one = judged.rates["today", axis]
        body.append((axis, percent(one.false_alarm), percent(one.miss), percent(one.precision)))
    return markdown(("axis", "false alarms", "misses", "alarms that are right"), body)


def percent(triple: tuple[float, float, float]) -> str:
    """Return a rate with its interval, in percent."""
    estimate, low, high = (100 * value for value in triple)
    return "no case" if np.isnan(estimate) else f"{estimate:.0f} % [{low:.0f}, {high:.0f}]"


def markdown(head: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
