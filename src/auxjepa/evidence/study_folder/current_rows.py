"""Rows of a study that may be compared with each other."""

from __future__ import annotations

from auxjepa.evidence.decisions.registration import run_name_of
from auxjepa.evidence.study_folder.folder import Study
from auxjepa.rows import Row


def current_rows(study: Study, notes: list[str]) -> list[Row]:
    """Return the rows under the study's present protocols and benchmarks, and only registered runs if it has any.

    Args:
        study: the study.
        notes: receives one line for each kind of row that is left out.
    """

    def has_present_hash(row: Row) -> bool:
        return row.benchmark_hash == study.benchmark_info.get(row.benchmark, {}).get("hash", row.benchmark_hash)

    # Another regime may cut its clips differently, and then its benchmarks have other hashes. So older scores of a
    # regime can be recognised only if the regime has present scores too.
    renewed = {(row.regime, row.benchmark) for row in study.rows if has_present_hash(row)}
    present = [
        row
        for row in study.rows
        if row.protocol_hash == study.protocols.get(row.protocol, {}).get("hash", row.protocol_hash)
        and (has_present_hash(row) or (row.regime, row.benchmark) not in renewed)
    ]
    if len(present) < len(study.rows):
        old = len(study.rows) - len(present)
        notes.append(
            f"{old} scores under an older protocol or benchmark (another hash) are not compared with the others"
        )
    if study.registered is None:
        return present
    runs = study.registered.registration.runs
    planned = [r for r in present if r.control not in (None, "random_init") or runs.get(run_name_of(r)) == r.run]
    if len(planned) < len(present):
        notes.append(f"{len(present) - len(planned)} scores of runs that were not registered are left out")
    return planned
