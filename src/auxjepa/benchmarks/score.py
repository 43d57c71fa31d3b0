"""Score a frozen encoder, or a control, on a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark, Labelled
from auxjepa.benchmarks.measurement import Measurement, measurement_of
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.console import print_note
from auxjepa.data.cache.jpeg import Clips
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import Precision, extract, key
from auxjepa.probes.fit import Fitted, Score, Split, fit_probe, probe
from auxjepa.probes.kept import Features
from auxjepa.probes.protocol import Protocol

IN_MEMORY = 1 << 30
"""Bytes in float32 up to which the features of a split are held in memory; larger ones are read from disk as needed."""
RAW_COMPONENTS = (16, 64, 256)
"""Principal components of pixels that are tried; the number is chosen on validation clips."""
RAW_PIXELS = Protocol(name="raw_pixels", version=2, head="linear", epochs=40)


class Scorer:
    """A frozen encoder under examination: benchmarks on the same clips share features, those on the same question fits.

    Args:
        encoder: frozen, in evaluation mode.
        weights: digest of its weights, part of the key of kept features.
        model, data: of its run.
        seed: of the probes.
        features: folder in which token features are kept.
        precision: in which they are kept; what float16 changes is in docs/probes/recognition.md.
        progress: show what is going on, on standard error.
    """

    def __init__(
        self,
        encoder: Encoder,
        weights: str,
        model: ModelConfig,
        data: DataConfig,
        *,
        seed: int,
        features: Path,
        precision: Precision = "float16",
        progress: bool = False,
    ) -> None:
        self.encoder, self.weights, self.model, self.data = encoder, weights, model, data
        self.seed, self.features, self.progress = seed, features, progress
        self.precision: Precision = precision
        self._fitted: dict[tuple[str, str, int], Fitted] = {}

    def score(self, benchmark: Benchmark) -> Score:
        """The score on a benchmark: one probe read once, or whatever its suite does.

        Raises:
            ConfigError: for an unknown suite.
            ValueError: when clips or labels don't fit the benchmark.
        """
        return measurement_of(benchmark).measure(self, benchmark)

    def fitted(self, benchmark: Benchmark) -> Fitted:
        """The probe of a benchmark, fitted on its training clips and chosen on its validation clips; fitted once."""
        key = (benchmark.hash_on(self.data), benchmark.protocol.digest(), self.seed)
        if key not in self._fitted:
            train, validation = (self.split(benchmark, name) for name in ("train", "validation"))
            self._fitted[key] = fit_probe(benchmark.protocol, train, validation, benchmark.classes, self.seed)
        return self._fitted[key]

    def split(self, benchmark: Benchmark, name: str) -> Split:
        """Token features and labels of a split of a benchmark."""
        labelled = benchmark.open(self.data, name, progress=False)
        tokens = self.tokens(labelled.clips, labelled.key, benchmark.protocol.reading.level)
        labels = torch.from_numpy(labelled.labels).to(tokens.device)
        return Split(tokens, labels, self.time_steps(labelled.clips), labelled.example, labelled.unit)

    def time_steps(self, clips: Clips) -> int:
        """Time steps of the tokens of such clips; 1 of pictures."""
        return max(1, clips.shape[1] // self.model.tubelet)

    def tokens(
        self,
        clips: Clips,
        name: str,
        level: int = -1,
        *,
        change: Callable[[np.ndarray], np.ndarray] | None = None,
        then: Callable[[Tensor], Tensor] | None = None,
    ) -> Float[Tensor, "n N D"] | Features:
        """Token features of clips; kept under ``name``, which must tell these clips, and what is done to them before
        they are encoded (``change``) and to their tokens before they are kept (``then``), from all others.

        Up to ``IN_MEMORY`` bytes they are a tensor (float32, on the CPU), above that they're read as they are needed,
        onto the encoder's device.
        """
        form = self.model.digest() + ("" if self.precision == "float16" else f" {self.precision}")
        kept = extract(
            self.encoder,
            clips,
            self.features / key(self.weights, name, level, form),
            level=level,
            tubelet=self.model.tubelet,
            patch=self.model.patch,
            precision=self.precision,
            change=change,
            then=then,
            progress=self.progress,
        )
        return kept if kept.nbytes > IN_MEMORY else kept[:].cpu()

    def tell(self, line: str) -> None:
        """Say something about a score on standard error, where progress is shown."""
        print_note(line, quiet=not self.progress)


def score_encoder(
    benchmark: Benchmark,
    encoder: Encoder,
    weights: str,
    model: ModelConfig,
    data: DataConfig,
    *,
    seed: int,
    features: Path,
    progress: bool = False,
) -> Score:
    """Score a frozen encoder on one benchmark; see :class:`Scorer`."""
    return Scorer(encoder, weights, model, data, seed=seed, features=features, progress=progress).score(benchmark)


def score_raw_pixels(benchmark: Benchmark, data: DataConfig, *, seed: int) -> Score:
    """Linear probe on the principal components of whole clips: what can be had without any encoder."""
    opened = [benchmark.open(data, name, progress=False) for name in SPLITS]
    components = _components(opened)
    best: Score | None = None
    highest = -1.0
    for count in RAW_COMPONENTS:  # with all of them, a few hundred clips are overfitted and the control is too easy
        splits = [
            Split(part[:, None, -count:], torch.from_numpy(split.labels))
            for part, split in zip(components, opened, strict=True)
        ]
        score = probe(RAW_PIXELS, *splits, classes=benchmark.classes, seed=seed)
        if score.validation is not None and score.validation > highest:
            highest = score.validation
            best = replace(score, selected={**score.selected, "components": splits[0].tokens.shape[-1]})
    assert best is not None
    return best


def _components(opened: list[Labelled]) -> list[Float[Tensor, "n C"]]:
    """Coordinates of each split's clips along the principal directions of the training clips, the strongest last."""
    flat = [
        torch.from_numpy(np.asarray(split.clips).reshape(len(split.labels), -1).astype(np.float32) / 255)
        for split in opened
    ]
    mean = flat[0].mean(dim=0)
    train = flat[0] - mean
    values, vectors = torch.linalg.eigh((train @ train.T).double())
    keep = min(max(RAW_COMPONENTS), len(train) - 1)
    directions = train.T @ (vectors[:, -keep:] / values[-keep:].clamp_min(1e-12).sqrt()).float()
    return [(part - mean) @ directions for part in flat]


def score_majority(benchmark: Benchmark, data: DataConfig) -> Score:
    """Always say the commonest class of the training clips."""
    train, test = (benchmark.open(data, name, progress=False) for name in ("train", "test"))
    guess = int(np.bincount(train.labels, minlength=benchmark.classes).argmax())
    first = slice(None) if test.example is None else np.unique(test.example, return_index=True)[1]
    correct, train = test.labels[first] == guess, train.labels
    return Score(100 * float(correct.mean()), 100 * float((train == guess).mean()), correct, {"class": guess})


def _measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the score of one probe that is read once."""
    return scorer.fitted(benchmark).score(scorer.split(benchmark, "test"))


MEASUREMENT = Measurement(measure=_measure, marks_each_clip=True, undisturbed=True)
