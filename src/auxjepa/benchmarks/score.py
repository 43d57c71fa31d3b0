"""Score a frozen encoder, or a control, on a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auxjepa.benchmarks.benchmark import SPLITS, Benchmark
from auxjepa.benchmarks.clip_sets import split_sets
from auxjepa.benchmarks.measurement import Measurement, measurement_of
from auxjepa.benchmarks.pixel_components import principal_components
from auxjepa.config import DataConfig, ModelConfig
from auxjepa.console import print_note
from auxjepa.data.cache.jpeg import Clips
from auxjepa.models.vit import Encoder
from auxjepa.probes.features import Precision, extract_with, key
from auxjepa.probes.fit import Fitted, Score, Split, fit_probe, probe
from auxjepa.probes.frozen import FrozenEncoder, NetworkOfRun
from auxjepa.probes.kept import Features
from auxjepa.probes.protocol import Protocol
from auxjepa.probes.wide_grids import LINEAR_GRID

IN_MEMORY = 1 << 30
"""Largest number of bytes in float32 of features that are held in memory. Larger features are read from disk when
needed."""
RAW_COMPONENTS = (16, 64, 256)
"""Numbers of principal components of pixels from which validation clips select one."""
RAW_PIXELS = Protocol(name="raw_pixels", version=2, head="linear", epochs=40)
WIDE_RAW_PIXELS = RAW_PIXELS.model_copy(update={**LINEAR_GRID, "version": 3})
"""Protocol of the control next to encoders with a wide grid, so that its grid isn't narrower than theirs."""


