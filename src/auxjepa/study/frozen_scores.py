"""Scores of frozen encoders from elsewhere in a study: a task for each encoder and regime, with a probe for each seed.

A frozen encoder has no pretraining seeds. The seeds of the study are the seeds of its probes. Its features are
extracted once for all seeds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import torch
from filelock import FileLock

from auxjepa.benchmarks.frozen_score import FrozenScores
from auxjepa.config import ConfigError
from auxjepa.encoders.foreign import open_frozen
from auxjepa.evidence.study_folder import encoders_file
from auxjepa.rows import Row, RowStore
from auxjepa.study.frozen_rows import frozen_row, name_in_rows
from auxjepa.study.own_data import reopen
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun
from auxjepa.study.score_rows import Cost, filled, with_effective_size
from auxjepa.study.stopping import stop_without


def check_encoders(study: StudyConfig, device: torch.device) -> None:
    """Check that each encoder of a study can be opened, and that no two have the same name in tables.

    Args:
        study: the study.
        device: device of the encoders.

    Raises:
        ConfigError: if one cannot be opened, or a name is used twice.
    """
    names: dict[str, str] = {}
    for source in study.encoders:
        name = name_in_rows(source)
        if name in names or name in study.variants:
            other = names.get(name, "a variant")
            raise ConfigError(f"encoders: {source} and {other} have the same name {name!r} in tables")
        names[name] = source
        try:
            open_frozen(source, device)
        except ConfigError as error:
            raise ConfigError(f"encoders: {error}") from None


def unscored(study: StudyConfig, runs: Iterable[PlannedRun], rows: Iterable[Row]) -> list[tuple[str, PlannedRun]]:
    """Return the encoders that lack scores, each with the run whose clips it reads.

    Args:
        study: the study.
        runs: the first planned run of each regime.
        rows: rows of the study folder.
    """
    cells = {
        (row.variant, row.regime, row.benchmark, row.benchmark_hash, row.protocol_hash, row.seed)
        for row in rows
        if row.control == "frozen"
    }
    out = []
    for run in runs:
        data, regime = run.config.data, run.config.regime
        for source in study.encoders:
            wanted = {
                (name_in_rows(source), regime, one.name, one.hash_on(data), one.protocol.digest(), seed)
                for one in study.chosen_benchmarks()
                for seed in study.seeds
            }
            if not wanted <= cells:
                out.append((source, run))
    return out


def score_frozen(study: StudyConfig, source: str, run: PlannedRun, folder: Path, device: str, parent: int) -> list[str]:
    """Write the rows of a frozen encoder on every benchmark for every seed of the study.

    Args:
        study: the study.
        source: source of the encoder.
        run: a run of the regime, whose clips the encoder reads.
        folder: study folder.
        device: name of the device.
        parent: id of the parent process; this process stops if the parent is gone.

    Returns:
        One line for each benchmark that a frozen encoder cannot be scored on.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    encoder, name = open_frozen(source, device), name_in_rows(source)
    data, regime, notes = run.config.data, run.config.regime, []
    own = folder / "controls" / f"{encoder.record.run}-{data.digest()}"
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / ".lock"):
        encoders_file.write(folder, name, encoder.record.content())
        store = RowStore(folder)
        done = {row.id for row in store}
        for benchmark in study.chosen_benchmarks():
            rows = [frozen_row(encoder.record, name, benchmark, data, seed=s, regime=regime) for s in study.seeds]
            missing = [row for row in rows if row.id not in done]
            opened = reopen(benchmark, data) if missing else benchmark
            for row in missing:
                stop_without(parent)
                scores = FrozenScores(encoder, data, seed=row.seed, features=own / "features")
                with Cost() as cost:
                    try:
                        score = scores.score(opened)
                    except ConfigError as error:
                        notes.append(f"{name} has no score on {benchmark.name}: {error}")
                        break
                score = with_effective_size(score) if benchmark.name in study.own_benchmarks else score
                store.append(filled(row, score, cost), score.correct)
        shutil.rmtree(own / "features", ignore_errors=True)
    return notes
