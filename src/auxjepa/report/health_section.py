"""Sentences on the health of runs, by the version of the rule that the study recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from auxjepa.evidence.analyses.training import UnhealthyRuns
from auxjepa.evidence.study_folder.artifacts import Run
from auxjepa.evidence.wording import format_count
from auxjepa.lists import shorten_list
from auxjepa.runs import health

MOST_SHOWN = 8
"""Number of variants that the sentence on unhealthy runs names."""


def describe_health(runs: Sequence[Run], unhealthy: Sequence[UnhealthyRuns]) -> str:
    """Return the number of runs, of unhealthy and of narrow ones, and what the other version of the rule calls them.

    Unhealthy runs are named by seed; where a seed has several regimes they are counted.

    Args:
        runs: all runs.
        unhealthy: runs that shrank or collapsed.
    """
    if not runs:
        return ""
    sentences = [_describe_unhealthy(runs, unhealthy), _describe_narrow(runs), _describe_other_version(runs)]
    return " ".join(filter(None, sentences))


def _describe_unhealthy(runs: Sequence[Run], unhealthy: Sequence[UnhealthyRuns]) -> str:
    """Return how many runs shrank or collapsed."""
    if not unhealthy:
        has_narrow = any(run.health == health.NARROW for run in runs)
        return f"None of {format_count(len(runs), 'run')} collapsed." if has_narrow else _all_healthy(runs)
    if len({(run.variant, run.seed) for run in runs}) < len(runs):
        names = [f"{u.variant} in {len(u.seeds)} of {u.of} ({u.verdict})" for u in unhealthy]
    else:
        names = [f"{u.variant} {_seeds(u.seeds)} ({u.verdict})" for u in unhealthy]
    text = shorten_list(names, MOST_SHOWN, "; ") + (", in Cost" if len(names) > MOST_SHOWN else "")
    total = sum(len(u.seeds) for u in unhealthy)
    return f"{total} of {format_count(len(runs), 'run')} did not stay healthy: {text}."


def _all_healthy(runs: Sequence[Run]) -> str:
    return f"All {format_count(len(runs), 'run')} ended healthy."


def _describe_narrow(runs: Sequence[Run]) -> str:
    """Return how many runs are narrow; '' where none is."""
    total, narrow = Counter(run.variant for run in runs), Counter(r.variant for r in runs if r.health == health.NARROW)
    if not narrow:
        return ""
    names = shorten_list([f"{variant} {count} of {total[variant]}" for variant, count in narrow.items()], MOST_SHOWN)
    limit = f"{100 * health.NARROW_RANK:g} %"
    return (
        f"Narrow runs (a note, no fault: the rank is below {limit} of its value before training, "
        f"docs/evidence/health.md): {names}."
    )


def _describe_other_version(runs: Sequence[Run]) -> str:
    """Return what the other version of the rule calls the runs; '' where both versions call all of them alike."""
    version = runs[0].health_version
    other = health.FIRST if version == health.LATEST else health.LATEST
    words = [(run.health, run.health_at(other)) for run in runs]
    counts = Counter(word for recorded, word in words if word != recorded)
    if not counts:
        return ""
    listed = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    return f"The study recorded version {version} of the rule on health; version {other} has other words: {listed}."


def _seeds(seeds: Sequence[int]) -> str:
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
