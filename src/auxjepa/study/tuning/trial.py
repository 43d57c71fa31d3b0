"""Trains one run of a search and scores it on validation clips. Nothing here can open test clips."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from filelock import FileLock

from auxjepa.benchmarks import Benchmark, measurement_of
from auxjepa.benchmarks.score import Scorer
from auxjepa.benchmarks.selection import SelectionBenchmark
from auxjepa.config import ConfigError, RunConfig
from auxjepa.files import read_json, write_json
from auxjepa.metric_words import is_error
from auxjepa.study.own_data import reopen
from auxjepa.study.plan import PlannedRun
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
        keys = {key: f"{key} {benchmark.protocol.digest()}" for key, benchmark in closed.items()}
        started = time.process_time()
        missing = [key for key in closed if keys[key] not in stored["scores"]]
        if missing and not stored["failure"]:
            try:
                stored = _score(config, [(keys[key], closed[key]) for key in missing], own, device, parent, stored)
            except TrainingError as error:
                stored = stored | {"failure": " ".join(str(error).split())}
            seconds = stored["seconds"] + time.process_time() - started
            stored = stored | {"seconds": round(seconds, 2)}
            write_json(own / SCORES, stored)
        scores = {closed[key].name: stored["scores"][keys[key]] for key in closed if keys[key] in stored["scores"]}
    return Scored(scores, stored["seconds"], stored["failure"])


def stored_scores(own: Path) -> dict[str, Any]:
    """Return the scores in the folder of a run; none where the file is missing or damaged.

    Args:
        own: folder of the run.
    """
    empty: dict[str, Any] = {"scores": {}, "seconds": 0.0, "failure": ""}
    try:
        content = read_json(own / SCORES)
    except (OSError, ValueError):
        return empty
    is_whole = isinstance(content, dict) and content.keys() == empty.keys() and isinstance(content["scores"], dict)
    return content if is_whole else empty


def _score(
    config: RunConfig,
    missing: Sequence[tuple[str, SelectionBenchmark]],
    own: Path,
    device: str,
    parent: int,
    stored: dict[str, Any],
) -> dict[str, Any]:
    notes: list[str] = []
    run = PlannedRun(config=config)
    encoder, weights = load_or_train(run, own, device, lambda: stop_without(parent), 0, notes)
    scorer = Scorer(encoder, weights, config.model, config.data, seed=config.seed, features=own / "features")
    scores = dict(stored["scores"])
    for key, benchmark in missing:
        stop_without(parent)
        scores[key] = scorer.score(SelectionBenchmark.of(reopen(benchmark.original, config.data))).test
    shutil.rmtree(own / "features", ignore_errors=True)
    return stored | {"scores": scores}
