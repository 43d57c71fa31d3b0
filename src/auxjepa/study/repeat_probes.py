"""Score finished encoders again with other probe seeds, to tell the probe's part of the variance from the encoder's."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from filelock import FileLock

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError
from auxjepa.evidence.study_folder import probe_repeats
from auxjepa.lists import shorten_list
from auxjepa.rows import Row, RowStore
from auxjepa.seeds import derive_seed
from auxjepa.study.needs import data_root
from auxjepa.study.own_data import reopen
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.score_rows import Cost, filled, with_effective_size
from auxjepa.study.worker import LOCK, encoder_row, name_of, run_folder
from auxjepa.train.checkpoint import CheckpointError, digest, load_encoder

SEEDED_SUITES = ("alignment", "captioned")
"""Suites that fit a probe of another kind, which has a seed too."""
FEATURES = "repeat_features"
"""Folder of token features in the folder of a run while its probes are repeated."""


@dataclass(frozen=True)
class Repeats:
    """Result of repeating probes.

    Args:
        written: number of scores that were written now.
        present: number of scores that the file had before.
        skipped: scores that were not repeated and lines that cannot be read, one line for each reason.
    """

    written: int
    present: int
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    """Scores of one encoder that have no repeat yet.

    Args:
        run: the run.
        missing: benchmarks and their rows in the study, by number of the repeat.
    """

    run: PlannedRun
    missing: dict[int, list[tuple[Benchmark, Row]]]

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.missing.values())


def repeat_probes(
    study: StudyConfig,
    folder: Path,
    *,
    repeats: int,
    root: Path | None = None,
    device: str = "cpu",
    on_score: Callable[[str, int, int], None] = lambda name, number, total: None,
) -> Repeats:
    """Score every finished variant of a study again, with ``repeats`` other probe seeds.

    Rows of the study do not change. Each score is written when it is measured, so the function can be stopped and
    called again. Repeat k of two variants with the same pretraining seed has the same probe seed.

    Args:
        study: the study.
        folder: study folder.
        repeats: number of other probe seeds.
        root: folder of generated data and caches; that of the study when None.
        device: device of the encoders.
        on_score: called after each score with its name, the number of measured scores and the number of planned ones.

    Raises:
        ConfigError: if no score can be repeated.
        WriteError: if the disk is full.
    """
    folder, skipped = folder.absolute(), list[str]()
    written_repeats = {(one.score_id, one.repeat) for one in probe_repeats.read(folder, skipped)}
    benchmarks = [one for one in study.chosen_benchmarks() if has_probe_seed(one)]
    if fixed := [one.name for one in study.chosen_benchmarks() if one not in benchmarks]:
        skipped.append(f"no seed of a probe changes scores on {shorten_list(fixed)}")
    rows_by_id = {row.id: row for row in RowStore(folder)}
    tasks, present, unscored = [], 0, 0
    for run in plan(study, data_root(study, root) or folder / "data"):
        if run.control is not None:
            continue
        rows = [(one, rows_by_id.get(encoder_row(run, one).id)) for one in benchmarks]
        unscored += sum(row is None for _, row in rows)
        missing = {
            k: [(one, row) for one, row in rows if row is not None and (row.id, k) not in written_repeats]
            for k in range(1, repeats + 1)
        }
        task = _Task(run, missing)
        present += repeats * sum(row is not None for _, row in rows) - task.count
        tasks += [task] if task.count else []
    if unscored:
        skipped.append(f"{unscored} planned scores have no row yet; `auxjepa study run` measures them")
    written, total, lost = 0, sum(task.count for task in tasks), list[str]()
    for task in tasks:
        try:
            for name in _repeat(study, task, folder, device):
                written += 1
                on_score(name, written, total)
        except CheckpointError:
            lost.append(name_of(task.run))
    if lost:
        skipped.append(f"the weights of {len(lost)} runs cannot be loaded: {shorten_list(lost, 3)}")
    if not written and not present:
        raise ConfigError(f"{folder}: no score can be repeated ({'; '.join(skipped) or 'the study has no score'})")
    return Repeats(written, present, tuple(skipped))


def has_probe_seed(benchmark: Benchmark) -> bool:
    """Check whether the seed of a probe can change scores on a benchmark.

    Args:
        benchmark: the benchmark.
    """
    return measurement_of(benchmark).fits_probe or benchmark.suite in SEEDED_SUITES


def _repeat(study: StudyConfig, task: _Task, folder: Path, device: str) -> Iterator[str]:
    """Measure and write the missing scores of one encoder, and yield the name of each.

    Raises:
        CheckpointError: if the run has no weights.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    config, own = task.run.config, run_folder(folder, task.run)
    encoder, _ = load_encoder(own, "student")
    encoder = encoder.to(device)
    weights = digest(encoder.state_dict())
    with FileLock(own / LOCK), contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, own / FEATURES, ignore_errors=True)
        for repeat, rows in task.missing.items():
            seed = derive_seed(config.seed, "probe repeat", repeat)
            scorer = Scorer(encoder, weights, config.model, config.data, seed=seed, features=own / FEATURES)
            for benchmark, row in rows:
                with Cost() as cost:
                    score = scorer.score(reopen(benchmark, config.data))
                score = with_effective_size(score) if benchmark.name in study.own_benchmarks else score
                probe_repeats.append(folder, filled(row, score, cost), repeat)
                yield f"{name_of(task.run)} on {row.benchmark}, repeat {repeat}"
