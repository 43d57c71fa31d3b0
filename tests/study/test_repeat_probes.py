"""Probes repeated with other seeds: rows of the study stay, the file resumes, and what cannot be repeated is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from auxjepa import benchmarks
from auxjepa.cli import main
from auxjepa.config import ConfigError
from auxjepa.evidence.study_folder import probe_repeats
from auxjepa.rows import RowStore
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan
from auxjepa.study.repeat_probes import FEATURES, has_probe_seed, repeat_probes
from auxjepa.study.run import claim
from auxjepa.study.worker import run_folder, work


@pytest.fixture
def finished(tiny: StudyConfig, root: Path, tmp_path: Path) -> Path:
    """A study whose runs of seed 0 are finished."""
    claim(tiny, tmp_path, "auxjepa study run tiny")
    for run in plan(tiny, root):
        if run.config.seed == 0 and run.control is None:
            work(tiny, run, tmp_path, "cpu", os.getppid())
    return tmp_path


def test_probes_are_repeated_once_and_resume(tiny: StudyConfig, finished: Path, root: Path) -> None:
    before = (finished / "rows.jsonl").read_bytes()
    names: list[str] = []

    def stop_after_three(name: str, number: int, total: int) -> None:
        names.append(name)
        assert total == 4
        if number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repeat_probes(tiny, finished, repeats=2, root=root, on_score=stop_after_three)
    with (finished / probe_repeats.FILE).open("a") as file:
        file.write('{"run": "cut')  # as a kill leaves it
    again = repeat_probes(tiny, finished, repeats=2, root=root)
    assert (again.written, again.present) == (1, 3)
    assert any("2 planned scores have no row yet" in line for line in again.skipped)
    assert (finished / "rows.jsonl").read_bytes() == before
    notes: list[str] = []
    scores = probe_repeats.read(finished, notes)
    assert len(notes) == 1 and "1 line is left out" in notes[0]
    rows = {row.id: row for row in RowStore(finished)}
    assert sorted((one.variant, one.repeat) for one in scores) == [(v, k) for v in ("baseline", "ld") for k in (1, 2)]
    for one in scores:
        assert one.row.id == one.score_id and rows[one.score_id].n_test == one.n_test and one.seconds > 0
        by_repeat = probe_repeats.scores_by_seed(rows[one.score_id], scores)
        assert by_repeat[0] == rows[one.score_id].score and by_repeat[one.repeat] == one.score
    assert len({(s.score, s.validation) for s in scores} | {(r.score, r.validation) for r in rows.values()}) > 2
    assert not list(finished.glob(f"runs/*/{FEATURES}")), "features are removed"
    assert repeat_probes(tiny, finished, repeats=2, root=root).written == 0


def test_the_command_names_runs_without_weights(
    tiny: StudyConfig, finished: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = next(run for run in plan(tiny, root) if run.config.variant == "ld" and run.config.seed == 0)
    shutil.rmtree(run_folder(finished, lost))
    assert main(["study", "repeat-probes", str(finished), "--repeats", "1", "--root", str(root)]) == 0
    captured = capsys.readouterr()
    assert "1 of 2: baseline seed 0 (world) on world_direction, repeat 1" in captured.err
    assert "the weights of 1 runs cannot be loaded: ld seed 0 (world)" in captured.err
    assert "1 scores written, 0 were there before" in captured.out
    (finished / probe_repeats.FILE).unlink()
    shutil.rmtree(finished / "runs")
    with pytest.raises(ConfigError, match=r"no score can be repeated .*weights of 2 runs"):
        repeat_probes(tiny, finished, repeats=1, root=root)


def test_benchmarks_without_a_seeded_probe_are_left_out() -> None:
    assert has_probe_seed(benchmarks.get("world_order"))
    assert not has_probe_seed(benchmarks.get("world_cka"))
