"""Distance between an encoder and its initialisation: CKA on clips of each domain, and CKA between its levels.

A row belongs to one encoder, so the suite compares an encoder with itself: with its initialisation, and across its
levels. ``auxjepa study compare`` compares encoders of several runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.clip_sets import ClipSet
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import ConfigError, DataConfig, ModelConfig
from auxjepa.data.cache.jpeg import Clips
from auxjepa.models.initial import build_initial_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.cka import debiased_cka
from auxjepa.probes.features import encode
from auxjepa.probes.fit import Score
from auxjepa.probes.frozen import NetworkOfRun
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control

CONTROLS: tuple[Control, ...] = ("random_init",)
LABELS = {"motion": "direction", "order": "order", "images": "image_class"}
"""Label that every clip of a role of the world has. The labels aren't used."""
BATCH = 128


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return 100 x (1 - CKA) with the initial encoder at the level of the protocol, as the mean over domains.

    The score is 0 for an encoder that training only rotated, shifted or scaled. Parts, each up to 1:
    ``initial@DOMAIN``, and ``levels A-B@DOMAIN`` for encoders of several levels. The initial encoder has the seed of
    the scorer, which is the seed of the run in a study.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.

    Raises:
        ConfigError: if the encoder is from elsewhere, so that its initial weights are unknown.
        ValueError: if there are fewer than 4 clips.
        ValueError: if the features of an encoder are the same for every clip.
    """
    if not isinstance(scorer.frozen, NetworkOfRun):
        raise ConfigError(f"{benchmark.name} needs the initial weights of a run, and a frozen encoder has none")
    before = build_initial_encoder(scorer.model, scorer.seed).to(next(scorer.encoder.parameters()).device)
    level, levels = benchmark.protocol.reading.level, range(scorer.encoder.levels)
    parts: dict[str, float] = {}
    for domain, clips in domains(benchmark, scorer.data).items():
        own = [clip_means(scorer.encoder, clips, scorer.model, one) for one in levels]
        parts[f"initial@{domain}"] = debiased_cka(own[level], clip_means(before, clips, scorer.model, level))
        for a, b in combinations(levels, 2):
            parts[f"levels {a}-{b}@{domain}"] = debiased_cka(own[a], own[b])
    similarities = [value for name, value in parts.items() if name.startswith("initial@")]
    return Score(100 * (1 - float(np.mean(similarities))), None, None, {}, parts)


def domains(benchmark: Benchmark, data: DataConfig) -> dict[str, Clips]:
    """Return the first ``args.clips`` test clips of every role of the world, or of the benchmark's data set.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
    """
    plain = benchmark.model_copy(update={"suite": "", "args": {}, "metric": "top1"})
    benchmark_by_name = {benchmark.source: plain}
    if benchmark.source == "world":
        benchmark_by_name = {
            role: plain.model_copy(update={"role": role, "label": label}) for role, label in LABELS.items()
        }
    most = int(benchmark.args.get("clips", benchmark.test))
    return {name: one.open(data, "test", progress=False).clips[:most] for name, one in benchmark_by_name.items()}


def clip_means(encoder: Encoder, clips: Clips, model: ModelConfig, level: int = -1) -> Float[Tensor, "n D"]:
    """Return the mean token of every clip at a level, float32, on the CPU.

    Args:
        encoder: frozen encoder.
        clips: clips as uint8.
        model: model configuration.
        level: level of the encoder; -1 is the last.
    """
    parts = (clips[start : start + BATCH] for start in range(0, len(clips), BATCH))
    means = [encode(encoder, part, level=level, tubelet=model.tubelet, patch=model.patch).mean(dim=1) for part in parts]
    return torch.cat(means).cpu()


CKA = (
    Benchmark(
        name="world_cka",
        title="Distance from initialisation (100 × (1 − CKA))",
        capability="other",
        label="direction",
        classes=2,
        protocol=Protocol(name="cka"),
        suite="cka",
        args={"clips": 400},
        metric="100 (1 - cka)",
        controls=CONTROLS,
    ),
)


def _clip_sets(benchmark: Benchmark) -> Iterator[ClipSet]:
    """Yield the test clips of every role. Three networks encode them."""
    clips = 3 * min(int(benchmark.args.get("clips", benchmark.test)), benchmark.test)
    for role in LABELS:
        yield ClipSet(f"{benchmark.name} {role}", clips, role == "images", True)


MEASUREMENT = Measurement(
    measure=measure,
    clip_sets=_clip_sets,
    fit_seconds=lambda benchmark, grid, dim, clock: 0.0,
    world_roles=tuple(LABELS),
    fits_probe=False,
)
