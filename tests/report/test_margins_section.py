from __future__ import annotations

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import margins_section
from written_study import register


def test_a_screen_suggests_margins_and_a_confirmation_does_not(study, tmp_path, write_study):
    loaded = load(study)
    rows = margins_section.rows(loaded, collect_results(loaded))
    assert len(rows) == 4 * 4 and {len(row) for row in rows} == {len(margins_section.HEAD)}
    ld = next(row for row in rows if row[:2] == ["ld", "Temporal order"])
    sd, clips, seeds, floor, margin = map(float, ld[2:])
    assert margin >= max(clips, seeds) - 0.05 and seeds > sd and floor > margin
    folder = write_study(tmp_path, seeds=6, steps=4)
    register(folder)
    confirmed = load(folder)
    assert margins_section.rows(confirmed, collect_results(confirmed)) == []