class Scorer:
    """Scores of a frozen encoder on benchmarks.

    Benchmarks on the same clips share features; those on the same task share fits.

    Args:
        encoder: frozen encoder in evaluation mode.
        weights: digest of the encoder's weights, a part of the key of stored features.
        model: model configuration of the encoder's run.
        data: data configuration of the encoder's run.
        seed: seed of the probes.
        features: folder in which token features are stored.
        precision: number format of stored features; docs/probes/recognition.md describes the effect of float16.
        progress: whether progress is shown on standard error.
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
        self.encoder, self.model = encoder, model
        self._begin(NetworkOfRun(encoder, weights, model), data, seed, features, precision, progress)

    def _begin(
        self, frozen: FrozenEncoder, data: DataConfig, seed: int, features: Path, precision: Precision, progress: bool
    ) -> None:
        """Set the encoder and the settings of all scores."""
        self.frozen, self.data = frozen, data
        self.seed, self.features, self.progress = seed, features, progress
        self.precision: Precision = precision
        self._fitted: dict[tuple[str, str, int], Fitted] = {}

    def score(self, benchmark: Benchmark) -> Score:
        """Return the score on a benchmark, with the measurement of its suite.

        Args:
            benchmark: the benchmark.

        Raises:
            ConfigError: if the suite is unknown.
            ValueError: if clips or labels don't fit the benchmark.
        """
        return measurement_of(benchmark).measure(self, benchmark)

    def fitted(self, benchmark: Benchmark) -> Fitted:
        """Return the probe of a benchmark, fitted on training clips and selected on validation clips.

        It is fitted only once.

        Args:
            benchmark: the benchmark.
        """
        key = (benchmark.hash_on(self.data), benchmark.protocol.digest(), self.seed)
        if key not in self._fitted:
            train, validation = (self.split(benchmark, name) for name in ("train", "validation"))
            self._fitted[key] = fit_probe(benchmark.protocol, train, validation, benchmark.classes, self.seed)
        return self._fitted[key]

    def split(self, benchmark: Benchmark, name: str) -> Split:
        """Return the token features and labels of a split of a benchmark.

        Args:
            benchmark: the benchmark.
            name: ``train``, ``validation`` or ``test``.
        """
        labelled = benchmark.open(self.data, name, progress=False)
        tokens = self.tokens(labelled.clips, labelled.key, benchmark.protocol.reading.level)
        labels = torch.from_numpy(labelled.labels).to(tokens.device)
        return Split(tokens, labels, self.time_steps(labelled.clips), labelled.example, labelled.unit)

    def time_steps(self, clips: Clips) -> int:
        """Return the number of time steps of the tokens of clips; 1 for still images.

        Args:
            clips: clips as uint8.
        """
        return self.frozen.time_steps(clips.shape[1])

    def tokens(
        self,
        clips: Clips,
        name: str,
        level: int = -1,
        *,
        change: Callable[[np.ndarray], np.ndarray] | None = None,
        then: Callable[[Tensor], Tensor] | None = None,
    ) -> Float[Tensor, "n N D"] | Features:
        """Return the token features of clips.

        Up to ``IN_MEMORY`` bytes, features are a tensor (float32, on the CPU). Larger features are read when they
        are needed, to the encoder's device.

        Args:
            clips: clips as uint8.
            name: key of the stored features; it must be unique for the clips, ``change`` and ``then``.
            level: level of the encoder; -1 is the last.
            change: change of the clips before they are encoded.
            then: change of the tokens before they are stored.
        """
        form = self.frozen.form + ("" if self.precision == "float16" else f" {self.precision}")
        features = extract_with(
            partial(self.frozen.encode, level=level),
            clips,
            self.features / key(self.frozen.weights, name, level, form),
            device=self.frozen.device,
            precision=self.precision,
            change=change,
            then=then,
            progress=self.progress,
        )
        return features if features.nbytes > IN_MEMORY else features[:].cpu()

    def tell(self, line: str) -> None:
        """Print one line on standard error if progress is shown.

        Args:
            line: text of the line.
        """
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
    """Return the score of a frozen encoder on one benchmark; see :class:`Scorer`.

    Args:
        benchmark: the benchmark.
        encoder: frozen encoder in evaluation mode.
        weights: digest of the encoder's weights.
        model: model configuration of the encoder's run.
        data: data configuration of the encoder's run.
        seed: seed of the probes.
        features: folder in which token features are stored.
        progress: whether progress is shown on standard error.
    """
    return Scorer(encoder, weights, model, data, seed=seed, features=features, progress=progress).score(benchmark)


def raw_pixels_protocol(benchmark: Benchmark) -> Protocol:
    """Return the protocol of the control ``raw_pixels`` on a benchmark.

    Args:
        benchmark: the benchmark with the protocol of its encoders.
    """
    return WIDE_RAW_PIXELS if benchmark.protocol.prefer_inside else RAW_PIXELS


def score_raw_pixels(benchmark: Benchmark, data: DataConfig, *, seed: int) -> Score:
    """Return the score of a linear probe on the principal components of whole clips, a control without an encoder.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
        seed: seed of the probe.
    """
    measurement = measurement_of(benchmark)
    if measurement.raw_pixels is not None:
        return measurement.raw_pixels(benchmark, data, seed)
    opened = [benchmark.open(data, name, progress=False) for name in SPLITS]
    components, selected = principal_components([split.clips for split in opened], max(RAW_COMPONENTS))
    best: Score | None = None
    highest = -1.0
    for count in RAW_COMPONENTS:  # more components overfit a few hundred clips and make the control too weak
        splits = [
            Split(part[:, None, -count:], torch.from_numpy(split.labels), example=split.example, unit=split.unit)
            for part, split in zip(components, opened, strict=True)
        ]
        score = probe(raw_pixels_protocol(benchmark), *splits, classes=benchmark.classes, seed=seed)
        if score.validation is not None and score.validation > highest:
            highest = score.validation
            best = replace(score, selected={**score.selected, "components": splits[0].tokens.shape[-1], **selected})
    assert best is not None
    return best


def score_majority(benchmark: Benchmark, data: DataConfig) -> Score:
    """Predict the most frequent class of the training clips for every test clip.

    Args:
        benchmark: the benchmark.
        data: settings with which clips are cut.
    """
    train, test = (benchmark.open(data, name, progress=False) for name in ("train", "test"))
    guess = int(np.bincount(train.labels, minlength=benchmark.classes).argmax())
    first = slice(None) if test.example is None else np.unique(test.example, return_index=True)[1]
    correct, train = test.labels[first] == guess, train.labels
    return Score(100 * float(correct.mean()), 100 * float((train == guess).mean()), correct, {"class": guess})


def _measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the score of one probe that is scored once."""
    return scorer.fitted(benchmark).score(scorer.split(benchmark, "test"))


MEASUREMENT = Measurement(measure=_measure, marks_each_clip=True, undisturbed=True)
OWN_CLIPS_MEASUREMENT = Measurement(
    measure=_measure, clip_sets=lambda benchmark: split_sets(benchmark, own_splits=True), marks_each_clip=True
)
"""Measurement of benchmarks whose clips no other benchmark shares."""
