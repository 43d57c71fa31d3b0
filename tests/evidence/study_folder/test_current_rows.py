"""Rows that are left out of comparisons are named, with both hashes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.decisions.registration import Measure, Registration, run_name
from auxjepa.evidence.study_folder.current_rows import current_rows, rows_under_other_hashes
from auxjepa.evidence.study_folder.folder import Registered, Study
from auxjepa.rows import Row


@pytest.fixture
def rows(make_row: Callable[..., Row]) -> list[Row]:
    return [make_row(variant, seed) for variant in ("baseline", "ld") for seed in range(3)]


def test_both_hashes_of_older_scores_are_named(rows: list[Row]) -> None:
    old = [row.model_copy(update={"protocol_hash": "p0"}) for row in rows]
    older = [row.model_copy(update={"benchmark_hash": "b0"}) for row in rows if row.variant == "ld"]
    info = {"protocols": {"attentive": {"hash": "p1"}}, "benchmark_info": {"world_order": {"hash": "b1"}}}
    study = Study("s", rows=[*old, *rows, *older], **info)
    notes: list[str] = []
    assert current_rows(study, notes) == rows and len(rows_under_other_hashes(study)) == 9
    assert [note.partition(": ")[2] for note in notes] == [
        "6 scores of baseline, ld on world_order have the protocol hash p0 and not the present p1; not compared with "
        "the others",
        "3 scores of ld on world_order have the benchmark hash b0 and not the present b1; not compared with the others",
    ]


def test_runs_that_are_not_registered_are_named(rows: list[Row]) -> None:
    measures = {"world": {"world_order": Measure(benchmark_hash="b1", protocol_hash="p1")}}
    runs = {run_name(r.variant, r.seed, r.regime): r.run for r in rows if r.seed < 2}
    fields = {"hypotheses": (), "seeds": (0, 1), "measures": measures, "design": {}, "created": "2026"}
    registration = Registration(name="s", runs=runs, **fields)
    changed = [row.model_copy(update={"run": "r9"}) if row.variant == "ld" else row for row in rows]
    notes: list[str] = []
    study = Study("s", rows=changed, registered=Registered(registration, "h", []))
    assert {(row.variant, row.seed) for row in current_rows(study, notes)} == {("baseline", 0), ("baseline", 1)}
    assert notes == [
        "2 scores of runs that were not registered are left out: baseline seed 2 on world, ld seed 2 on world",
        "2 scores of ld on world_order have the run hash r9 and not the registered ld0 (ld seed 0 on world); left out",
    ]
