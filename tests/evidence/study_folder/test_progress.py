"""Progress of a running study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auxjepa.evidence.study_folder.folder import load
from auxjepa.evidence.study_folder.progress import read_progress, state_of


def test_progress_of_a_study(write_study: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_study(tmp_path, seeds=2, steps=3)
    progress = read_progress(load(folder), folder)
    assert progress.is_complete and (progress.planned, progress.finished, progress.running) == (40, 10, ())
    before = state_of(folder)
    assert before == state_of(folder)
    run = next((folder / "runs").iterdir())
    (run / "summary.json").unlink()
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(lines[:10]))
    assert state_of(folder) != before
    progress = read_progress(load(folder), folder)
    assert (progress.present, progress.finished, progress.is_complete) == (10, 9, False)
    assert [(one.name, one.steps, one.of) for one in progress.running] == [(run.name, 4, 0)]
