"""Contradictions in a study folder: scores, marks, runs and controls that cannot all be true."""

from __future__ import annotations

import math
from collections.abc import Iterable

from auxjepa.evidence.study_folder.agreement import class_shares
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.evidence.study_folder.split_facts import describe_equal_scores
from auxjepa.lists import shorten_list
from auxjepa.rows import CONTROLS, MEAN_OF_MARKS, Row

TOO_FAR = 5.0
"""Number of standard errors below chance from which a fitted probe's score is impossible."""
PLAIN_SUITES = (None, "")
"""Suites with one probe, where a guess is right in one of C classes."""
CUT = "the last line was cut short"
"""Words of the note on an incomplete last line, which is no contradiction."""


def list_contradictions(study: Study) -> list[str]:
    """Return every kind of contradiction in a study folder, one line each.

    Args:
        study: the study.
    """
    return [
        *(line for line in study.left_out if CUT not in line),
        *_false_runs(study),
        *_false_health(study),
        *_early_scores(study),
        *_test_scores_as_validation(study),
        *_unequal_sizes(study.rows),
        *_false_initial_networks(study),
        *_impossible_controls(study),
    ]


def _false_runs(study: Study) -> list[str]:
    """Return a line on scores that name the run of another variant or seed."""
    runs = {run.hash: (run.variant, run.seed) for run in study.runs}
    false = [row for row in study.rows if row.control is None and runs.get(row.run, _of(row)) != _of(row)]
    if not false:
        return []
    names = [f"{row.name} is of {runs[row.run][0]} seed {runs[row.run][1]}" for row in false]
    return [f"{len(false)} scores name the run of another variant or seed: {shorten_list(names, 2)}"]


def _false_health(study: Study) -> list[str]:
    """Return a line on runs whose metrics end in a collapse that their summary does not have."""
    false = [run for run in study.runs if run.shows_collapse and run.summary.get("verdict") != run.health]
    names = [f"{run.variant} seed {run.seed}" for run in false]
    return [f"{len(false)} runs collapsed by their metrics and not by their summary: {shorten_list(names, 2)}"] * bool(
        false
    )


def _early_scores(study: Study) -> list[str]:
    """Return a line on scores that are older than the end of their run."""
    ends = {run.hash: str(run.summary.get("finished") or "") for run in study.runs}
    early = [
        row.name for row in study.rows if row.control is None and row.created and row.created < ends.get(row.run, "")
    ]
    return [f"{len(early)} scores are older than the end of their training: {shorten_list(early, 2)}"] if early else []


def _test_scores_as_validation(study: Study) -> list[str]:
    """Return a line on benchmarks where the validation scores are the test scores."""
    rows: dict[str, list[Row]] = {}
    for row in study.rows:
        if row.control is None:
            rows.setdefault(row.benchmark, []).append(row)
    lines = [f"on {name} {why}" for name, group in rows.items() if (why := describe_equal_scores(group))]
    return [shorten_list(lines, 2)] if lines else []


def _unequal_sizes(rows: Iterable[Row]) -> list[str]:
    """Return a line on benchmarks with scores over different numbers of test clips."""
    sizes: dict[tuple[str, str, str], set[int]] = {}
    for row in rows:
        if row.control in (None, "random_init"):
            sizes.setdefault((row.benchmark, row.benchmark_hash, row.regime), set()).add(row.n_test)
    unequal = sorted({key[0] for key, numbers in sizes.items() if len(numbers) > 1})
    return [f"scores are over different numbers of test clips: {shorten_list(unequal, 3)}"] if unequal else []


def _false_initial_networks(study: Study) -> list[str]:
    """Return a line on scores of random init that name no separate network for each seed."""
    rows = [row for row in study.rows if row.control == "random_init"]
    false = [row.name for row in rows if not row.run or row.run in CONTROLS]
    seeds: dict[str, set[int]] = {}
    for row in rows:
        seeds.setdefault(row.run, set()).add(row.seed)
    false += [f"{run} has {len(numbers)} seeds" for run, numbers in seeds.items() if run and len(numbers) > 1]
    return [f"scores of random init name no network: {shorten_list(false, 2)}"] if false else []


def _impossible_controls(study: Study) -> list[str]:
    """Return a line on scores of controls that the benchmark does not allow."""
    impossible = []
    for row in study.rows:
        record = study.benchmark_info.get(row.benchmark, {})
        if row.control is None or row.metric not in MEAN_OF_MARKS or row.n_classes < 2 or not row.n_test:
            continue
        if record.get("suite") not in PLAIN_SUITES or row.control not in CONTROLS:
            continue
        chance, shares = 100 / row.n_classes, class_shares(record)
        if row.control == "chance":
            is_possible = abs(row.score - chance) <= 0.1
        elif row.control == "majority" and shares:
            is_possible = any(abs(row.score - 100 * share) <= 0.1 for share in shares)
        else:
            share = min([chance / 100, *shares])
            lowest = 100 * (share - TOO_FAR * math.sqrt(share * (1 - share) / row.n_test))
            is_possible = row.score >= lowest
        if not is_possible:
            impossible.append(f"{row.control} {row.score:.1f} % on {row.benchmark}, where chance is {chance:.1f} %")
    if not impossible:
        return []
    return [f"{len(impossible)} scores of controls are impossible: {shorten_list(impossible, 2)}"]


def _of(row: Row) -> tuple[str, int]:
    return row.variant, row.seed
