"""Tables of the page health.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from health_judge import FIXED, MEAN, SHRINKING, Judged

from auxjepa.runs.health import NARROW_RANK

EDGES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 10.0)


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
        "**Both versions of the rule on each axis.**",
        versions_table(judged),
        "**Both versions by kind of run**, failure on the mean.",
        groups_table(judged),
        "**Share of failed runs** by the last rank of the student, relative to its rank before training.",
        bins_table(judged),
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
        groups = [f"{one.by_group.get(group, float('nan')):.2f}" for group in ("search", "studies")]
        body.append((name, meaning, auroc, spread, *groups, correlation))
    return markdown(("signal", "meaning", "AUROC", "by variant", "search", "studies", "correlation"), body)


def axes_table(judged: Judged, signals: Mapping[str, tuple[str, int]]) -> str:
    names = (*signals, "all signals")
    body = [(n, *(f"{judged.discrimination[n, axis].auroc:.2f}" for axis in judged.axes)) for n in names]
    return markdown(("signal", *judged.axes), body)


def rates_table(judged: Judged, signals: Mapping[str, tuple[str, int]], axis: str) -> str:
    body = []
    for name in ("rule of version 1", "rule of version 2", *signals, "all signals"):
        one = judged.rates[name, axis]
        thresholds = f"{min(one.thresholds):.3g} … {max(one.thresholds):.3g}" if one.thresholds else ""
        body.append((name, thresholds, percent(one.false_alarm), percent(one.miss), percent(one.precision)))
    return markdown(("alarm", "thresholds", "false alarms", "misses", "alarms that are right"), body)


def versions_table(judged: Judged) -> str:
    body = []
    for axis in judged.axes:
        for rule in ("rule of version 1", "rule of version 2"):
            one = judged.rates[rule, axis]
            body.append((axis, rule, percent(one.false_alarm), percent(one.miss), percent(one.precision)))
    return markdown(("axis", "alarm", "false alarms", "misses", "alarms that are right"), body)


def groups_of(judged: Judged) -> list[tuple[str, np.ndarray]]:
    """Return kinds of runs: which rows each has."""
    runs = judged.runs
    is_search = runs.group == "search"
    return [
        ("search, 100 steps", is_search & (runs.steps == 100)),
        ("search, more steps", is_search & (runs.steps > 100)),
        ("studies", ~is_search),
    ]


def groups_table(judged: Judged) -> str:
    runs, body = judged.runs, []
    failed = runs.failed[MEAN] > 0
    for name, rows in groups_of(judged):
        for version, limit in (("version 1", SHRINKING), ("version 2", NARROW_RANK)):
            alarm = runs.signals[FIXED[version]] < limit
            wrong, right = (rows & alarm & ~failed).sum(), (rows & alarm & failed).sum()
            missed, good = (rows & ~alarm & failed).sum(), (rows & ~failed).sum()
            cells = f"{wrong} of {good}", f"{missed} of {(rows & failed).sum()}", f"{right} of {wrong + right}"
            body.append((name, version, *cells))
    return markdown(("runs", "rule", "false alarms", "misses", "alarms that are right"), body)


def bins_table(judged: Judged) -> str:
    runs, body = judged.runs, []
    ratio, failed = runs.signals["rank / initial"], runs.failed[MEAN]
    groups = groups_of(judged)
    for low, high in pairwise(EDGES):
        inside = (ratio >= low) & (ratio < high)
        cells = [f"{failed[inside & rows].sum():.0f} of {(inside & rows).sum()}" for _, rows in groups]
        body.append((f"{low:g} to {high:g}" if high < EDGES[-1] else f"from {low:g}", *cells))
    return markdown(("rank / initial", *(f"failed: {name}" for name, _ in groups)), body)


def percent(triple: tuple[float, float, float]) -> str:
    """Return a rate with its interval, in percent."""
    estimate, low, high = (100 * value for value in triple)
    return "no case" if np.isnan(estimate) else f"{estimate:.0f} % [{low:.0f}, {high:.0f}]"


def markdown(head: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
