"""How far training moved an encoder: CKA with the network it began as, on clips of each domain, and between its levels.

A row belongs to one encoder, so the suite compares an encoder with itself: with its own initialisation and across its
depth. Encoders of several runs are compared by ``auxjepa study compare``.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.data.cache.jpeg import Clips
from auxjepa.models.jepa import build_encoder
from auxjepa.models.vit import Encoder
from auxjepa.probes.cka import debiased_cka
from auxjepa.probes.features import encode
from auxjepa.probes.fit import Score
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control
from auxjepa.seeds import derive_seed

CONTROLS: tuple[Control, ...] = ("random_init",)
LABELS = {"motion": "direction", "order": "order", "images": "image_class"}
"""A label that every clip of a role of the world has; labels aren't used."""
BATCH = 128


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """100 x (1 - CKA) with the initial encoder at the level of the protocol, the mean over domains; 0 is an encoder
    that training only rotated, shifted or scaled.

    Parts, each up to 1: ``initial@DOMAIN``, and for encoders of several levels ``levels A-B@DOMAIN``. The initial
    encoder is that of the scorer's seed, which in a study is the run's.

    Raises:
        ValueError: with fewer than 4 clips, or an encoder whose features are the same for every clip.
    """
    before = initial(scorer.model, scorer.seed).to(next(scorer.encoder.parameters()).device)
    level, levels = benchmark.protocol.reading.level, range(scorer.encoder.levels)
    parts: dict[str, float] = {}
    for domain, clips in domains(benchmark, scorer.data).items():
        own = [clip_means(scorer.encoder, clips, scorer.model, one) for one in levels]
        parts[f"initial@{domain}"] = debiased_cka(own[level], clip_means(before, clips, scorer.model, level))
        for a, b in combinations(levels, 2):
            parts[f"levels {a}-{b}@{domain}"] = debiased_cka(own[a], own[b])
    kept = [value for name, value in parts.items() if name.startswith("initial@")]
    return Score(100 * (1 - float(np.mean(kept))), None, None, {}, parts)


def domains(benchmark: Benchmark, data: DataConfig) -> dict[str, Clips]:
    """The first ``args.clips`` test clips of every role of the world, or of the benchmark's own data set."""
    plain = benchmark.model_copy(update={"suite": "", "args": {}, "metric": "top1"})
    asked = {benchmark.source: plain}
    if benchmark.source == "world":
        asked = {role: plain.model_copy(update={"role": role, "label": label}) for role, label in LABELS.items()}
    most = int(benchmark.args.get("clips", benchmark.test))
    return {name: one.open(data, "test", progress=False).clips[:most] for name, one in asked.items()}


def clip_means(encoder: Encoder, clips: Clips, model: ModelConfig, level: int = -1) -> Float[Tensor, "n D"]:
    """Mean token of every clip at a level, float32, on the CPU."""
    parts = (clips[start : start + BATCH] for start in range(0, len(clips), BATCH))
    means = [encode(encoder, part, level=level, tubelet=model.tubelet, patch=model.patch).mean(dim=1) for part in parts]
    return torch.cat(means).cpu()


def initial(model: ModelConfig, seed: int) -> Encoder:
    """The encoder with which every run of a seed begins."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "initialisation"))
        return build_encoder(model).eval().requires_grad_(False)


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
