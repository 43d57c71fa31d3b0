"""Rows of a study that may be compared with each other, and the rows that are left out with the hashes that differ."""

from __future__ import annotations

from auxjepa.evidence.decisions.other_hashes import OtherHash, describe_other_hashes
from auxjepa.evidence.decisions.registration import run_name_of
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.lists import shorten_list
from auxjepa.rows import Row

MOST_NAMES = 4
"""Number of runs that one note names."""


def current_rows(study: Study, notes: list[str]) -> list[Row]:
    """Return the rows under the study's present protocols and benchmarks, and only registered runs if it has any.

    Args:
        study: the study.
        notes: receives one line for each kind of row that is left out, with the hashes that differ.
    """
    old = {id(score.row): score for score in rows_under_other_hashes(study)}
    present = [row for row in study.rows if id(row) not in old]
    notes += [
        f"older protocol or benchmark: {line}; not compared with the others"
        for line in describe_other_hashes(old.values(), "present")
    ]
    if study.registered is None:
        return present
    runs = study.registered.registration.runs
    planned = [r for r in present if r.control not in (None, "random_init") or runs.get(run_name_of(r)) == r.run]
    others = [r for r in present if r.control in (None, "random_init") and runs.get(run_name_of(r)) != r.run]
    unplanned = [r for r in others if run_name_of(r) not in runs]
    if unplanned:
        names = shorten_list(list(dict.fromkeys(map(run_name_of, unplanned))), MOST_NAMES)
        notes.append(f"{len(unplanned)} scores of runs that were not registered are left out: {names}")
    changed = [OtherHash(r, "run hash", r.run, runs[run_name_of(r)]) for r in others if run_name_of(r) in runs]
    notes += [f"{line}; left out" for line in describe_other_hashes(changed)]
    return planned


def rows_under_other_hashes(study: Study) -> list[OtherHash]:
    """Return the rows that were measured under another protocol or benchmark than the study's present one.

    Args:
        study: the study.
    """

    def present_hash(row: Row) -> str:
        return str(study.benchmark_info.get(row.benchmark, {}).get("hash", row.benchmark_hash))

    # Another regime may cut its clips differently, and then its benchmarks have other hashes. So older scores of a
    # regime can be recognised only if the regime has present scores too.
    renewed = {(row.regime, row.benchmark) for row in study.rows if row.benchmark_hash == present_hash(row)}
    others = []
    for row in study.rows:
        protocol_hash = str(study.protocols.get(row.protocol, {}).get("hash", row.protocol_hash))
        if row.protocol_hash != protocol_hash:
            others.append(OtherHash(row, "protocol hash", row.protocol_hash, protocol_hash))
        elif row.benchmark_hash != present_hash(row) and (row.regime, row.benchmark) in renewed:
            others.append(OtherHash(row, "benchmark hash", row.benchmark_hash, present_hash(row)))
    return others
