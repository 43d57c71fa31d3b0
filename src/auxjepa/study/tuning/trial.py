"""Trains one run of a search and scores it on validation clips. Nothing here can open test clips."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from filelock import FileLock
from pydantic import Field

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.score import Scorer
from auxjepa.benchmarks.selection import SelectionBenchmark
from auxjepa.config import ConfigError, RunConfig, Typed
from auxjepa.files import read_json, write_json
from auxjepa.metric_words import is_error
from auxjepa.study.own_data import reopen
from auxjepa.study.planned_runs import PlannedRun
from auxjepa.study.stopping import stop_without
from auxjepa.study.worker import LOCK, load_or_train
from auxjepa.train.terms import TrainingError

SCORES = "validation.json"
"""File of a run's folder with its scores on validation clips."""


class Scored(NamedTuple):
    """Result of a trial.

    Args:
        scores: score on the validation clips of each benchmark, in percent.
        seconds: seconds of training and scoring in this process.
        failure: why the run has no scores; empty if it has.
    """

    scores: dict[str, float]
    seconds: float
    failure: str = ""


class StoredScores(Typed):
    """Content of ``validation.json``."""

    scores: dict[str, float] = Field(default={}, description="percent by hashes of benchmark and protocol")
    seconds: float = Field(default=0.0, ge=0, description="of training and scoring")
    failure: str = Field(default="", description="why the run has no scores")


def closed_benchmarks(chosen: Sequence[Benchmark]) -> list[SelectionBenchmark]:
    """Return the benchmarks of a search, without their test clips.

    Args:
        chosen: benchmarks of the search.

    Raises:
        ConfigError: if nothing can be chosen on a benchmark.
    """
    for benchmark in chosen:
        if is_error(benchmark.metric):
            raise ConfigError(f"tune: the metric {benchmark.metric} of {benchmark.name} is an error: less is better")
    return [SelectionBenchmark.of(benchmark) for benchmark in chosen]


def normalise(score: float, benchmark: Benchmark) -> float:
    """Return a score as the share of the way from chance to 100.

    Args:
        score: score in percent.
        benchmark: the benchmark.
    """
    chance = measurement_of(benchmark).chance(benchmark)
    return (score - chance) / (100 - chance)


def objective_of(scores: dict[str, float], chosen: Sequence[Benchmark], objective: str) -> float | None:
    """Return the objective of a trial; None without all scores.

    Args:
        scores: score on validation clips by benchmark.
        chosen: benchmarks of the search.
        objective: ``mean`` or the name of a benchmark.
    """
    used = [one for one in chosen if objective in ("mean", one.name)]
    if any(one.name not in scores for one in used):
        return None
    return sum(normalise(scores[one.name], one) for one in used) / len(used)


def score_trial(config: RunConfig, chosen: Sequence[Benchmark], folder: Path, device: str, parent: int) -> Scored:
    """Train a run, or resume it, and return its scores on validation clips. Finished runs and scores are not repeated.

    Args:
        config: the run.
        chosen: benchmarks of the search.
        folder: folder of the search's runs.
        device: name of the device.
        parent: id of the parent process; this process stops at the next step if the parent is gone.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    own = folder / config.content_hash()
    own.mkdir(parents=True, exist_ok=True)
    with FileLock(own / LOCK):
        stored = stored_scores(own)
        closed = {benchmark.hash_on(config.data): benchmark for benchmark in closed_benchmarks(chosen)}
        keys = {f"{name} {benchmark.protocol.digest()}": benchmark for name, benchmark in closed.items()}
        started = time.process_time()
        missing = {key: benchmark for key, benchmark in keys.items() if key not in stored.scores}
        if missing and not stored.failure:
            update: dict[str, Any] = {}
            try:
                update["scores"] = stored.scores | _score(config, missing, own, device, parent)
            except TrainingError as error:
                update["failure"] = " ".join(str(error).split())
            update["seconds"] = round(stored.seconds + time.process_time() - started, 2)
            stored = stored.model_copy(update=update)
            write_json(own / SCORES, stored.model_dump(mode="json"))
    scores = {benchmark.name: stored.scores[key] for key, benchmark in keys.items() if key in stored.scores}
    return Scored(scores, stored.seconds, stored.failure)


def stored_scores(own: Path) -> StoredScores:
    """Return the scores in the folder of a run; none where the file is missing or damaged.

    Args:
        own: folder of the run.
    """
    with contextlib.suppress(OSError, ValueError):
        return StoredScores.model_validate(read_json(own / SCORES))
    return StoredScores()


def _score(
    config: RunConfig, missing: Mapping[str, SelectionBenchmark], own: Path, device: str, parent: int
) -> dict[str, float]:
    """Return the scores of a trained run by the key of each benchmark and its protocol."""
    encoder, weights = load_or_train(PlannedRun(config=config), own, device, lambda: stop_without(parent), 0, [])
    scorer = Scorer(encoder, weights, config.model, config.data, seed=config.seed, features=own / "features")
    scores: dict[str, float] = {}
    for key, benchmark in missing.items():
        stop_without(parent)
        scores[key] = scorer.score(SelectionBenchmark.of(reopen(benchmark.original, config.data))).test
    shutil.rmtree(own / "features", ignore_errors=True)
    return scores
