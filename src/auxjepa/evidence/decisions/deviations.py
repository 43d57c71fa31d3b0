"""Deviations of a study from its registration: changed plans, and scores that were not measured as registered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auxjepa.evidence.decisions.other_hashes import compare_with_registered, describe_other_hashes
from auxjepa.evidence.decisions.registration import (
    Hypothesis,
    Registration,
    RegistrationFile,
    Rule,
    is_measured_as_registered,
    is_registered,
    run_name_of,
)
from auxjepa.evidence.decisions.sequential import begun_seeds
from auxjepa.evidence.statistics.records import FaultReader
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

MOST_SHOWN = 4


def list_changes(
    filed: RegistrationFile, *, hypotheses: Sequence[Hypothesis], rule: Rule, design: Mapping[str, Any]
) -> list[str]:
    """Return every difference between the plan of a study and its registration, one line each.

    Args:
        filed: the registration in the file.
        hypotheses: the present hypotheses of the study.
        rule: the present decision rule of the study.
        design: the other fields of the study, flattened; only registered fields are compared.
    """
    registration, changes = filed.registration, []
    if filed.edited:
        changes.append("the registration was edited after it was written: its content does not have its hash")
    if tuple(hypotheses) != registration.hypotheses:
        before, after = ({h.id: h for h in hs} for hs in (registration.hypotheses, hypotheses))
        changes.append(
            f"hypotheses changed: {_shorten([i for i in {**before, **after} if before.get(i) != after.get(i)])}"
        )
    if rule != registration.rule:
        changes.append(f"the decision rule changed: registered {_describe(registration.rule)}, now {_describe(rule)}")
    changed_fields = [key for key, value in registration.design.items() if design.get(key) != value]
    if changed_fields:
        changes.append(f"the design changed: {_shorten(changed_fields)}")
    return changes


def list_departures(
    registration: Registration, rows: Iterable[Row], marks_fault: FaultReader | None = None
) -> list[str]:
    """Return every way in which scores differ from the registration, one line each.

    Scores can be too old, unplanned, measured differently or missing.

    Args:
        registration: the registration.
        rows: all scores of the study.
        marks_fault: reads the fault of the marks of a row; its score must be the mean of its marks.
    """
    departures = []
    scored = [row for row in rows if row.control in (None, "random_init")]
    early = count_early(registration, scored)
    if early:
        departures.append(f"{early} scores are older than the registration, or have no date")
    runs = {(run_name_of(row), row.run) for row in scored}
    unplanned = sorted({name for name, _ in runs} - registration.runs.keys())
    if unplanned:
        departures.append(f"runs that were not registered: {_shorten(unplanned)}")
    changed = sorted({name for name, run in runs if registration.runs.get(name, run) != run})
    if changed:
        departures.append(f"runs with another content than registered: {_shorten(changed)}")
    benchmarks = sorted({row.benchmark for row in scored if not is_measured_as_registered(registration, row)})
    if benchmarks:
        departures.append(f"benchmarks that were measured differently than registered: {_shorten(benchmarks)}")
        others = (compare_with_registered(registration, row) for row in scored)
        departures += describe_other_hashes(other for other in others if other and other.what != "run hash")
    versions = sorted(
        {f"{k} {v}" for r in scored for k, v in r.versions.items() if registration.versions.get(k, v) != v}
    )
    if versions:
        departures.append(f"scores that were measured with other versions than registered: {_shorten(versions)}")
    contradicting = [row for row in scored if marks_fault is not None and marks_fault(row) == "contradicting"]
    false = sorted({f"{run_name_of(row)}, {row.benchmark}" for row in contradicting})
    if false:
        departures.append(f"scores that are not the mean of their examples: {_shorten(false)}")
    measures, later = registration.measures, set(registration.seeds) - set(begun_seeds(registration, scored))
    begun = [run for run in registration.runs if not any(f" seed {seed} on " in run for seed in later)]
    planned = [(run, b) for run in begun for b in measures.get(run.split(" on ", 1)[-1], {})]
    present = {(run_name_of(row), row.benchmark) for row in scored if is_registered(registration, row)}
    missing = [f"{run}, {benchmark}" for run, benchmark in planned if (run, benchmark) not in present]
    if missing:
        departures.append(f"{len(missing)} of {len(planned)} registered scores are missing: {_shorten(missing)}")
    return departures


def count_early(registration: Registration, rows: Iterable[Row]) -> int:
    """Return the number of encoder scores that are not shown to be younger than the registration.

    Args:
        registration: the registration.
        rows: scores.
    """
    return sum(row.created < registration.created for row in rows if row.control in (None, "random_init"))


def _describe(rule: Rule) -> str:
    looks = f", looks at {', '.join(map(str, rule.looks))} seeds ({rule.spending})" if rule.looks else ""
    return f"{rule.test} at {rule.alpha:g}, {rule.correction}, {rule.metric}{looks}"


def _shorten(names: Sequence[str]) -> str:
    return shorten_list(names, MOST_SHOWN, "; ")
