"""What a study will take, before it starts: hours, memory and disk, from a short measurement on this machine.

Training is timed step by step on clips of the right shape, a few seconds for each variant; scoring is the time to
encode the clips that a benchmark reads, and to fit its probe. What it leaves out: rendering or decoding data once.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from auxjepa.benchmarks import Benchmark
from auxjepa.config import RunConfig, Typed
from auxjepa.probes.features import encode
from auxjepa.probes.fit import Split, fit_probe
from auxjepa.study.plan import PlannedRun, StudyConfig, plan
from auxjepa.study.worker import initial_encoder
from auxjepa.train.loop import Run
from auxjepa.train.record import peak_memory_mb

READS = {"": 1, "recognition": 1, "factors": 2, "fewshot": 1, "alignment": 13, "corruptions": 20, "shifts": 25}
"""How often a suite reads a set of test clips (``factors`` reads every split twice)."""
FITTED = 200
"""Clips on which the fit of a probe is timed; its time grows with their number."""


class Estimate(Typed):
    """What a study will take on this machine.

    Args:
        runs: to train; scored: encoders to score. training, scoring: hours of one process. hours: of the whole study,
            ``workers`` processes side by side. memory_gb: of all processes. disk_gb: runs and decoded clips.
        steps: milliseconds of a training step by variant and regime.
    """

    runs: int
    scored: int
    workers: int
    training: float
    scoring: float
    hours: float
    memory_gb: float
    disk_gb: float
    steps: dict[str, float]


def estimate(study: StudyConfig, *, workers: int, device: str = "cpu", seconds: float = 20.0) -> Estimate:
    """Measure for about ``seconds``, and reckon up.

    Raises:
        ConfigError: when a run of the study can't be built.
    """
    if device == "cpu":
        torch.set_num_threads(1)
    planned = plan(study)
    trained = [run for run in planned if run.control is None]
    kinds = {(run.config.variant, run.config.regime): run.config for run in trained}
    counts = Counter((run.config.variant, run.config.regime) for run in trained)
    each = 0.7 * seconds / len(kinds)
    steps: dict[str, float] = {}
    training = bytes_of_runs = 0.0
    for kind, config in kinds.items():
        milliseconds, parameters = _step(config, device, each)
        steps[" on ".join(kind)] = round(milliseconds, 1)
        training += counts[kind] * config.optim.steps * milliseconds / 1000
        bytes_of_runs += counts[kind] * 16 * parameters  # student, teacher, two moments, in float32
    scoring = _scoring(study, planned, device, 0.3 * seconds)
    clips = sum(_bytes(one.clips, config) for config in kinds.values() for one in config.data.sources.values())
    clips /= len(study.variants)
    return Estimate(
        runs=len(trained),
        scored=len(planned),
        workers=workers,
        training=training / 3600,
        scoring=scoring / 3600,
        hours=(training + scoring) / workers / 3600,
        memory_gb=workers * peak_memory_mb(torch.device(device)) / 1024,
        disk_gb=(bytes_of_runs + clips) / 1e9,
        steps=steps,
    )


def _step(config: RunConfig, device: str, budget: float) -> tuple[float, int]:
    """Milliseconds of a training step, the median, and the number of parameters."""
    rng = np.random.default_rng(0)
    data = config.data
    clips = rng.integers(0, 256, (2 * config.optim.batch, data.frames, data.size, data.size, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory(prefix="auxjepa-plan-") as place:
        run = Run(config, clips, Path(place) / "run", device)
        run.advance(exact=True)
        taken: list[float] = []
        begin = time.perf_counter()
        while not taken or (time.perf_counter() - begin < budget and run.step < config.optim.steps):
            since = time.perf_counter()
            run.advance(exact=True)
            taken.append(time.perf_counter() - since)
        parameters = sum(p.numel() for p in run.model.parameters())
    return 1000 * float(np.median(taken)), parameters


def _scoring(study: StudyConfig, planned: list[PlannedRun], device: str, budget: float) -> float:
    """Seconds to score every encoder on every benchmark."""
    config = planned[0].config
    data, model = config.data, config.model
    encoder = initial_encoder(config).to(device)
    clips = np.zeros((32, data.frames, data.size, data.size, 3), np.uint8)
    tokens = encode(encoder, clips, tubelet=model.tubelet, patch=model.patch)
    begin, done = time.perf_counter(), 0
    while not done or time.perf_counter() - begin < budget / 2:
        encode(encoder, clips, tubelet=model.tubelet, patch=model.patch)
        done += len(clips)
    a_clip = (time.perf_counter() - begin) / done
    fits: dict[str, float] = {}
    total = 0.0
    for benchmark in study.chosen_benchmarks():
        key = f"{benchmark.protocol.digest()} {benchmark.classes}"
        if key not in fits:
            fits[key] = _fit(benchmark, tokens.cpu())
        reads = READS.get(benchmark.suite, 1)
        read = benchmark.train + benchmark.validation + reads * benchmark.test
        total += (a_clip * read + fits[key] * benchmark.train / FITTED) * len(planned)
    return total


def _fit(benchmark: Benchmark, tokens: torch.Tensor) -> float:
    """Seconds to fit a benchmark's probe on ``FITTED`` clips: one epoch, times the number of epochs."""
    if benchmark.suite not in ("", "recognition", "corruptions", "shifts", "alignment"):
        return 0.0
    features = torch.randn(FITTED, *tokens.shape[1:], generator=torch.Generator().manual_seed(0))
    labels = torch.arange(FITTED) % benchmark.classes
    once = benchmark.protocol.model_copy(update={"epochs": 1})
    begin = time.perf_counter()
    fit_probe(once, Split(features, labels), Split(features[:20], labels[:20]), benchmark.classes, seed=0)
    return (time.perf_counter() - begin) * benchmark.protocol.epochs


def _bytes(clips: int, config: RunConfig) -> float:
    data = config.data
    if data.cache == "none":
        return 0.0
    return clips * data.frames * data.size**2 * 3 * (1.0 if data.size <= 128 else 1 / 12)
