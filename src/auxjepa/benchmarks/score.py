"""Score a frozen encoder, or a control, on a benchmark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.base import SPLITS, Benchmark, Labelled
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import extract, key
from auxjepa.probes.fit import Score, Split, probe
from auxjepa.probes.protocol import Protocol

RAW_COMPONENTS = (16, 64, 256)
"""Principal components of pixels that are tried; the number is chosen on validation clips."""
RAW_PIXELS = Protocol(name="raw_pixels", version=2, head="linear", epochs=40)


def score_encoder(
    benchmark: Benchmark,
    encoder: Encoder,
    weights: str,
    model: ModelConfig,
    data: DataConfig,
    *,
    seed: int,
    features: Path,
) -> Score:
    """Score a frozen encoder; token features are kept below ``features`` for other benchmarks on the same clips.

    Args:
        weights: digest of the encoder's weights, part of the key of kept features. seed: of the probe.
    """
    protocol = benchmark.protocol
    splits = []
    for name in SPLITS:
        labelled = benchmark.open(data, name, progress=False)
        level = protocol.reading.level
        tokens = extract(
            encoder,
            labelled.clips,
            features / f"{key(weights, labelled.key, level, model.digest())}.npy",
            level=level,
            tubelet=model.tubelet,
            patch=model.patch,
        )
        splits.append(Split(torch.from_numpy(tokens.astype(np.float32)), torch.from_numpy(labelled.labels)))
    return probe(protocol, *splits, classes=benchmark.classes, seed=seed)


def score_raw_pixels(benchmark: Benchmark, data: DataConfig, *, seed: int) -> Score:
    """Linear probe on the principal components of whole clips: what can be had without any encoder."""
    opened = [benchmark.open(data, name, progress=False) for name in SPLITS]
    components = _components(opened)
    best: Score | None = None
    for count in RAW_COMPONENTS:  # with all of them, a few hundred clips are overfitted and the control is too easy
        splits = [
            Split(part[:, None, -count:], torch.from_numpy(split.labels))
            for part, split in zip(components, opened, strict=True)
        ]
        score = probe(RAW_PIXELS, *splits, classes=benchmark.classes, seed=seed)
        if best is None or score.validation > best.validation:
            best = replace(score, selected={**score.selected, "components": splits[0].tokens.shape[-1]})
    assert best is not None
    return best


def _components(opened: list[Labelled]) -> list[Float[Tensor, "n C"]]:
    """Coordinates of each split's clips along the principal directions of the training clips, the strongest last."""
    flat = [torch.from_numpy(split.clips.reshape(len(split.clips), -1).astype(np.float32) / 255) for split in opened]
    mean = flat[0].mean(dim=0)
    train = flat[0] - mean
    values, vectors = torch.linalg.eigh((train @ train.T).double())
    keep = min(max(RAW_COMPONENTS), len(train) - 1)
    directions = train.T @ (vectors[:, -keep:] / values[-keep:].clamp_min(1e-12).sqrt()).float()
    return [(part - mean) @ directions for part in flat]


def score_majority(benchmark: Benchmark, data: DataConfig) -> Score:
    """Always say the commonest class of the training clips."""
    train, test = (benchmark.open(data, name, progress=False).labels for name in ("train", "test"))
    guess = int(np.bincount(train, minlength=benchmark.classes).argmax())
    correct = test == guess
    return Score(100 * float(correct.mean()), 100 * float((train == guess).mean()), correct, {"class": guess})
