"""Scores that exist under another hash than the expected one: which hash they have and which one is expected.

Such scores are not compared with the others. A text that only calls them missing would be false.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from auxjepa.evidence.decisions.registration import Hypothesis, Registration, metric_names, run_name_of
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

MOST_NAMES = 4
"""Number of variants or benchmarks that one line names."""


class OtherHash(NamedTuple):
    """A score that is not measured as expected.

    Args:
        row: the score.
        what: the field that differs: 'benchmark hash', 'protocol hash', 'run hash' or 'metric'.
        actual: value of the score.
        expected: expected value.
    """

    row: Row
    what: str
    actual: str
    expected: str


def compare_with_registered(registration: Registration, row: Row) -> OtherHash | None:
    """Return what differs between a score and its registration; None where nothing differs or nothing is registered.

    Args:
        registration: the registration.
        row: one score.
    """
    measure = registration.measures.get(row.regime, {}).get(row.benchmark)
    run = registration.runs.get(run_name_of(row))
    if measure is None or run is None:
        return None
    expected = measure.metric or registration.rule.metric
    has_other_metric = expected not in metric_names(row)
    fields = (
        ("benchmark hash", row.benchmark_hash, measure.benchmark_hash),
        ("protocol hash", row.protocol_hash, measure.protocol_hash),
        ("metric", row.metric if has_other_metric else expected, expected),
        ("run hash", row.run, run),
    )
    differing = (OtherHash(row, *field) for field in fields if field[1] != field[2])
    return next(differing, None)


def describe_other_hashes(scores: Iterable[OtherHash], expected: str = "registered") -> list[str]:
    """Return one line for each pair of hashes: whose scores have one, and which one is expected.

    The hash of a run differs from seed to seed, so one line has all of these scores and the hashes of one of them.

    Args:
        scores: the scores.
        expected: word for the expected hash: 'registered' or 'present'.
    """
    groups: dict[tuple[str, str, str, str], list[OtherHash]] = {}
    for score in scores:
        key = (score.row.benchmark, score.what, score.actual, score.expected)
        groups.setdefault(("", score.what, "", "") if score.what == "run hash" else key, []).append(score)
    lines = []
    for group in groups.values():
        first = group[0]
        names, benchmarks = ({getattr(s.row, field): None for s in group} for field in ("variant", "benchmark"))
        who = f"{format_count(len(group), 'score')} of {shorten_list(list(names), MOST_NAMES)}"
        where = f"on {shorten_list(list(benchmarks), MOST_NAMES)}"
        verb = "has" if len(group) == 1 else "have"
        example = f" ({run_name_of(first.row)})" if first.what == "run hash" and len(group) > 1 else ""
        lines.append(
            f"{who} {where} {verb} the {first.what} {first.actual} and not the {expected} {first.expected}{example}"
        )
    return lines


def explain_missing(registration: Registration, hypothesis: Hypothesis, rows: Sequence[Row]) -> str:
    """Return under which other hashes the scores of a hypothesis exist, in words; empty where there are none.

    Args:
        registration: the registration.
        hypothesis: a hypothesis without a registered score on one side.
        rows: all scores of the study.
    """
    sides = (
        (hypothesis.variant, hypothesis.regime),
        (hypothesis.reference, hypothesis.reference_regime or hypothesis.regime),
    )
    scores = [
        score
        for variant, regime in sides
        for row in rows
        if (row.variant, row.benchmark) == (variant, hypothesis.benchmark)
        and row.control in (None, "random_init")
        and regime in ("", row.regime)
        and (score := compare_with_registered(registration, row)) is not None
    ]
    return "; ".join(describe_other_hashes(scores))
